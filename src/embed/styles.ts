/**
 * The element's own box. Nothing of the host page's text setting comes in but typeface and colours; nothing inside is wide by
 * itself, so the strut says how wide the element would like to be where its place does not say it.
 */
export const elementCss = `
  :host {
    display: block;
    --moe-unit: var(--moe-size, max(1em, 14px));
  }
  :host([hidden]) {
    display: none;
  }
  .moe-base {
    all: initial;
    display: block;
    box-sizing: border-box;
    visibility: inherit;
    pointer-events: inherit;
    direction: ltr;
    unicode-bidi: isolate;
    color: var(--ink);
    font: 400 var(--size-2) / 1.45 var(--figure-face);
    font-variant-numeric: tabular-nums lining-nums;
  }
  /* No room of its own: what stands around does not move. */
  .moe-base.painted {
    background: var(--paper);
    box-shadow: 0 0 0 0.5rem var(--paper);
  }
  /* Its transitions tell that something inherited has changed. */
  .probe {
    position: absolute;
    visibility: hidden;
    transition: color 1ms;
    transition:
      color 1ms,
      font-family 1ms allow-discrete,
      --moe-ink 1ms allow-discrete,
      --moe-paper 1ms allow-discrete,
      --moe-accent 1ms allow-discrete,
      --moe-font 1ms allow-discrete;
  }
  .strut {
    display: flex;
    flex-wrap: wrap;
    height: 0;
    overflow: hidden;
    visibility: hidden;
  }
  .strut i {
    flex: 0 0 16rem;
  }
  svg {
    display: block;
    width: 100%;
    max-width: 48rem;
    margin-bottom: 0.6rem;
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
