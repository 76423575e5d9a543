import { css } from 'lit';

/** Tables whose cells are bars; on a phone every row is a block of its own. */
export const barTables = css`
  .bars {
    width: 100%;
    table-layout: fixed;
    font-size: var(--size-2);
  }
  .bars th,
  .bars td {
    padding: 0.3rem 0.9rem 0.3rem 0;
    text-align: left;
    vertical-align: top;
  }
  .bars thead th {
    font-size: var(--size-1);
    vertical-align: bottom;
  }
  .bars small {
    display: block;
    font-weight: 400;
    font-size: var(--size-1);
    color: var(--ink-2);
    white-space: normal;
  }
  .bars .name {
    width: 25%;
  }
  .bars .share {
    width: 13%;
    padding-right: 0;
  }
  .bars .moe th {
    font-weight: 600;
  }
  .bars .why {
    white-space: normal;
    color: var(--ink-2);
  }
  .cell {
    display: grid;
    gap: 0.2rem;
  }
  .time {
    white-space: nowrap;
  }
  .segments th {
    width: 25%;
  }
  .segments .cell {
    grid-template-columns: 9.5rem minmax(0, 1fr);
    align-items: center;
  }
  .segments i {
    background: var(--now);
  }
  .formulas p + p {
    margin-top: 0.3rem;
  }
  @media (max-width: 46rem) {
    .bars .share {
      width: auto;
    }
    .segments td {
      grid-column: 1 / -1;
    }
    .segments td.alone::before {
      content: none;
    }
  }
`;
