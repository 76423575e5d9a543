/** The MoE and its three baselines, named the same wherever they stand. */
import { css } from 'lit';
import type { BlockKind } from '../compare/costModel.ts';
import type { QualityModel } from '../worker/protocol.ts';
import type { Series } from './chart/types.ts';

interface KindWords {
  readonly name: string;
  readonly meaning: string;
  /** How its series look in charts. */
  readonly look: Pick<Series, 'mark' | 'line' | 'accent'>;
}

export const KIND_WORDS: Record<BlockKind, KindWords> = {
  moe: {
    name: 'This MoE',
    meaning: 'routed, k of E experts',
    look: { mark: 'disc', line: 'solid', accent: true },
  },
  'same-active': {
    name: 'Dense, same active',
    meaning: 'one FFN of k experts’ width',
    look: { mark: 'ring', line: 'dashed' },
  },
  'same-total': {
    name: 'Dense, same total',
    meaning: 'one FFN of all experts’ width',
    look: { mark: 'square', line: 'dotted' },
  },
  'all-on': {
    name: 'The MoE, all on',
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
    background: repeating-linear-gradient(135deg, var(--ink) 0 1.5px, transparent 1.5px 4px);
    border: 1px solid var(--ink);
  }
  .all-on i {
    background: repeating-linear-gradient(90deg, var(--ink) 0 2px, transparent 2px 4px);
  }
`;
