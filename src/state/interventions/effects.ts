/** What the interventions in force change, once somebody has had it measured. */

import type { Intervention } from '../../engine/interventions.ts';
import type { DomainLoss, Rewritten, TextEffect } from '../../worker/protocol.ts';
import { Measured } from '../saves/measure.ts';
import type { Diff } from './diff.ts';

/** What was measured, and of which list. */
export interface Effect<T> {
  readonly of: readonly Intervention[];
  readonly device: string;
  readonly found: T;
}

export interface SecondText {
  readonly without: Rewritten;
  readonly under: Rewritten;
  /** Of what was written, the prompt left out. */
  readonly diff: Diff;
  readonly seed: number;
}

export class Effects {
  readonly text = new Measured<Effect<TextEffect>>();
  readonly loss = new Measured<Effect<readonly DomainLoss[]>>();
  readonly second = new Measured<Effect<SecondText>>();

  /** Figures of another text say nothing about this one. */
  forgetText(): void {
    for (const each of [this.text, this.second]) each.forget();
  }

  /** Nor do those of another model. */
  forget(): void {
    this.forgetText();
    this.loss.forget();
  }
}
