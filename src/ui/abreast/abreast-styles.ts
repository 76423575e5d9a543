import { css } from 'lit';

/** Columns that keep their names, their figures and their texts level. */
export const abreastStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.2rem;
  }
  .ask {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0.4rem 0.8rem;
  }
  .ask input {
    font: 400 1.0625rem / 1.4 var(--text-face);
    min-height: var(--touch);
  }
  .act {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3rem 1rem;
    grid-column: 1 / -1;
    min-height: 1.6rem;
  }
  .failed {
    color: var(--fault);
    font-weight: 550;
  }
  .lanes {
    display: grid;
    grid-template: auto auto 1fr / repeat(auto-fit, minmax(0, 1fr));
    grid-auto-flow: column;
    gap: 0 2.2rem;
  }
  .lane {
    display: grid;
    grid-row: span 3;
    grid-template-rows: subgrid;
    align-content: start;
    border-top: 2px solid var(--ink);
    padding-top: 0.5rem;
  }
  .lane.moe {
    border-top-color: var(--now);
  }
  h4 {
    margin: 0;
    font: 600 var(--size-3) / 1.3 var(--figure-face);
  }
  h4::first-letter {
    text-transform: uppercase;
  }
  .who {
    font-size: var(--size-1);
    line-height: 1.4;
    color: var(--ink-2);
  }
  .who strong {
    display: block;
    font-weight: 550;
    color: var(--ink);
  }
  dl {
    display: grid;
    gap: 0.1rem;
    margin: 0.7rem 0;
  }
  dl > div {
    display: grid;
    grid-template-columns: 6.6rem minmax(0, 1fr);
    align-items: center;
    gap: 0.7rem;
    min-height: 1.6rem;
  }
  dt {
    font-size: var(--size-1);
    line-height: 1.2;
    color: var(--ink-2);
  }
  dd {
    margin: 0;
    text-align: right;
    white-space: nowrap;
    font-size: var(--size-3);
    font-variant-numeric: tabular-nums lining-nums;
  }
  /* The figures are as wide in all of them, so that equal bars are equally long. */
  dd.cell {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 5.2rem;
    align-items: center;
    gap: 0.7rem;
  }
  dd small {
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .moe .cell i {
    background: var(--now);
  }
  .text {
    font: 400 1.0625rem / 1.5 var(--text-face);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .running .text {
    /* Room for what is about to be written, so that the page below does not move. */
    min-height: 21em;
  }
  .text .asked {
    color: var(--ink-2);
  }
  .text .ended {
    display: block;
    margin: 0.4rem 0;
    font: 400 var(--size-1) / 1.3 var(--figure-face);
    color: var(--ink-2);
    white-space: normal;
  }
  .warning {
    color: var(--ink);
    font-weight: 550;
  }
  @media (max-width: 46rem) {
    .lanes {
      grid-template: none / minmax(0, 1fr);
      grid-auto-flow: row;
      gap: 1.6rem;
    }
    .ask {
      grid-template-columns: minmax(0, 1fr);
    }
    .lane {
      grid-row: auto;
      grid-template-rows: none;
    }
    .running .text {
      min-height: 18em;
    }
  }
`;
