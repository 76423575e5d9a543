/** How a file wants RoPE's angles to be made for more positions than the model was trained on, as llama.cpp reads it. */
import type { RopeScaling } from '../reference/rope.ts';
import { ARCHITECTURES } from './architectures.ts';
import { UserError } from './errors.ts';
import type { Metadata } from './metadata.ts';
import type { Architecture } from './types.ts';

/** 1 + 0.1·weight·ln(factor): what attention is sharpened by (YaRN, arXiv:2309.00071). */
const sharpness = (factor: number, weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);

/** The scaling, and a factor on q·k that comes with it. @throws UserError */
export function readRopeScaling(
  metadata: Metadata,
  arch: Architecture,
): { scaling: RopeScaling | null; attention: number } {
  const key = (name: string) => `${arch}.rope.scaling.${name}`;
  const type = metadata.string(key('type'), 'linear');
  const asked = metadata.number(key('factor'), metadata.number(`${arch}.rope.scale_linear`, 0));
  const factor = asked === 0 ? 1 : asked;
  const refuse = (what: string) =>
    new UserError('unsupported-model', `This ${arch} model uses ${what}, which is not supported.`);
  if (!(factor > 0)) throw new UserError('bad-file', `The file contradicts itself: RoPE scaled by ${factor}.`);
  const known = ['none', 'linear', 'yarn', ...(ARCHITECTURES[arch].ropeFactors === 'by length' ? ['longrope'] : [])];
  if (!known.includes(type)) throw refuse('a RoPE that is scaled in another way');
  const magnitude = metadata.number(key('attn_factor'), 1);
  const multiplier = metadata.number(key('yarn_log_multiplier'), 0);
  if (type !== 'yarn') {
    const plain = { kind: 'linear', factor: type === 'linear' ? factor : 1, magnitude } as const;
    return { scaling: plain.factor === 1 && magnitude === 1 ? null : plain, attention: 1 };
  }
  if (multiplier !== 0 && !ARCHITECTURES[arch].latent) throw refuse('a RoPE that is scaled in another way');
  const original = metadata.whole(key('original_context_length'), metadata.whole(`${arch}.context_length`));
  // DeepSeek sharpens q·k itself, once for the queries and once for the keys.
  const own = multiplier !== 0;
  return {
    scaling: { kind: 'yarn', factor, original, magnitude: magnitude * (own ? 1 : sharpness(factor, 1)) },
    attention: own ? sharpness(factor, multiplier / 0.1) ** 2 : 1,
  };
}
