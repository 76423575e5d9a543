import { css } from 'lit';

/** What the parts of the panel share. */
export const savesStyles = css`
  h2 {
    font: 500 var(--size-4) / 1.15 var(--text-face);
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  h3 {
    font: 600 var(--size-2) / 1.3 var(--figure-face);
    margin-bottom: 0.3rem;
  }
  h3 small {
    font-weight: 400;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .verdict {
    font: 400 1.0625rem / 1.5 var(--text-face);
    max-width: 44rem;
    text-wrap: pretty;
  }
  .verdict + .verdict {
    margin-top: 0.25rem;
  }
  .verdict:first-child {
    font: 500 var(--size-4) / 1.3 var(--text-face);
    letter-spacing: -0.01em;
    max-width: 34em;
    margin-bottom: 0.5rem;
  }
  /* Words for screen readers alone are placed in it, not in the page, which they would widen. */
  .wide {
    position: relative;
  }
  .action {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem 0.9rem;
  }
  .warning {
    color: var(--ink);
    font-weight: 600;
    font-size: var(--size-2);
    max-width: 46rem;
  }
  .failed {
    color: var(--fault);
    font-weight: 550;
  }
`;
