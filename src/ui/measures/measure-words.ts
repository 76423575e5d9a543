/** Each measure in words: what it is called, how it is defined, what its ends mean, where it comes from. */
import { html, type TemplateResult } from 'lit';
import type { MeasureName } from '../../state/measures/names.ts';
import { FREQUENT } from '../../state/measures/running.ts';
import { percent } from '../kit/format.ts';

export interface MeasureWords {
  readonly name: MeasureName;
  readonly title: string;
  readonly formula: TemplateResult;
  readonly meaning: string;
  /** What stands beside the value: what blind choice gives, or what perfectly even use (or probabilities) would give. */
  readonly level: 'chance' | 'even';
  readonly levelWords: string;
  readonly source: string;
  readonly print: (value: number) => string;
}

const plain = (value: number) => value.toFixed(3);
const share = (value: number) => percent(value, 1);

export const MEASURE_GROUPS: readonly { readonly title: string; readonly measures: readonly MeasureWords[] }[] = [
  {
    title: 'How evenly the experts are used',
    measures: [
      {
        name: 'loadEntropy',
        title: 'Load entropy',
        formula: html`<i>H</i>(<i>n</i> / Σ<i>n</i>) / ln <i>E</i>`,
        meaning: 'n[e] counts the tokens that chose expert e. 1: all used alike; 0: one takes everything.',
        level: 'even',
        levelWords: 'even use gives 1',
        source: 'ST-MoE (2202.08906), table 14, there in nats',
        print: plain,
      },
      {
        name: 'variation',
        title: 'Coefficient of variation',
        formula: html`std(<i>n</i>) / mean(<i>n</i>)`,
        meaning: '0: even. The standard deviation is that of the whole layer.',
        level: 'chance',
        levelWords: 'blind choice gives √((E − k)/(k·T)) after T tokens, even on average',
        source: 'Shazeer et al. (1701.06538)',
        print: plain,
      },
      {
        name: 'violation',
        title: 'MaxVio',
        formula: html`(max <i>n</i> − mean <i>n</i>) / mean <i>n</i>`,
        meaning: '0: even; 1: the busiest expert has twice its part. Over this text, not over a validation set.',
        level: 'even',
        levelWords: 'even use gives 0',
        source: 'Loss-Free Balancing (2408.15664), eq. 4',
        print: plain,
      },
      {
        name: 'balanceLoss',
        title: 'Load-balance loss',
        formula: html`<i>E</i> · Σ <i>f</i>[<i>e</i>] · <i>P</i>[<i>e</i>]`,
        meaning:
          'f: share of assignments, which sums to 1; P: mean router probability. With f as a share of tokens (OLMoE) all of it would be k times as large.',
        level: 'even',
        levelWords: 'even use, or even probabilities, give 1',
        source: 'Switch (2101.03961), without its weight',
        print: plain,
      },
      {
        name: 'untouched',
        title: 'Experts untouched',
        formula: html`#{<i>e</i> : <i>n</i>[<i>e</i>] = 0} / <i>E</i>`,
        meaning: 'The share of the layer’s experts that no token of this text has chosen.',
        level: 'chance',
        levelWords: 'blind choice leaves (1 − k/E)^T',
        source: 'counted; the chance follows from k of E, T times',
        print: share,
      },
    ],
  },
  {
    title: 'How surely the router chooses',
    measures: [
      {
        name: 'routerEntropy',
        title: 'Router entropy',
        formula: html`mean over tokens of <i>H</i>(<i>p</i>) / ln <i>E</i>`,
        meaning: 'p: the softmax of one token. 1: undecided; 0: certain. Not the entropy of the load.',
        level: 'even',
        levelWords: 'equal probabilities give 1',
        source: 'Shannon, per token',
        print: plain,
      },
      {
        name: 'margin',
        title: 'Selection margin',
        formula: html`mean of <i>p</i>(<i>k</i>) − <i>p</i>(<i>k</i> + 1)`,
        meaning: 'How far the last expert taken was ahead of the first left out. The underline of the text shows it.',
        level: 'even',
        levelWords: 'a tie gives 0',
        source: 'probabilities sorted, most first',
        print: plain,
      },
    ],
  },
  {
    title: 'What the choice follows',
    measures: [
      {
        name: 'repeatTop',
        title: 'First expert repeated',
        formula: html`share of <i>t</i> with top(<i>t</i>) = top(<i>t</i> − 1)`,
        meaning: 'How often a token’s first expert is the first of the token before it.',
        level: 'chance',
        levelWords: '1/E',
        source: 'Mixtral (2401.04088), table 5',
        print: share,
      },
      {
        name: 'repeatAny',
        title: 'Any expert repeated',
        formula: html`share of <i>t</i> with <i>S</i>(<i>t</i>) ∩ <i>S</i>(<i>t</i> − 1) ≠ ∅`,
        meaning: 'S: the k experts of a token.',
        level: 'chance',
        levelWords: '1 − C(E − k, k)/C(E, k)',
        source: 'Mixtral (2401.04088), table 5',
        print: share,
      },
      {
        name: 'inputVocabulary',
        title: 'Vocabulary, input',
        formula: html`mean over <i>x</i> of max<sub><i>i</i></sub> <i>N</i>[<i>x</i>, <i>i</i>] / <i>N</i>[<i>x</i>]`,
        meaning: `x: token ids that came at least ${FREQUENT} times. N[x] counts all k routings of each, so no share exceeds 1/k. Rare ids inflate it.`,
        level: 'chance',
        levelWords: '1/E for an id that comes often',
        source: 'OLMoE (2409.02060), eq. 8',
        print: share,
      },
      {
        name: 'predictedVocabulary',
        title: 'Vocabulary, predicted',
        formula: html`the same, <i>x</i> the likeliest next token`,
        meaning: `By its text, where the model was asked for one and at least ${FREQUENT} times.`,
        level: 'chance',
        levelWords: '1/E for one that comes often',
        source: 'OLMoE (2409.02060), eq. 8, predicted variant',
        print: share,
      },
    ],
  },
];
