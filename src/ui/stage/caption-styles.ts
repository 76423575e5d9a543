import { css } from 'lit';

/** The band under the page that says what the scene is about, and the light on the part it speaks of. */
export const captionStyles = css`
  .band {
    position: fixed;
    inset: auto 0 0 0;
    z-index: 6;
    display: grid;
    gap: 0.35rem;
    padding: 0.8rem 2rem calc(0.6rem + env(safe-area-inset-bottom));
    background: var(--paper);
    border-top: 2px solid var(--ink);
  }
  h2 {
    font: 500 2.5rem / 1.1 var(--text-face);
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  h2:focus-visible {
    outline: 0;
  }
  .text {
    font: 400 1.7rem / 1.25 var(--text-face);
    max-width: 72rem;
    text-wrap: pretty;
  }
  .light {
    position: fixed;
    z-index: 4;
    border: 3px solid var(--now);
    border-radius: var(--radius);
    pointer-events: none;
  }
  .light.alone {
    box-shadow: 0 0 0 200vmax color-mix(in oklch, var(--paper) 78%, transparent);
  }
  @media (max-width: 46rem) {
    .band {
      padding: 0.6rem 1rem calc(0.5rem + env(safe-area-inset-bottom));
      max-height: 55dvh;
      overflow: auto;
    }
    h2 {
      font-size: var(--size-4);
    }
    .text {
      font-size: 1.0625rem;
    }
  }
`;
