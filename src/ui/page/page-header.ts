/** Name, model, badge, the ways on, light and dark. */

import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { untracked } from '../../state/session/signals.ts';
import { bytes } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const ELSEWHERE = 'elsewhere:';
const WORDS = { light: 'Light', dark: 'Dark', contrast: 'High contrast' };

@customElement('page-header')
export class PageHeader extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 1rem 1.5rem;
        min-width: 0;
      }
      h1 {
        margin: 0;
        font: 600 1.5rem / 1 var(--text-face);
        letter-spacing: -0.015em;
      }
      .model {
        display: flex;
        align-items: center;
        /* It gives way first: the badge says what the text is. */
        flex: 0 99 25rem;
        min-width: 8rem;
      }
      select {
        width: 100%;
        min-width: 0;
        min-height: 2.125rem;
      }
      ::slotted(*) {
        margin-left: auto;
        flex: 0 1 auto;
      }
      h1,
      button,
      .tour {
        flex: none;
      }
      @media (max-width: 75rem) {
        :host {
          gap: 0.6rem;
        }
        .theme-word {
          display: none;
        }
      }
      @media (max-width: 60rem) {
        .present {
          display: none;
        }
      }
      .more {
        display: none;
      }
      .rest {
        display: contents;
      }
      /* One row: name, model, Share; the rest folds out below. */
      @media (max-width: 46rem) {
        :host {
          gap: 0.5rem;
        }
        .model {
          flex: 1;
          min-width: 0;
        }
        select {
          min-height: var(--touch);
        }
        .more {
          display: inline-flex;
          min-width: 2.5rem;
          padding: 0;
        }
        .rest {
          display: none;
          position: absolute;
          inset: 3.6rem 1rem auto auto;
          padding: 0.5rem;
          gap: 0.5rem;
          border: 1px solid var(--rule-2);
          background: var(--paper);
          color: inherit;
        }
        .rest:popover-open {
          display: flex;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const next = session.appearance.next();
    return html`
      <h1 translate="no">moescope</h1>
      ${session.isHidden('model') ? nothing : this.models()}
      <slot></slot>
      ${session.isHidden('share') ? nothing : html`<button class="share" @click=${this.share} data-testid="share">Share</button>`}
      ${
        session.isHidden('tour') && session.isHidden('theme')
          ? nothing
          : html`<button class="more" popovertarget="rest" aria-label="Tour and theme" data-testid="more">⋯</button>`
      }
      <div class="rest" id="rest" popover>
        ${session.isHidden('tour') ? nothing : html`<a class="button tour" href=${this.tourReference()} aria-current=${session.step.get() === null ? nothing : 'step'} @click=${this.onTour} data-testid="tour-start">Tour</a>`}
        ${session.isHidden('share') ? nothing : html`<button class="present" @click=${() => session.present('3-minutes')} data-testid="present">Present</button>`}
        ${
          session.isHidden('theme')
            ? nothing
            : html`<button @click=${() => session.appearance.choose(next)} aria-label=${`Switch to ${WORDS[next].toLowerCase()}`} data-testid="theme">
          <span aria-hidden="true">◐</span><span class="theme-word">${WORDS[next]}</span></button>`
        }
      </div>
    `;
  }

  private models() {
    const { session } = this;
    const models = session.catalog.get()?.models ?? [];
    const engine = session.engine.get();
    const entry = engine.phase === 'ready' ? engine.entry : null;
    const own = engine.phase === 'ready' && !entry ? engine.title : null;
    const loading = engine.phase === 'loading' ? engine.title : null;
    return html`<div class="model">
        <label class="hidden" for="model">Model</label>
        <select id="model" @change=${this.onModel} data-testid="model">
          ${entry ? '' : html`<option value="">${own ?? loading ?? 'No model open'}</option>`}
          ${models.map((model) => html`<option value=${model.id}>${model.title}, ${bytes(model.bytes)}</option>`)}
          <option value=${ELSEWHERE}>Open another model…</option>
        </select>
      </div>`;
  }

  /** The list names the model that is open, whatever was chosen in it. */
  protected override updated(): void {
    const engine = this.session.engine.get();
    const select = this.renderRoot.querySelector('select');
    if (select) select.value = (engine.phase === 'ready' && engine.entry?.id) || '';
  }

  /** Read when the header is drawn for other reasons: it must not be drawn anew with every token. */
  private tourReference(): string {
    return untracked(() => this.session.pageLink.stepReference(1));
  }

  private onTour = (): void => this.renderRoot.querySelector<HTMLElement>('.rest')!.hidePopover?.();

  private share = (): void => void this.dispatchEvent(new CustomEvent('share'));

  private onModel = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    if (select.value === ELSEWHERE) {
      this.dispatchEvent(new CustomEvent('elsewhere'));
      this.requestUpdate();
      return;
    }
    const entry = this.session.catalog.get()?.models.find((model) => model.id === select.value);
    if (!entry) return;
    // Whoever chooses a model wants to see it work.
    this.session.touched();
    this.session.writing.ask();
    void this.session.opening.openEntry(entry);
  };
}
