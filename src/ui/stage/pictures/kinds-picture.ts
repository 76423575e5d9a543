/** The wall while the text turns to another kind: rings around the experts that the first kind kept busy. */
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Others } from '../../../state/stage/others.ts';
import { percent } from '../../kit/format.ts';
import { controls, SessionElement } from '../../kit/shared.ts';
import { besideStyles } from './beside-styles.ts';
import { KIND_NAMES } from './kind-names.ts';
import './stage-wall.ts';

@customElement('kinds-picture')
export class KindsPicture extends SessionElement {
  @property({ attribute: false }) others: Others | null = null;

  static override styles = [
    controls,
    besideStyles,
    css`
      .other b {
        color: var(--now-ink);
      }
      @container (orientation: portrait) {
        .told {
          grid-template-columns: 1fr 1fr;
          gap: var(--u) calc(var(--u) * 2);
        }
        .told > :is(:first-child, :last-child) {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    const { session, others } = this;
    const reference = others?.reference.get() ?? null;
    const shares = others?.shares.get() ?? [];
    const { layers, experts } = session.shape.get();
    const first = KIND_NAMES[reference?.kind ?? ''];
    return html`<stage-wall .session=${session} .mode=${'load'} .rings=${reference?.experts ?? []}></stage-wall>
      <div class="told">
        ${reference ? html`<p>The ${reference.experts.length} that ${first} use most do</p>` : html`<p>Darker: more of the work on this text</p>`}
        ${shares.map(({ kind, share, held }) => html`<p class=${kind === reference?.kind ? '' : 'other'}><b>${percent(share)}</b> of the work on ${KIND_NAMES[kind]}${held ? ', measured before' : ''}</p>`)}
        ${reference && layers ? html`<p>By chance: ${percent(reference.experts.length / (layers * experts), 1)}</p>` : ''}
      </div>`;
  }
}
