import presets from './presets.json' with { type: 'json' };

/** One beginning for each domain the shipped model was trained on; `kind` is its name. training/repeats.py reads them as well. */
export interface Preset {
  readonly domain: string;
  readonly kind: string;
  readonly prompt: string;
}

export const PRESETS: readonly Preset[] = presets;
