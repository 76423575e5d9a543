import { css } from 'lit';

/** The meter: three bars that grow with the text. */
export const costStyles = css`
  table {
    width: 100%;
    border-collapse: collapse;
    table-layout: fixed;
  }
  th,
  td {
    padding: 0;
    text-align: left;
    font-weight: 400;
    vertical-align: middle;
    height: 1.5rem;
  }
  thead th {
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  thead .name {
    width: 10.5rem;
  }
  thead .timed {
    width: 38%;
  }
  tbody tr {
    border-top: 1px solid var(--rule);
  }
  tbody th {
    white-space: nowrap;
  }
  .moe th {
    font-weight: 550;
  }
  .cell {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 5rem;
    align-items: center;
    gap: 0.7rem;
    padding-right: 1.6rem;
  }
  .timed .cell {
    grid-template-columns: minmax(0, 1fr) 9rem;
    padding-right: 0;
  }
  .cell > span {
    text-align: right;
    white-space: nowrap;
  }
  .spread,
  .untimed,
  .note {
    color: var(--ink-2);
    font-size: var(--size-1);
  }
  .verdict {
    margin-top: 0.35rem;
    border-top: 1px solid var(--rule);
    padding-top: 0.35rem;
    /* Room for the longest of its sentences, so that nothing moves when it comes. */
    min-height: 3.6em;
  }
  .warning {
    color: var(--ink);
    font-weight: 550;
  }
  @media (max-width: 46rem) {
    .cell,
    .timed .cell {
      padding: 0;
    }
    /* A line for each model: name, bar, figure; the times below it. What they are stands once, above. */
    .phone thead {
      position: static;
      width: auto;
      clip-path: none;
    }
    .phone thead tr {
      display: flex;
      gap: 0.4em;
    }
    thead th {
      height: auto;
    }
    thead .name {
      width: auto;
    }
    thead .timed {
      display: none;
    }
    .phone tbody {
      display: grid;
      grid-template-columns: 8.2rem 1fr;
      align-items: center;
      gap: 0.25rem 0.5rem;
      padding-top: 0.3rem;
    }
    .phone tbody tr {
      display: contents;
    }
    .phone tbody th {
      grid-column: 1;
    }
    .phone .untimed {
      order: 1;
    }
    .phone td:first-of-type::before {
      display: none;
    }
    .phone td + td {
      grid-column: 1 / -1;
    }
    .cell {
      grid-template-columns: minmax(0, 1fr) 4.2rem;
    }
    .verdict {
      min-height: 6.6em;
    }
  }
`;
