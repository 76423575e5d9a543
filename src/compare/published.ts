/** Published mixture-of-experts models as plain data: shapes, routing rules, and where they are stated. */
import type { Activation } from '../reference/experts.ts';
import type { GateRule } from '../reference/gate.ts';

/** A gate rule, and what else the router has. */
export interface RoutingRule extends GateRule {
  /** Added to the logits themselves (gpt-oss). */
  readonly logitBias: boolean;
}

/** Attention as far as its parameters go. */
export type AttentionShape =
  | {
      readonly kind: 'grouped-query';
      readonly heads: number;
      readonly kvHeads: number;
      readonly headDim: number;
      /** q, k and v have biases; gpt-oss's output too. */
      readonly bias: 'none' | 'qkv' | 'qkvo';
    }
  | {
      /** Multi-head latent attention (DeepSeek-V2). qRank null: q is projected directly. */
      readonly kind: 'latent';
      readonly heads: number;
      readonly qRank: number | null;
      readonly kvRank: number;
      readonly nopeDim: number;
      readonly ropeDim: number;
      readonly valueDim: number;
    };

/** Where the numbers stand. */
export interface Source {
  /** What its makers wrote about it: a report, or a post where there is none; null where there is only the card. */
  readonly report: { readonly title: string; readonly url: string } | null;
  /** Page of the published weights; the config.json beside them has the shapes and the router's constants. */
  readonly card: string;
}

/** A published model's configuration. Names as in docs/architecture.md. */
export interface PublishedModel {
  readonly id: string;
  readonly name: string;
  readonly by: string;
  readonly source: Source;
  readonly width: number;
  readonly layers: number;
  /** Leading layers with a dense FFN of `denseHidden` units. */
  readonly denseLayers: number;
  readonly denseHidden: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertHidden: number;
  /** Always computed, beside the chosen: one FFN of `hidden` units in all; gated by a sigmoid of its own in Qwen1.5-MoE. */
  readonly shared: { readonly count: number; readonly hidden: number; readonly gated: boolean } | null;
  readonly routing: RoutingRule;
  readonly activation: Activation;
  /** The experts' matrices have biases (gpt-oss). */
  readonly expertBias: boolean;
  readonly vocabulary: number;
  readonly tied: boolean;
  /** Layers that mix tokens with attention, and those that do it with a short convolution (LFM2) instead. */
  readonly attention: AttentionShape;
  readonly convolution: { readonly layers: number; readonly kernel: number } | null;
  /** As its makers state them, in parameters. */
  readonly stated: { readonly total: number; readonly active: number };
}
