/** What a canvas shows, for whoever wants it drawn on something else. */

/** As much of a canvas's context as is drawn with by what can leave the page. */
export type Brush = Pick<
  CanvasRenderingContext2D,
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
  | 'fillRect'
  | 'strokeRect'
  | 'fillText'
  | 'measureText'
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'rect'
  | 'clip'
  | 'fill'
  | 'moveTo'
  | 'lineTo'
  | 'stroke'
>;

const drawings = new WeakMap<HTMLCanvasElement, (brush: Brush) => void>();

/** @param draw what the canvas shows, in its CSS pixels */
export const drawnBy = (canvas: HTMLCanvasElement, draw: (brush: Brush) => void): void =>
  void drawings.set(canvas, draw);

/** null where only the canvas itself knows. */
export const drawingOf = (canvas: HTMLCanvasElement): ((brush: Brush) => void) | null => drawings.get(canvas) ?? null;
