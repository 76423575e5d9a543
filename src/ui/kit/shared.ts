/** What the elements have in common: their session, and how a control looks. */
import { css } from 'lit';
import { property } from 'lit/decorators.js';
import type { Session } from '../../state/session/session.ts';
import { SignalWatcher } from './signal-watcher.ts';

export class SessionElement extends SignalWatcher {
  @property({ attribute: false }) session!: Session;
}

export const controls = css`
  :host {
    display: block;
  }
  :host([hidden]) {
    display: none;
  }
  /* Keeps its room until there is something to show. */
  .unfilled {
    visibility: hidden;
  }
  /* Where nothing hovers there is mostly no keyboard to press them on. */
  @media (hover: none) {
    .keys {
      display: none;
    }
  }
  * {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  ol,
  ul,
  figure {
    margin: 0;
    padding: 0;
  }
  button,
  input,
  textarea,
  select {
    font: inherit;
    font-variant-numeric: inherit;
    color: inherit;
    margin: 0;
    border-radius: var(--radius);
  }
  button,
  a.button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.45em;
    min-height: 2.125rem;
    padding: 0 0.8rem;
    border: 1px solid var(--rule-2);
    background: transparent;
    cursor: pointer;
    white-space: nowrap;
  }
  a.button {
    border-radius: var(--radius);
    color: inherit;
    text-decoration: none;
  }
  /* A finger leaves no hover behind. */
  @media (hover: hover) {
    button:hover:not(:disabled),
    a.button:hover {
      border-color: var(--ink);
      background: var(--well);
    }
  }
  button:disabled {
    color: var(--ink-2);
    border-color: var(--rule);
    cursor: default;
  }
  button.main,
  a.main {
    background: var(--ink);
    border-color: var(--ink);
    color: var(--paper);
    font-weight: 550;
  }
  button.main:hover:not(:disabled),
  a.main:hover {
    background: var(--ink-2);
  }
  button.main:disabled {
    background: transparent;
    border-color: var(--rule-2);
    color: var(--ink-2);
  }
  a:not(.button) {
    color: inherit;
  }
  a:not(.button),
  button.link {
    text-decoration: underline;
    text-decoration-color: var(--rule-2);
    text-decoration-thickness: 1px;
    text-underline-offset: 0.22em;
  }
  button.link {
    min-height: 0;
    padding: 0;
    border: 0;
    border-radius: 0;
    background: none;
  }
  a:not(.button):hover,
  button.link:hover:not(:disabled) {
    background: none;
    text-decoration-color: var(--now);
    text-decoration-thickness: 2px;
  }
  :focus-visible {
    outline: 2px solid var(--now);
    outline-offset: 2px;
  }
  input,
  textarea,
  select {
    border: 1px solid var(--rule-2);
    background: var(--paper);
    padding: 0.3rem 0.5rem;
  }
  select {
    appearance: none;
    padding-right: 1.7rem;
    text-overflow: ellipsis;
    /* A grey that stands out on either paper. */
    background: var(--paper)
      url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 6'%3E%3Cpath d='M1 .8l4 4 4-4' fill='none' stroke='%23767d8c' stroke-width='1.6'/%3E%3C/svg%3E")
      no-repeat right 0.6rem center / 0.65rem;
  }
  [aria-invalid='true'] {
    border-color: var(--fault);
    outline: 1px solid var(--fault);
  }
  svg.icon {
    width: 0.8em;
    height: 0.8em;
    fill: currentColor;
    flex: none;
  }
  .label {
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  progress {
    appearance: none;
    width: 8rem;
    height: 4px;
    border: 0;
    border-radius: 2px;
    overflow: hidden;
    background: var(--rule);
  }
  progress::-webkit-progress-bar {
    background: var(--rule);
  }
  progress::-webkit-progress-value {
    background: var(--ink);
  }
  progress::-moz-progress-bar {
    background: var(--ink);
  }
  @media (pointer: coarse) {
    button:not(.link),
    a.button {
      min-height: var(--touch);
      min-width: var(--touch);
    }
    button.link,
    select,
    summary {
      min-height: var(--touch);
    }
    button.link {
      min-width: var(--touch);
    }
    /* In the middle of a sentence a link is a word among words. */
    :is(p, li, td, h3) button.link {
      min-height: 0;
      min-width: 0;
    }
  }
`;
