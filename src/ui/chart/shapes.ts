/** The signs that points wear, drawn round 0 0. */
import { svg } from 'lit';
import type { Mark } from './types.ts';

const PATHS: Record<Exclude<Mark, 'disc' | 'ring'>, string> = {
  square: 'M-.9-.9H.9V.9H-.9Z',
  diamond: 'M0-1.3L1.3 0L0 1.3L-1.3 0Z',
  triangle: 'M0-1.25L1.2.9H-1.2Z',
  cross: 'M-.9-.9L.9.9M-.9.9L.9-.9',
};

/** @param r half its width, in pixels. */
export function shape(mark: Mark, r: number) {
  if (mark === 'disc' || mark === 'ring') return svg`<circle class="sign ${mark}" r=${r}></circle>`;
  return svg`<path class="sign ${mark}" d=${PATHS[mark]} transform=${`scale(${r})`} vector-effect="non-scaling-stroke"></path>`;
}

const DASHES = { solid: 'none', dashed: '7 4', dotted: '2 3.5' } as const;

export const dashes = (line: keyof typeof DASHES): string => DASHES[line];
