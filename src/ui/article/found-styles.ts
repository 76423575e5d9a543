/** Of parts that measure. */
import { css } from 'lit';

/** What it found as one large sentence, and what can be pressed in a row. */
export const foundStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.8rem;
  }
  .said {
    font: 500 var(--size-4) / 1.35 var(--text-face);
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem;
  }
`;

/** What it found as sentences to be read, one under the other. */
export const sentenceStyles = css`
  .found {
    font: 400 1.1875rem / 1.5 var(--text-face);
    font-variant-numeric: tabular-nums lining-nums;
    max-width: 46rem;
    text-wrap: pretty;
  }
  .found + .found {
    margin-top: 0.6rem;
  }
`;
