/** The last lines of the text, in type that a hall reads, and whether they are written live. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { END_OF_TEXT } from '../../../engine/types.ts';
import { say } from '../../kit/more-words.ts';
import { controls, SessionElement } from '../../kit/shared.ts';

/** Tokens that are laid out; whole lots of them go, because the lines break anew then. */
const MOST = 400;
const LOT = 200;

@customElement('running-text')
export class RunningText extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: end;
        gap: calc(2 * var(--u));
      }
      /* Whole lines: the one above is out of sight, not cut. */
      .window {
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        height: calc(var(--lines) * 1.4em);
        overflow: hidden;
        font: 400 var(--running) / 1.4 var(--text-face);
      }
      .window p {
        flex: none;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        line-height: 1.4em;
      }
      .asked {
        color: var(--ink-2);
      }
      mark {
        color: inherit;
        background: var(--now-soft);
        box-shadow: inset 0 -0.12em var(--now);
      }
      .dark mark {
        color: var(--on-now);
      }
      .source {
        display: flex;
        align-items: center;
        gap: 0.5em;
        font: 500 var(--small) / 1.4 var(--figure-face);
        color: var(--ink-2);
        white-space: nowrap;
      }
      .sign {
        width: 0.6em;
        height: 0.6em;
        border: 0.14em solid var(--ink-2);
        border-radius: 50%;
      }
      .live .sign {
        border-color: var(--now);
        background: var(--now);
      }
    `,
  ];

  override render() {
    const { trace } = this.session;
    trace.version.get();
    const from = trace.count > MOST ? Math.floor((trace.count - MOST) / LOT + 1) * LOT : 0;
    const words = (start: number, end: number) => trace.texts.slice(start, end).join('').replaceAll(END_OF_TEXT, '');
    const last = Math.max(from, trace.count - 1);
    const prompt = Math.max(from, Math.min(trace.promptCount, last));
    return html`<div class="window" translate="no" lang=""><p dir="auto"><span class="asked">${words(from, prompt)}</span>${words(prompt, last)}<mark>${words(last, trace.count)}</mark></p></div>
      ${this.source()}`;
  }

  private source() {
    const source = this.session.source.get();
    if (source.kind === 'none') return '';
    const live = source.kind === 'live' && !source.stopped;
    const words = live
      ? source.info.kind === 'cpu'
        ? 'live, on the CPU'
        : 'live, on this GPU'
      : say('badge-recorded');
    const software = live && source.info.kind === 'webgpu' && source.info.fallback;
    return html`<p class="source ${live ? 'live' : ''}" data-testid="stage-source"><span class="sign" aria-hidden="true"></span>${software ? 'live, in software' : words}</p>`;
  }
}
