import { css } from 'lit';

/** The three measurements side by side where there is room, one below the other where there is not. */
export const effectStyles = css`
  .none {
    padding-top: 0.4rem;
  }
  .effects {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));
    gap: 0.9rem 2.2rem;
    padding-top: 0.5rem;
  }
  section {
    min-width: 0;
  }
  h3 {
    font: 600 var(--size-2) / 1.4 var(--figure-face);
    border-bottom: 1px solid var(--rule);
  }
  .ask {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3rem 0.7rem;
    min-height: 2.9rem;
  }
  .ask label {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
  }
  .failed {
    color: var(--fault);
    font-size: var(--size-1);
    font-weight: 550;
  }
  p {
    font-size: var(--size-2);
    line-height: 1.45;
  }
  p.note {
    padding-top: 0.4rem;
  }
  .next {
    width: 100%;
    table-layout: fixed;
    margin-top: 0.4rem;
  }
  caption {
    text-align: left;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .pair {
    display: grid;
    gap: 0.5rem;
  }
  h4 {
    margin: 0;
    font: 400 var(--size-1) / 1.4 var(--figure-face);
    color: var(--ink-2);
  }
  .said {
    font: 400 1rem / 1.5 var(--text-face);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  mark {
    background: none;
    color: inherit;
    text-decoration: underline;
    text-decoration-thickness: 2px;
    text-underline-offset: 0.2em;
  }
  mark.only-here {
    text-decoration-style: dotted;
    text-decoration-color: var(--ink-2);
  }
  mark.new {
    font-weight: 600;
    text-decoration-color: var(--now);
  }
  td.change {
    font-weight: 600;
  }
`;
