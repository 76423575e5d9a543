/**
 * What one FFN block costs, computed. FLOPs count a multiply-add as two.
 * SwiGLU expert: three matrices of D·H, so 6·D·H FLOPs per token and expert; the router adds 2·D·E.
 */

/** D, H, E, K of docs/architecture.md, and the hidden units of a shared expert, which every token passes. */
export interface BlockShape {
  readonly width: number;
  readonly expertHidden: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly sharedHidden?: number;
}

export const BLOCK_KINDS = ['moe', 'same-active', 'same-total', 'all-on'] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

export interface BlockCost {
  /** Per token. */
  readonly flops: number;
  /** Weights that have to be in memory. */
  readonly bytesHeld: number;
  /** Weights read in one step of `tokens` tokens. */
  readonly bytesRead: number;
}

/**
 * Experts touched by a step of N tokens when each token picks K of E at random: E·(1 − (1 − K/E)^N).
 * Real routing is uneven, which touches fewer.
 */
export function expectedExpertsTouched(experts: number, expertsPerToken: number, tokens: number): number {
  return experts * (1 - (1 - expertsPerToken / experts) ** tokens);
}

/**
 * A shared expert is as wide in the twins as in the MoE.
 * @param bytesPerWeight of the expert matrices; the router is f32.
 * @param touched experts that the step really touched, where that was counted.
 */
export function blockCost(
  kind: BlockKind,
  shape: BlockShape,
  tokens: number,
  bytesPerWeight: number,
  touched = expectedExpertsTouched(shape.experts, shape.expertsPerToken, tokens),
): BlockCost {
  const { width, expertHidden, experts, expertsPerToken, sharedHidden = 0 } = shape;
  const expert = 3 * width * expertHidden;
  const shared = 3 * width * sharedHidden;
  const router = width * experts;
  const cost = (computed: number, held: number, read: number, routed: boolean): BlockCost => ({
    flops: 2 * (expert * computed + shared) + (routed ? 2 * router : 0),
    bytesHeld: (expert * held + shared) * bytesPerWeight + (routed ? 4 * router : 0),
    bytesRead: (expert * read + shared) * bytesPerWeight + (routed ? 4 * router : 0),
  });
  switch (kind) {
    case 'moe':
      return cost(expertsPerToken, experts, touched, true);
    case 'same-active':
      return cost(expertsPerToken, expertsPerToken, expertsPerToken, false);
    case 'same-total':
      return cost(experts, experts, experts, false);
    case 'all-on':
      return cost(experts, experts, experts, true);
  }
}
