import { css } from 'lit';

/** How one token looks in the text. */
export const tokenStyles = css`
  .t {
    padding: 0.12em 0 0.1em;
    border-bottom: 2px solid var(--hue);
    background: var(--tint);
    cursor: pointer;
    box-decoration-break: clone;
    -webkit-box-decoration-break: clone;
  }
  .t.second {
    border-bottom-style: dotted;
  }
  .t.prompt {
    background: none;
    border-bottom-color: transparent;
  }
  .t b {
    position: relative;
    font-weight: inherit;
  }
  .t b::after {
    content: attr(data-e);
    position: absolute;
    inset: auto -4px -1.2em;
    text-align: center;
    white-space: nowrap;
    font: 500 0.5625rem / 1 var(--figure-face);
    color: var(--ink-2);
    pointer-events: none;
    user-select: none;
  }
  .t.prompt b::after,
  .t.narrow b::after {
    content: none;
  }
  .t.part {
    padding-right: 3px;
  }
  .t.lit,
  .t:focus-visible {
    background: var(--ink);
    border-bottom-color: var(--ink);
    border-bottom-style: solid;
    color: var(--paper);
    outline: 0;
  }
  .t:focus-visible {
    outline: 2px solid var(--now);
    outline-offset: 1px;
  }
  .pending {
    color: var(--ink-2);
  }
  .caret {
    display: inline-block;
    width: 0.11em;
    height: 1.05em;
    margin-left: 0.06em;
    vertical-align: -0.16em;
    background: var(--rule-2);
  }
  .going .caret {
    background: var(--now);
  }
`;
