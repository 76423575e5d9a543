/** Published mixture-of-experts models as plain data: shapes, routing rules, and where they are stated. */

/** How a published model's router scores, chooses and weighs. */
export interface RoutingRule {
  /** chosen: softmax over the logits of the chosen alone. */
  readonly gate: 'softmax' | 'sigmoid' | 'chosen';
  /** Added to the scores for choosing, never for weighing (DeepSeek-V3's auxiliary-loss-free balancing). */
  readonly selectionBias: boolean;
  /** Added to the logits themselves (gpt-oss). */
  readonly logitBias: boolean;
  /** Experts are chosen from the `kept` best of `count` groups alone, by the group's best score or its best two's sum. */
  readonly groups: { readonly count: number; readonly kept: number; readonly by: 'max' | 'top2' } | null;
  /** Weights are divided by their sum. */
  readonly normalise: boolean;
  /** Then multiplied by this. */
  readonly scale: number;
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

/** A published model's configuration. Names as in docs/architecture.md. */
export interface PublishedModel {
  readonly id: string;
  readonly name: string;
  readonly by: string;
  /** Where the numbers stand: the paper's arXiv id where there is one, and the model card whose config.json has them. */
  readonly source: { readonly arxiv: string | null; readonly card: string };
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
  /** clamped: gpt-oss's SwiGLU. */
  readonly activation: 'swiglu' | 'clamped';
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
