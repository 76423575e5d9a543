/** What a host page writes on the element and hears from it, as types. */
import type { EngineInfo, ModelInfo } from '../engine/types.ts';
import type { Variant } from '../state/page/variant.ts';

type Text = string | number;

/**
 * Attributes of `<moe-scope>`, each as one writes it in HTML.
 * @public
 */
export interface MoeScopeAttributes {
  variant?: Variant;
  reveal?: 'auto' | 'interaction';
  device?: 'auto' | 'cpu' | 'recorded';
  recording?: string;
  folder?: string;
  'worker-url'?: string;
  link?: string;
  model?: string;
  prompt?: string;
  temperature?: Text;
  'top-k'?: Text;
  'top-p'?: Text;
  seed?: Text;
  tokens?: Text;
  batch?: Text;
  until?: Text;
  pace?: string;
  write?: Text;
  off?: string;
  force?: string;
  bias?: string;
  k?: Text;
  route?: string;
  frozen?: string;
  other?: string;
  view?: string;
  layer?: Text;
  wall?: string;
  window?: Text;
  share?: string;
  order?: string;
  token?: Text;
  experts?: string;
  signs?: Text;
  open?: string;
  theme?: 'light' | 'dark' | 'contrast';
  hide?: string;
  train?: string;
}

/** One token of a text and what the router did with it. */
export interface MoeScopeToken {
  position: number;
  /** In the vocabulary of the model. */
  id: number;
  text: string;
  /** Of the prompt; it was not written by the model. */
  prompt: boolean;
  /** The chosen experts of each layer, most probable first. */
  experts: number[][];
  /** The factor that the output of each of them was combined with. */
  weights: number[][];
}

/** Events of `<moe-scope>`; all bubble. */
export interface MoeScopeEventMap {
  'moe-progress': CustomEvent<{ stage: string; done: number; total: number }>;
  'moe-ready': CustomEvent<{ device: EngineInfo; model: ModelInfo }>;
  'moe-step': CustomEvent<{ tokens: number; generated: number }>;
  'moe-token': CustomEvent<MoeScopeToken>;
  'moe-end': CustomEvent<{ tokens: number; generated: number; text: string }>;
  'moe-select': CustomEvent<{ token: number | null; experts: { layer: number; expert: number }[] }>;
  'moe-change': CustomEvent<{ link: string }>;
  'moe-device-change': CustomEvent<{ device: EngineInfo }>;
  'moe-error': CustomEvent<{ code: string; message: string; hint: string }>;
}
