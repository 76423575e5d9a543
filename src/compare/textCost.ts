/** What a text has cost so far, computed from the shape of the model that writes it: one multiply-add a weight used. */

export interface ModelSize {
  readonly parameters: { readonly total: number; readonly active: number };
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

export type TextCost = Readonly<Record<'moe' | 'same-total' | 'same-active', number>>;

/**
 * Multiply-adds of a text: for the MoE as its routers chose, for a dense model of as many weights, and for one of as many
 * as the MoE uses for a token. Attention's scores over earlier tokens are the same in all three and not counted.
 * @param tokens run so far
 * @param assignments (token, expert) pairs so far, over all layers: layers · k · tokens unless somebody changed k
 */
export function textCost(size: ModelSize, tokens: number, assignments: number): TextCost {
  const { parameters, layers, experts, expertsPerToken } = size;
  const { total, active } = parameters;
  const idle = layers * (experts - expertsPerToken);
  const expert = idle > 0 ? (total - active) / idle : 0;
  const usual = layers * expertsPerToken * tokens;
  return {
    moe: active * tokens + expert * (assignments - usual),
    'same-total': total * tokens,
    'same-active': active * tokens,
  };
}
