/** What a chart is given: data in its own units, never pixels. */

/** Where values grow by factors, `log` has ticks at 1, 2, 5 and 10, `log2` at powers of two. */
export type ScaleKind = 'linear' | 'log' | 'log2';

/** How the points of a series look, so that nobody needs to tell colours apart. */
export type Mark = 'disc' | 'ring' | 'square' | 'diamond' | 'triangle' | 'cross';

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Half the length of the error bar, in units of y. */
  readonly spread?: number;
  /** The same along x. */
  readonly xSpread?: number;
  /** Stands beside the point where there is room, and in the table. */
  readonly label?: string;
  /** What the chart is about: where labels would touch, the others give way. */
  readonly main?: boolean;
}

export interface Series {
  readonly name: string;
  readonly points: readonly ChartPoint[];
  readonly mark: Mark;
  /** Joins the points, which then wear the series' name at their end. */
  readonly line?: 'solid' | 'dashed' | 'dotted';
  /** In the page's one accent; for the series that the chart is about. */
  readonly accent?: boolean;
}

/** A vertical line with words, as where two curves cross. */
export interface VerticalMark {
  readonly x: number;
  readonly words: string;
}

/** A line that nothing passes, as the roof of a roofline. */
export interface LimitLine {
  readonly words: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Its words stand below its middle, instead of above. */
  readonly below?: boolean;
}
