/** The MoE and its three baselines, named the same wherever they stand. */
import { css } from 'lit';
import type { BlockKind } from '../../compare/costModel.ts';
import type { QualityModel } from '../../worker/protocol.ts';
import type { Series } from '../chart/types.ts';
import { say } from './more-words.ts';

interface KindWords {
  readonly name: string;
  readonly meaning: string;
  /** How its series look in charts. */
  readonly look: Pick<Series, 'mark' | 'line' | 'accent'>;
}

export const KIND_WORDS: Record<BlockKind, KindWords> = {
  moe: {
    get name() {
      return say('moe');
    },
    meaning: 'routed, k of E experts',
    look: { mark: 'disc', line: 'solid', accent: true },
  },
  'same-active': {
    get name() {
      return say('same-active');
    },
    meaning: 'one FFN of k experts’ width',
    look: { mark: 'ring', line: 'dashed' },
  },
  'same-total': {
    get name() {
      return say('same-total');
    },
    meaning: 'one FFN of all experts’ width',
    look: { mark: 'square', line: 'dotted' },
  },
  'all-on': {
    get name() {
      return say('all-on');
    },
    meaning: 'every expert for every token',
    look: { mark: 'triangle', line: 'dashed' },
  },
};
export const KINDS = Object.keys(KIND_WORDS) as BlockKind[];

/** The shipped models, by what they are to each other. */
export const ROLES: Readonly<Record<QualityModel['role'], string>> = {
  moe: 'MoE',
  'dense-active': 'dense, same active',
  'dense-total': 'dense, same total',
};

export const ROLE_KINDS = {
  moe: 'moe',
  'dense-active': 'same-active',
  'dense-total': 'same-total',
} as const satisfies Record<QualityModel['role'], BlockKind>;

/*
 * In tiles. A repeating gradient is uneven in WebKit, and Firefox leaves most of its stripes out where a colour is given in
 * oklch. On a slant the tile holds two stripes, so that they meet those of the next.
 */
const HATCH = css`linear-gradient(135deg, var(--ink) 0 15%, transparent 15% 50%, var(--ink) 50% 65%, transparent 65% 100%) 0 0 / 6px 6px`;
/** Upright stripes. */
export const STRIPES = css`linear-gradient(90deg, var(--ink) 0 50%, transparent 50% 100%) 0 0 / 4px 100%`;

/** Bars of a baseline differ by pattern, not by colour. */
export const kindBars = css`
  .cell i {
    display: block;
    height: 8px;
    min-width: 2px;
    background: var(--ink);
  }
  .same-active i {
    background: var(--paper);
    border: 1.5px solid var(--ink);
  }
  .same-total i {
    background: ${HATCH};
    border: 1px solid var(--ink);
  }
  .all-on i {
    background: ${STRIPES};
  }
`;
