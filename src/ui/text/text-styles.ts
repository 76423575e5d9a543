import { css } from 'lit';

/** How the text as a whole is set. */
export const textStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    position: relative;
  }
  .text {
    flex: 1;
    min-height: 0;
    contain: layout paint style;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--rule-2) transparent;
    padding: 0.25rem 0.75rem 1.25rem 0;
    font: 400 1.25rem / 2.05 var(--text-face);
    max-width: 42rem;
  }
  /* The line that is cut at the top fades, so that nobody reads half of it. */
  .text[data-scrolled] {
    mask-image: linear-gradient(transparent, #000 1.75rem);
  }
  .flow {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    tab-size: 2;
    transition: opacity 300ms;
  }
  .flow[data-code] {
    font-family: var(--code-face);
    font-size: 0.85em;
    line-height: 2.3;
  }
  /* What is scrolled out of sight is not painted. The padding keeps room for the numbers of the last line. */
  .block:not(:last-child) {
    content-visibility: auto;
    contain-intrinsic-height: auto 20rem;
    padding-bottom: 9px;
    margin-bottom: -9px;
  }
  .block s {
    display: inline-block;
    width: 0;
    overflow: hidden;
    height: 1em;
    vertical-align: bottom;
  }
  .giving-way .flow {
    opacity: 0.3;
  }
  .legend:has(+ .handover) {
    visibility: hidden;
  }
  .handover {
    position: absolute;
    inset: auto 1rem 0.6rem 0;
    font: 500 var(--size-4) / 1.2 var(--text-face);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 1rem;
    min-height: 1.5em;
    padding-top: 0.35rem;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  @media (max-width: 46rem) {
    .text {
      padding: 0 0.5rem 0.7rem 0;
      font-size: 1.2rem;
      line-height: 1.95;
    }
    .legend {
      padding-top: 0.2rem;
      line-height: 1.35;
      justify-content: flex-start;
      gap: 0 0.7rem;
    }
  }
  @media (pointer: coarse) {
    @media (max-width: 46rem) {
      .legend button {
        margin-block: -0.9rem;
      }
    }
  }
  .lead {
    display: inline-block;
    min-width: 1.4em;
    text-align: center;
    line-height: 1.15;
    border-bottom: var(--line) solid var(--rule-2);
  }
  /* The text begins in its place: nothing moves when it comes. */
  .empty {
    position: absolute;
    line-height: 2;
    color: var(--ink-2);
    max-width: 26em;
  }
  .empty + .flow {
    visibility: hidden;
  }
  /* On paper nothing scrolls: all of the text stands there. */
  @media print {
    .text {
      overflow: visible;
      max-width: none;
      mask-image: none;
    }
    .block:not(:last-child) {
      content-visibility: visible;
    }
    .legend button {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .flow {
      transition: none;
    }
  }
`;
