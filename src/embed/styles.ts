/** The element's own box. Nothing of the host page's text setting comes in but typeface and colours. */
export const elementCss = `
  :host {
    display: block;
  }
  :host([hidden]) {
    display: none;
  }
  .moe-base {
    box-sizing: border-box;
    color: var(--ink);
    font: 400 var(--size-2) / 1.45 var(--figure-face);
    font-variant-numeric: tabular-nums lining-nums;
    letter-spacing: normal;
    word-spacing: normal;
    text-align: start;
    text-indent: 0;
    text-transform: none;
    white-space: normal;
    overflow-wrap: normal;
    cursor: auto;
  }
  button {
    font: inherit;
    color: var(--paper);
    background: var(--ink);
    border: 1px solid var(--ink);
    border-radius: var(--radius);
    min-height: 2.125rem;
    padding: 0 0.8rem;
    cursor: pointer;
  }
  button:focus-visible {
    outline: 2px solid var(--now);
    outline-offset: 2px;
  }
`;
