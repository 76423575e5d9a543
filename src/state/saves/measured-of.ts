/** A measurement that belongs to one thing: what was found of another is not shown for it. */
import { type Measure, Measured } from './measure.ts';

export class MeasuredOf<T> extends Measured<T> {
  private of: unknown = null;

  /** As far as it is of this. */
  known(of: unknown): Measure<T> {
    const now = this.get();
    return now.state === 'running' || of === this.of ? now : { state: 'none' };
  }

  /** The next one is of this. What was found of another would come back if that one were cancelled. */
  turnTo(of: unknown): void {
    if (of === this.of) return;
    this.of = of;
    this.forget();
  }
}
