import { css } from 'lit';

/** How the sheet of what can be taken away looks. */
export const shareStyles = css`
  dialog {
    width: min(42rem, calc(100vw - 1.5rem));
    max-height: calc(100dvh - 1.5rem);
    margin: auto;
    padding: 1.1rem 1.4rem 1.3rem;
    border: 1px solid var(--ink);
    border-radius: var(--radius);
    background: var(--paper);
    color: var(--ink);
    overflow: auto;
  }
  dialog::backdrop {
    background: color-mix(in oklch, var(--ink) 30%, transparent);
  }
  header {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
  }
  h2 {
    font: 500 var(--size-4) / 1.2 var(--text-face);
  }
  h3 {
    margin: 1.1rem 0 0.45rem;
    font: 600 var(--size-2) / 1.3 var(--figure-face);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }
  .row input[type='text'] {
    flex: 1 1 14rem;
    min-width: 0;
    min-height: 2.125rem;
  }
  p {
    font-size: var(--size-1);
    color: var(--ink-2);
    max-width: 36rem;
    margin-top: 0.35rem;
  }
  .said {
    min-height: 1.4em;
    color: var(--ink);
  }
  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1rem;
    margin: 0.5rem 0 0;
    padding: 0;
    border: 0;
    font-size: var(--size-2);
  }
  legend {
    padding: 0;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  fieldset label {
    display: inline-flex;
    align-items: center;
    gap: 0.35rem;
    min-height: 1.75rem;
  }
  input[type='checkbox'] {
    appearance: none;
    width: 1rem;
    height: 1rem;
    padding: 0;
    display: grid;
    place-content: center;
  }
  input[type='checkbox']:checked {
    background: var(--ink);
    border-color: var(--ink);
  }
  input[type='checkbox']:checked::before {
    content: '';
    width: 0.45rem;
    height: 0.2rem;
    border: solid var(--paper);
    border-width: 0 0 2px 2px;
    transform: translateY(-0.08rem) rotate(-45deg);
  }
  select {
    min-height: 2.125rem;
  }
  textarea {
    display: block;
    width: 100%;
    height: 2.6rem;
    margin-top: 0.5rem;
    resize: vertical;
    font-size: var(--size-1);
  }
  @media (pointer: coarse) {
    fieldset label,
    select,
    .row input[type='text'] {
      min-height: var(--touch);
    }
  }
`;
