import { css } from 'lit';

/** How one token looks in the text. */
export const tokenStyles = css`
  .t {
    padding: 0.12em 0 0.1em;
    border-bottom: var(--line, 2px) solid var(--hue);
    background: var(--tint);
    cursor: pointer;
    box-decoration-break: clone;
    -webkit-box-decoration-break: clone;
  }
  .t.second {
    border-bottom-style: dashed;
  }
  .t.prompt {
    background: none;
    border-bottom-color: transparent;
  }
  .t b {
    position: relative;
    white-space: pre;
    font-weight: inherit;
  }
  .t b::after {
    content: attr(data-e);
    position: absolute;
    /* Below the thickest underline. */
    inset: auto -4px -1.5em;
    text-align: center;
    white-space: nowrap;
    font: 500 0.5625rem / 1 var(--figure-face);
    color: var(--ink-2);
    pointer-events: none;
    user-select: none;
  }
  .t.prompt b::after,
  .t.narrow b::after,
  .t.long b::after,
  .t.joined b::after {
    content: none;
  }
  .t.long b {
    white-space: inherit;
  }
  /* A byte of a character that a later token completes: a tile of its own, with its own experts. */
  .t.part {
    padding-right: 0.28em;
    margin-right: 1px;
  }
  .t.part.joined {
    padding-right: 0;
    margin-right: 0;
  }
  .signs .t.part::before {
    content: 'byte ' attr(data-part);
    font: 500 0.625rem / 1 var(--figure-face);
    color: var(--ink-2);
    vertical-align: 0.35em;
  }
  .t i {
    position: relative;
    font-style: normal;
  }
  /* A background, because anything with a width of its own would move the words. */
  .signs .t i.space {
    background: radial-gradient(circle at 50% 58%, var(--ink-2) 0.065em, transparent 0.085em);
  }
  .signs .t i.tab {
    background: linear-gradient(var(--ink-2), var(--ink-2)) 50% 58% / 80% 1px no-repeat;
  }
  /* It stands at the end of its line, where there is room. */
  .signs .t i.line::before {
    content: '↵';
    color: var(--ink-2);
    font: 500 0.75em / 1 var(--figure-face);
  }
  /* Tokens that used the expert that is looked at; while it is only looked at, the others stand back. */
  .t.uses b {
    box-shadow: 0 -0.11rem 0 var(--asked);
  }
  .asking .t:not(.uses, .lit) {
    color: var(--ink-2);
    background: none;
    border-bottom-color: transparent;
  }
  .asking .t.uses {
    background: var(--now-soft);
    border-bottom-color: var(--now);
    color: var(--on-now);
  }
  .asking .t.uses b {
    box-shadow: none;
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
