/** What was measured on this visit, to be handed to others: as an issue that is filled in, or as a file. Nothing is sent from here. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { SharedResult } from '../../state/results/shared.ts';
import { panel } from '../article/panel-styles.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { saveAs } from '../share/save-as.ts';
import { issueAddress } from './issue.ts';
import { fileName } from './result-words.ts';

/** Written by the build out of package.json; empty where that names none. */
declare const REPOSITORY: string;

/** A result of this visit, with its card. */
export interface Own {
  readonly result: SharedResult;
  readonly json: string;
}

@customElement('add-yours')
export class AddYours extends SessionElement {
  @property({ attribute: false }) own: readonly Own[] = [];
  @property() repository = REPOSITORY;
  @state() private said = '';

  static override styles = [
    controls,
    panel,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.5rem;
      }
      .one {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem 0.9rem;
      }
      .said {
        min-height: 1.4em;
        font-size: var(--size-1);
      }
    `,
  ];

  override render() {
    const { own, repository } = this;
    if (!own.length) {
      return html`<div class="one"><button @click=${() => this.session.show('saves')} data-testid="add-measure">Measure, and add yours</button></div>
        <p class="note">What you measure stands in this table, for you alone, until you hand it on.</p>`;
    }
    return html`<p class="note">${
      repository
        ? html`“Add yours” opens a form for a new issue at ${repository}, filled in but for the card, which is copied: paste it there. Nothing
            is sent before you send it.`
        : 'This build names no place to send a result to: keep its JSON, or give it to whoever publishes this page. Nothing is sent by itself.'
    }</p>
      ${own.map((each) => this.one(each))}
      <span class="said" role="status" data-testid="add-said">${this.said}</span>`;
  }

  private one({ result, json }: Own) {
    const { repository } = this;
    const hidden = html`<span class="hidden"> of ${result.subject}</span>`;
    return html`<div class="one">${
      repository
        ? html`<a class="button" href=${issueAddress(repository, result)} target="_blank" rel="noopener noreferrer" @click=${() => this.copy(json)} data-testid="add-yours">Add yours${hidden}</a>`
        : nothing
    }
      <button @click=${() => this.save(result, json)} data-testid="add-save">Save as JSON${hidden}</button>
      <button @click=${() => this.copy(json)} data-testid="add-copy">Copy as JSON${hidden}</button>
      <span class="label">${result.subject}</span></div>`;
  }

  private save(result: SharedResult, json: string): void {
    const name = fileName(result);
    saveAs(new Blob([json], { type: 'application/json' }), name);
    this.said = `${name} is saved.`;
  }

  private async copy(json: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(json);
      this.said = 'The card is copied as JSON.';
    } catch {
      this.said = 'The browser does not let this page copy: save the JSON, and attach it.';
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'add-yours': AddYours;
  }
}
