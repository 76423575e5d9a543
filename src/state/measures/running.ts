/** All measures of a text, layer by layer, kept up as it grows: O(L·E) a token, however long the text is. */
import type { TraceStore } from '../text/trace-store.ts';
import {
  coefficientByChance,
  coefficientOfVariation,
  loadBalanceLoss,
  loadEntropy,
  maxViolation,
  untouchedShare,
} from './load.ts';
import type { MeasureName } from './names.ts';
import { sharesAny, sharesAnyByChance } from './repetition.ts';
import { routerEntropy, selectionMargin } from './router.ts';
import { Vocabulary } from './specialisation.ts';

/** An id has to come this often before its expert says anything about it. */
export const FREQUENT = 4;

/** A measure in one layer, and what it would be by chance. */
export interface Reading {
  readonly value: number;
  readonly chance: number;
}

/** Sums over the tokens of one layer. */
class Layer {
  readonly load: Uint32Array;
  readonly probabilities: Float64Array;
  readonly inputs: Vocabulary;
  readonly predictions: Vocabulary;
  tokens = 0;
  /** Σ k and Σ k² over the tokens. */
  chosen = 0;
  squares = 0;
  /** Tokens whose probabilities are known. */
  routed = 0;
  entropy = 0;
  margin = 0;
  pairs = 0;
  repeatTop = 0;
  repeatAny = 0;
  repeatChance = 0;
  /** Π (1 − k/E): (1 − k/E)^T for T tokens of equal k. */
  untouchedChance = 1;
  last: number[] = [];

  constructor(readonly experts: number) {
    this.load = new Uint32Array(experts);
    this.probabilities = new Float64Array(experts);
    this.inputs = new Vocabulary(experts, FREQUENT);
    this.predictions = new Vocabulary(experts, FREQUENT);
  }
}

export class RunningMeasures {
  /** Tokens that are counted. */
  count = 0;
  private readonly layers: readonly Layer[];

  constructor(readonly trace: TraceStore) {
    const { layers, experts } = trace.shape;
    this.layers = Array.from({ length: layers }, () => new Layer(experts));
  }

  /** Counts what the trace holds more, for at most so many milliseconds; false when some is left. */
  catchUp(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    while (this.count < this.trace.count) {
      this.add(this.count++);
      if (performance.now() > end) break;
    }
    return this.count >= this.trace.count;
  }

  read(name: MeasureName, layer: number): Reading {
    const of = this.layers[layer];
    const { experts } = of;
    const mean = (sum: number, count: number) => (count ? sum / count : Number.NaN);
    switch (name) {
      case 'loadEntropy':
        return { value: loadEntropy(of.load), chance: 1 };
      case 'routerEntropy':
        return { value: mean(of.entropy, of.routed), chance: 1 };
      case 'margin':
        return { value: mean(of.margin, of.routed), chance: 0 };
      case 'variation':
        return { value: coefficientOfVariation(of.load), chance: coefficientByChance(experts, of.chosen, of.squares) };
      case 'violation':
        return { value: maxViolation(of.load), chance: 0 };
      case 'balanceLoss':
        return { value: of.routed ? loadBalanceLoss(of.load, of.probabilities, of.routed) : Number.NaN, chance: 1 };
      case 'untouched':
        return { value: untouchedShare(of.load), chance: of.untouchedChance };
      case 'repeatTop':
        return { value: mean(of.repeatTop, of.pairs), chance: 1 / experts };
      case 'repeatAny':
        return { value: mean(of.repeatAny, of.pairs), chance: mean(of.repeatChance, of.pairs) };
      case 'inputVocabulary':
        return { value: of.inputs.frequent ? of.inputs.mean : Number.NaN, chance: 1 / experts };
      case 'predictedVocabulary':
        return { value: of.predictions.frequent ? of.predictions.mean : Number.NaN, chance: 1 / experts };
    }
  }

  private add(at: number): void {
    const { trace } = this;
    // The likeliest next token, by its text: drawn or not, and only where the model was asked.
    const predicted = trace.candidates[at]?.[0]?.text;
    for (const [layer, of] of this.layers.entries()) {
      const chosen = Array.from({ length: trace.chosen(at, layer) }, (_, rank) => trace.expert(at, layer, rank));
      for (const expert of chosen) of.load[expert]++;
      of.tokens++;
      of.chosen += chosen.length;
      of.squares += chosen.length ** 2;
      of.untouchedChance *= 1 - chosen.length / of.experts;
      of.inputs.add(trace.ids[at], chosen);
      if (predicted !== undefined) of.predictions.add(predicted, chosen);
      const router = trace.router(at, layer);
      if (router) {
        for (let e = 0; e < of.experts; e++) of.probabilities[e] += router[e];
        of.entropy += routerEntropy(router);
        of.margin += selectionMargin(router, chosen.length);
        of.routed++;
      }
      if (of.tokens > 1) {
        of.pairs++;
        if (of.last[0] === chosen[0]) of.repeatTop++;
        if (sharesAny(of.last, chosen)) of.repeatAny++;
        of.repeatChance += sharesAnyByChance(of.experts, of.last.length, chosen.length);
      }
      of.last = chosen;
    }
  }
}
