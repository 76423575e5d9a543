import { css } from 'lit';

/** Two texts in rows that keep step, and the wall of what changed. */
export const twoRunsStyles = css`
  .ask {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem 1.1rem;
    font-size: var(--size-2);
  }
  .kinds {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1rem;
  }
  .kinds button {
    color: var(--ink-2);
    text-decoration: none;
  }
  .kinds button[aria-checked='true'] {
    color: var(--ink);
    font-weight: 600;
    text-decoration: underline;
    text-decoration-color: var(--ink);
    text-decoration-thickness: 2px;
  }
  .other {
    display: block;
    width: 100%;
    margin-top: 0.45rem;
    font: 400 1.0625rem / 1.4 var(--text-face);
  }
  .note {
    margin-top: 0.45rem;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .sum {
    margin: 0.6rem 0 0.5rem;
    font: 500 1.0625rem / 1.4 var(--text-face);
  }
  .both {
    display: grid;
    grid-template-columns: 3.4rem minmax(0, 1fr) minmax(0, 1fr);
    gap: 0 1.75rem;
  }
  .row {
    display: grid;
    grid-column: 1 / -1;
    grid-template-columns: subgrid;
    border-top: 1px solid var(--rule);
  }
  .row.parts {
    border-top: 2px solid var(--now);
  }
  .place {
    padding-top: 0.6rem;
    font: 400 var(--size-1) / 1.2 var(--figure-face);
    color: var(--ink-2);
  }
  .parts .place {
    color: var(--ink);
    font-weight: 600;
  }
  h3 {
    font: 600 var(--size-2) / 1.3 var(--figure-face);
    margin-bottom: 0.2rem;
  }
  .line {
    font: 400 1.0625rem / 2 var(--text-face);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .line .t {
    cursor: auto;
  }
  .ended {
    display: block;
    font: 400 var(--size-1) / 2 var(--figure-face);
    color: var(--ink-2);
  }
  /* Both are written again, in step. */
  @media (prefers-reduced-motion: no-preference) {
    .line .t {
      animation: written 60ms calc(var(--at) * 25ms) both;
    }
    @keyframes written {
      from {
        opacity: 0;
      }
    }
  }
  .t.differs {
    outline: 1px solid var(--ink-2);
    outline-offset: -1px;
  }
  .t.first {
    outline: 2.5px solid var(--now);
  }
  figure {
    margin-top: 0.9rem;
  }
  svg.wall {
    display: block;
    width: 100%;
    max-height: 11rem;
  }
  .axis {
    stroke: var(--rule);
    stroke-width: 0.4;
  }
  .more {
    fill: var(--ink);
    stroke: var(--ink);
    stroke-width: 0.5;
  }
  .less {
    fill: var(--paper);
    stroke: var(--ink);
    stroke-width: 0.5;
  }
  .number {
    fill: var(--ink-2);
    font: 400 4.6px var(--figure-face);
  }
  @media (max-width: 46rem) {
    .both,
    .row {
      grid-template-columns: minmax(0, 1fr);
    }
    .both h3::after {
      content: ', upper line';
      font-weight: 400;
    }
    .both h3 + h3::after {
      content: ', lower line';
    }
    .line + .line {
      border-top: 1px dotted var(--rule-2);
    }
  }
`;
