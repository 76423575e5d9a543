/** A scene that is drawn for a projector: one sentence, one picture as wide as the screen, and the text that is being written. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Presenting } from '../../../state/stage/presenting.ts';
import type { Scene } from '../../../state/stage/scenes.ts';
import { controls, SessionElement } from '../../kit/shared.ts';
import { figuresOf, fillLarge } from '../fill.ts';
import { PageAway } from '../page-dress.ts';
import './bill-picture.ts';
import './kinds-picture.ts';
import './next-picture.ts';
import './proof-picture.ts';
import './router-picture.ts';
import './running-text.ts';
import './stage-wall.ts';
import './touched-picture.ts';

@customElement('stage-picture')
export class StagePicture extends SessionElement {
  @property({ attribute: false }) talk!: Presenting;

  constructor() {
    super();
    new PageAway(this);
  }

  static override styles = [
    controls,
    css`
      :host {
        position: fixed;
        inset: 0;
        z-index: 6;
        container-type: size;
        background: var(--paper);
        color: var(--ink);
      }
      /* All sizes are shares of the screen: 1.92 % of it are what a hundredth of a projector's width is. */
      .scene {
        --u: min(1cqw, 1.78cqh);
        --small: max(9px, calc(var(--u) * 1.5));
        --running: max(11px, calc(var(--u) * 2.2));
        --lines: 2;
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        gap: calc(var(--u) * 1.8);
        height: 100%;
        padding: calc(var(--u) * 2.4) calc(var(--u) * 3.2) calc(var(--u) * 2);
      }
      @container (orientation: portrait) {
        .scene {
          --u: min(1.9cqw, 1cqh);
          --lines: 4;
        }
      }
      h1 {
        margin: 0;
        font: 500 max(17px, calc(var(--u) * 4.4)) / 1.08 var(--text-face);
        letter-spacing: -0.012em;
        text-wrap: balance;
      }
      h1:focus-visible {
        outline: 0;
      }
      h1 b {
        font-size: 1.9em;
        font-weight: 500;
        line-height: 0.8;
        font-variant-numeric: tabular-nums lining-nums;
        color: var(--now-ink);
      }
      .text {
        margin-top: 0.4em;
        font: 400 max(12px, calc(var(--u) * 2.2)) / 1.3 var(--text-face);
        color: var(--ink-2);
        text-wrap: pretty;
      }
      /* A preview the size of a stamp says its sentence, and shows what room is left for. */
      @container (max-width: 30rem) and (max-height: 24rem) {
        .text,
        running-text {
          display: none;
        }
        h1 b {
          font-size: 1.3em;
        }
      }
    `,
  ];

  override render() {
    const { session, talk } = this;
    const scene = talk.scene.get();
    if (!scene?.picture) return nothing;
    const figures = figuresOf(session);
    return html`<main class="scene">
      <header><h1 tabindex="-1">${fillLarge(scene.title, figures)}</h1>
        ${scene.text ? html`<p class="text">${fillLarge(scene.text, figures)}</p>` : nothing}</header>
      ${this.picture(scene)}
      <running-text .session=${session}></running-text>
    </main>`;
  }

  private picture({ picture }: Scene) {
    const { session, talk } = this;
    switch (picture) {
      case 'machine':
        return html`<stage-wall .session=${session} .mode=${'parts'}></stage-wall>`;
      case 'lit':
        return html`<stage-wall .session=${session} .mode=${'lit'}></stage-wall>`;
      case 'router':
        return html`<router-picture .session=${session}></router-picture>`;
      case 'next':
        return html`<next-picture .session=${session}></next-picture>`;
      case 'kinds':
        return html`<kinds-picture .session=${session} .others=${talk.others.get()}></kinds-picture>`;
      case 'proof':
        return html`<proof-picture .session=${session} .knockingOut=${talk.knockingOut}></proof-picture>`;
      case 'touched':
        return html`<touched-picture .session=${session}></touched-picture>`;
      default:
        return html`<bill-picture .session=${session}></bill-picture>`;
    }
  }
}
