/** The CPU engine with less than float64 between its steps: what that costs is measured against the engine as it is. */
export interface Precision {
  /** What is kept of activations between two steps; sums stay in float64. */
  readonly activations?: 'f32';
  /** What is kept of keys and values. */
  readonly cache?: 'f16';
}

/** Rounds in place. */
export type Kept = (values: Float64Array) => Float64Array;

export const keptBy =
  ({ activations }: Precision): Kept =>
  (values) => {
    if (activations) values.set(Float32Array.from(values));
    return values;
  };
