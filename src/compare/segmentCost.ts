/** What one segment of a MoE block asks for in a step: its place on the roofline. */
import type { SegmentName } from './contract.ts';
import { type BlockShape, expectedExpertsTouched } from './costModel.ts';
import type { Work } from './limits.ts';

/**
 * FLOPs of the step (a multiply-add is two) and bytes read at least once: weights, and for `combine` the f32 outputs that
 * it sums. null for `plan`, which sorts and multiplies nothing.
 */
export function segmentCost(
  name: SegmentName,
  { width, expertHidden, experts, expertsPerToken, sharedHidden = 0 }: BlockShape,
  tokens: number,
  bytesPerWeight: number,
): Work | null {
  const matrix = width * expertHidden;
  const touched = expectedExpertsTouched(experts, expertsPerToken, tokens);
  const slots = tokens * expertsPerToken;
  switch (name) {
    case 'route':
      return { flops: 2 * width * experts * tokens, bytes: 4 * width * experts };
    case 'up':
      return { flops: 4 * matrix * slots, bytes: 2 * matrix * touched * bytesPerWeight };
    case 'down':
      return { flops: 2 * matrix * slots, bytes: matrix * touched * bytesPerWeight };
    case 'combine':
      return { flops: 2 * width * slots, bytes: 4 * width * (slots + tokens) };
    case 'shared':
      return { flops: 6 * width * sharedHidden * tokens, bytes: 3 * width * sharedHidden * bytesPerWeight };
    case 'plan':
      return null;
  }
}
