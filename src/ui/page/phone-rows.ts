import { css } from 'lit';

/** Tables of figures (`class="phone"`): on a narrow page each row is a block, and each cell says what it is (`data-label`). */
export const phoneRows = css`
  @media (max-width: 46rem) {
    .phone,
    .phone tbody {
      display: block;
    }
    .phone thead {
      display: block;
      position: absolute;
      width: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .phone tbody tr {
      display: grid;
      grid-template-columns: 1fr 1fr;
      gap: 0.15rem 1rem;
      padding: 0.5rem 0;
    }
    .phone tbody th {
      grid-column: 1 / -1;
      width: auto;
      height: auto;
    }
    .phone td {
      min-width: 0;
      height: auto;
      padding: 0;
      white-space: normal;
    }
    .phone td::before {
      content: attr(data-label);
      display: block;
      font-size: 0.6875rem;
      color: var(--ink-2);
    }
  }
`;
