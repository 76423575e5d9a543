import { css } from 'lit';

/** The wall: rows of layers beside the canvas, the legend below. */
export const wallStyles = css`
  :host {
    display: grid;
    grid-template-columns: auto 1fr;
    grid-template-rows: minmax(var(--wall-least, 9rem), 1fr) auto;
    gap: 0 0.6rem;
    min-height: 0;
  }
  .layers {
    display: grid;
    grid-auto-rows: minmax(0, 1fr);
    padding-top: 1.375rem;
  }
  .layers button {
    min-height: 0;
    justify-content: flex-end;
    padding: 0 0.45rem 0 0.3rem;
    border: 0;
    border-right: 3px solid transparent;
    border-radius: 0;
    color: var(--ink-2);
    font-size: var(--size-1);
  }
  @media (pointer: coarse) {
    /* A finger's width reaches into the page's margin. A model of many layers keeps rows of 24 px. */
    .layers {
      margin-left: calc(-1 * var(--bleed, 0px));
    }
    .layers button {
      min-width: var(--touch);
      min-height: 24px;
    }
  }
  .layers button[aria-checked='true'] {
    color: var(--ink);
    font-weight: 650;
    border-right-color: var(--ink);
  }
  .frame {
    position: relative;
    min-width: 0;
    min-height: 9rem;
    contain: layout style;
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    cursor: pointer;
    touch-action: manipulation;
  }
  .key {
    position: absolute;
    min-height: 0;
    padding: 0;
    border: 0;
    background: none;
    pointer-events: none;
  }
  .key:focus-visible {
    outline-width: 3px;
  }
  .below {
    grid-column: 1 / -1;
    padding-top: 0.35rem;
    font-size: var(--size-1);
  }
  /* Keeps its room, so that nothing moves when a cell is looked at. */
  .told {
    display: flex;
    flex-wrap: wrap;
    gap: 0 1rem;
    min-height: 1.45em;
    padding-top: 0.2rem;
    color: var(--ink-2);
  }
  .actions {
    display: flex;
    gap: 1rem;
  }
  .told strong {
    color: var(--ink);
    font-weight: 600;
  }
  @media (max-width: 46rem) {
    .layer-word {
      display: none;
    }
    .below {
      padding-top: 0.2rem;
    }
    /* Two lines of it. */
    .told {
      min-height: 2.9em;
    }
  }
`;
