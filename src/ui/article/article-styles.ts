import { css } from 'lit';

/** Text below the first screen: a column to read, figures as wide as they need. */
export const article = css`
  :host {
    display: block;
  }
  h2 {
    font: 500 var(--size-5) / 1.12 var(--text-face);
    letter-spacing: -0.015em;
    text-wrap: balance;
    margin-bottom: 0.9rem;
  }
  h3 {
    font: 600 var(--size-2) / 1.3 var(--figure-face);
    margin-bottom: 0.5rem;
  }
  .prose p,
  .prose li {
    font: 400 1.1875rem / 1.55 var(--text-face);
    max-width: 38rem;
    text-wrap: pretty;
  }
  .prose p + p {
    margin-top: 0.9rem;
  }
  .note {
    font-size: var(--size-2);
    line-height: 1.5;
    color: var(--ink-2);
    max-width: 52rem;
  }
  .note + .note {
    margin-top: 0.4rem;
  }
  table {
    border-collapse: collapse;
  }
  th,
  td {
    padding: 0.2rem 1.2rem 0.2rem 0;
    text-align: right;
    font-weight: 400;
    white-space: nowrap;
  }
  thead th {
    font-size: var(--size-1);
    color: var(--ink-2);
    vertical-align: bottom;
  }
  tbody tr {
    border-top: 1px solid var(--rule);
  }
  th:first-child {
    text-align: left;
  }
  .wide {
    overflow-x: auto;
  }
  summary {
    cursor: pointer;
    font-size: var(--size-2);
    color: var(--ink-2);
    padding: 0.4rem 0;
  }
  summary:hover {
    color: var(--ink);
  }
  @media (max-width: 46rem) {
    h2 {
      font-size: 1.75rem;
    }
    .prose p,
    .prose li {
      font-size: 1.0625rem;
    }
  }
`;
