import { css } from 'lit';

/** A small table of figures, as it stands behind every picture. */
export const figures = css`
  table {
    border-collapse: collapse;
    font-size: var(--size-1);
  }
  th,
  td {
    padding: 0.15rem 0.9rem 0.15rem 0;
    text-align: right;
    font-weight: 400;
    white-space: nowrap;
  }
  th:first-child {
    text-align: left;
  }
  thead th {
    color: var(--ink-2);
    vertical-align: bottom;
  }
  tbody tr {
    border-top: 1px solid var(--rule);
  }
`;

/** What the panels under the wall have in common: a heading line, quiet notes, a table behind a summary. */
export const panel = css`
  :host {
    min-height: 0;
    min-width: 0;
  }
  h2 {
    font: 600 var(--size-2) / 1.3 var(--figure-face);
  }
  h2 .said {
    display: inline-block;
    max-width: 11em;
    overflow: hidden;
    text-overflow: ellipsis;
    vertical-align: bottom;
    font: 500 1.05rem / 1.2 var(--text-face);
    white-space: pre;
  }
  h2 .where {
    font-weight: 400;
    color: var(--ink-2);
  }
  .none,
  .note {
    font-size: var(--size-1);
    line-height: 1.45;
    color: var(--ink-2);
    max-width: 46rem;
  }
  summary {
    width: fit-content;
    cursor: pointer;
    font-size: var(--size-1);
    color: var(--ink-2);
    padding: 0.3rem 0;
  }
  summary:hover {
    color: var(--ink);
  }
  .wide {
    overflow-x: auto;
  }
  ${figures}
  /* The text face has no italic of its own. */
  i {
    font-synthesis: style;
  }
  .token {
    font: 500 1rem / 1.2 var(--text-face);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: pre;
  }
`;
