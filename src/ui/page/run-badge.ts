/** Where the text on the screen comes from. The sign differs in shape, not only in colour. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { controls, SessionElement } from '../kit/shared.ts';
import { say } from '../kit/words.ts';

@customElement('run-badge')
export class RunBadge extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        min-width: 0;
      }
      p {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        font-weight: 550;
      }
      .words {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .sign {
        flex: none;
        width: 0.65rem;
        height: 0.65rem;
        border: 2px solid var(--ink-2);
        border-radius: 50%;
      }
      .live .sign {
        border-color: var(--now);
        background: var(--now);
      }
      .cpu .sign {
        border-color: var(--now);
        background: linear-gradient(to right, var(--now) 50%, transparent 50%);
      }
      .imported .sign {
        border-radius: 0;
        transform: rotate(45deg);
      }
      .none .sign {
        border-style: dotted;
      }
    `,
  ];

  override render() {
    const source = this.session.source.get();
    if (source.kind === 'none') return this.badge('none', say('badge-none'), '');
    if (source.kind === 'recorded') {
      const title = `Recorded from ${source.model} on ${source.device.name}, ${source.created.slice(0, 10)}`;
      return this.badge('recorded', say('badge-recorded'), title);
    }
    if (source.kind === 'imported') {
      const title = `${source.name}: ${source.model} on ${source.device.name}, ${source.created.slice(0, 10)}`;
      if (source.card) return this.badge('recorded', say('badge-recorded'), title);
      return this.badge('imported', say('badge-imported', { name: source.name }), title);
    }
    const { info, stopped } = source;
    if (stopped) return this.badge('none', say('badge-stopped'), `Written on ${info.name}. The engine is gone.`);
    if (info.kind === 'cpu') return this.badge('cpu', say('badge-cpu'), info.name);
    return this.badge('live', say('badge-live', { name: info.name }), info.name);
  }

  private badge(kind: string, words: string, title: string) {
    return html`<p class=${kind} role="status" title=${title} data-testid="badge"><span class="sign" aria-hidden="true"></span><span class="words">${words}</span></p>`;
  }
}
