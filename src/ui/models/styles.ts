import { css } from 'lit';

export const openModelStyles = css`
  .models {
    list-style: none;
  }
  .models li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.4rem 1.2rem;
    padding: 0.55rem 0;
    border-top: 1px solid var(--rule);
  }
  .models strong {
    font-size: var(--size-2);
  }
  .models li > button,
  .models li > .row {
    flex: none;
  }
  .by,
  .models p {
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .warning {
    color: var(--ink);
    font-weight: 600;
  }
  @media (max-width: 46rem) {
    .models li {
      flex-direction: column;
      align-items: flex-start;
    }
  }
  @media (pointer: coarse) {
    button,
    input[type='text'] {
      min-height: var(--touch);
    }
  }
`;
