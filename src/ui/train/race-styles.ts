import { css } from 'lit';

export const raceStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.2rem;
  }
  .acts,
  .axes {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem 1.2rem;
  }
  .axes button[aria-checked='true'] {
    font-weight: 600;
    text-decoration-color: var(--ink);
    text-decoration-thickness: 2px;
  }
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr));
    gap: 1rem;
  }
  .drop {
    display: contents;
  }
  .pictures[hidden] {
    display: none;
  }
  /* On a screen that lies there is no room for the chart. */
  @media (orientation: landscape) {
    :host([large]) :is(.axes, dot-chart) {
      display: none;
    }
  }
  /* Both paintings and the first map fill a hall's screen; the words say the rest. */
  :host([large]) .pictures {
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 10vw), 1fr));
  }
  :host([large]) .note:not([role='alert']) {
    display: none;
  }
  .pictures.dropping {
    outline: 2px dashed var(--now);
    outline-offset: 6px;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 0.8rem;
    padding-top: 0.3rem;
    font-size: var(--size-1);
    font-variant-numeric: tabular-nums;
  }
  figcaption span {
    color: var(--ink-2);
  }
  .said {
    display: grid;
    gap: 0.5rem;
  }
  .said p:first-child {
    font: 400 1.1875rem / 1.5 var(--text-face);
    max-width: 44rem;
  }
  .loads {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
    gap: 1rem 2rem;
  }
  .loads > div > svg {
    display: block;
    width: 100%;
    height: 4rem;
    border-bottom: 1px solid var(--rule-2);
  }
  .loads rect {
    fill: var(--load-1);
  }
  .experts {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem;
    padding-top: 0.4rem;
  }
  .experts button {
    min-height: 1.7rem;
    min-width: 1.9rem;
    padding: 0 0.3rem;
    font-size: var(--size-1);
  }
  .experts .off {
    text-decoration: line-through;
    color: var(--ink-2);
  }
  .chance {
    stroke: var(--now);
    stroke-width: 0.5;
    fill: none;
  }
`;
