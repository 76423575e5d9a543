import { css } from 'lit';

/** How the page of one expert is set: a heading line, a sentence, four lists side by side where there is room. */
export const expertPageStyles = css`
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 1rem;
  }
  .head h2 {
    font: 500 1.25rem / 1.3 var(--text-face);
  }
  .name input {
    width: 11rem;
    padding: 0 0.1rem;
    border: 0;
    border-bottom: 1px solid var(--rule-2);
    border-radius: 0;
    background: none;
    font: italic 400 1rem / 1.5 var(--text-face);
  }
  .name input::placeholder {
    color: var(--ink-2);
    opacity: 1;
  }
  .acts {
    display: flex;
    gap: 1rem;
    margin-left: auto;
    font-size: var(--size-1);
  }
  .over {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    align-items: start;
    gap: 0 2rem;
    padding: 0.25rem 0 0.5rem;
  }
  .time {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 9rem;
    align-items: end;
    gap: 0.6rem;
  }
  .time svg {
    display: block;
    width: 100%;
    height: 1.5rem;
    border-bottom: 1px solid var(--rule-2);
  }
  .time rect {
    fill: var(--ink-2);
  }
  .time path {
    stroke: var(--now-ink);
    stroke-width: 1.5;
    stroke-dasharray: 3 2;
    vector-effect: non-scaling-stroke;
  }
  figcaption {
    font-size: 0.6875rem;
    line-height: 1.2;
    color: var(--ink-2);
  }
  .lists {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr));
    gap: 0.5rem 1.6rem;
  }
  h3 {
    display: flex;
    justify-content: space-between;
    font: 500 var(--size-1) / 1.4 var(--figure-face);
    color: var(--ink-2);
    border-bottom: 1px solid var(--rule);
  }
  h3 span {
    font-weight: 400;
  }
  table {
    width: 100%;
    table-layout: fixed;
  }
  tbody tr {
    border: 0;
  }
  th,
  td {
    padding: 0.05rem 0.35rem 0.3rem 0;
  }
  th {
    width: auto;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  td {
    width: 4.2rem;
  }
  td.by-chance {
    width: 2.4rem;
    padding-right: 0;
    color: var(--ink-2);
  }
  [data-testid='expert-domains'] td {
    width: 3.4rem;
    padding-right: 0;
  }
  .failed {
    color: var(--fault);
  }
  @media (max-width: 46rem) {
    .over,
    .lists {
      grid-template-columns: minmax(0, 1fr);
    }
    .acts {
      margin-left: 0;
    }
  }
`;
