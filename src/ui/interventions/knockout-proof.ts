/** The page's proof: without the experts that one domain uses most, who pays? Measured now, on held-out text. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { add } from '../../state/interventions/interventions.ts';
import { prove } from '../../state/interventions/proving.ts';
import type { Proof } from '../../state/interventions/types.ts';
import { knockedOut } from '../../state/models/card.ts';
import { NO_HELDOUT, readsHeldout } from '../../state/models/heldout.ts';
import { article } from '../article/article-styles.ts';
import { DOMAINS } from '../experts/domains.ts';
import { BUSY } from '../kit/busy.ts';
import { percent, signed } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { OpenCard } from '../models/open-card.ts';

@customElement('knockout-proof')
export class KnockoutProof extends SessionElement {
  @state() private domain = 'french';
  private readonly open = new OpenCard(this);

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        gap: 1.2rem;
      }
      .ask {
        font: 400 1.1875rem / 1.9 var(--text-face);
        max-width: 44rem;
      }
      .ask select {
        font: 600 1em / 1.3 var(--text-face);
        padding: 0.1rem 1.7rem 0.1rem 0.4rem;
      }
      .act {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        min-height: var(--touch);
      }
      .chart {
        width: 100%;
        max-width: 64rem;
        table-layout: fixed;
      }
      .chart th:first-child {
        width: 11rem;
        padding-right: 0.5rem;
        white-space: normal;
      }
      .chart thead th:nth-child(n + 3) {
        width: 5.2rem;
      }
      .chart .plot {
        width: auto;
        text-align: left;
        padding: 0.3rem 1.5rem 0.3rem 0;
      }
      .chart thead .plot {
        padding-bottom: 0.2rem;
      }
      .chart .aimed th {
        font-weight: 700;
      }
      .chart .change {
        font-weight: 600;
      }
      .pair {
        position: relative;
        display: grid;
        gap: 2px;
      }
      .pair i {
        display: block;
        height: 9px;
      }
      .before {
        background: var(--rule-2);
      }
      .after {
        background: var(--ink);
      }
      .aimed .after {
        background: var(--now);
      }
      .key {
        display: flex;
        gap: 1.4rem;
      }
      .key i {
        display: inline-block;
        width: 1.4rem;
        height: 8px;
        margin-right: 0.4rem;
      }
      .failed {
        color: var(--fault);
        font-weight: 550;
      }
      @media (max-width: 46rem) {
        .chart,
        .chart tbody,
        .chart tr {
          display: block;
        }
        .chart thead {
          position: absolute;
          clip-path: inset(50%);
        }
        .chart tr {
          display: grid;
          grid-template-columns: 1fr 1fr 1fr;
          padding: 0.5rem 0;
        }
        .chart th,
        .chart .plot {
          grid-column: 1 / -1;
          width: auto !important;
        }
        .chart .plot {
          padding-right: 0;
        }
        .chart td:not(.plot)::before {
          content: attr(data-label) ' ';
          color: var(--ink-2);
          font-size: 0.6875rem;
        }
        .chart td {
          width: auto;
          padding-right: 0;
          text-align: left;
        }
        .chart .spare {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { measuring } = session;
    const measure = measuring.proof.get();
    const opened = session.opened.get();
    const dense = opened !== null && opened.model.experts < 2;
    const can = !dense && readsHeldout(session);
    const running = measure.state === 'running';
    const busy = measuring.busy.get();
    return html`
      <p class="ask"><label for="domain">Find, in each layer, the expert that</label>
        <select id="domain" @change=${this.onDomain} ?disabled=${running} data-testid="proof-domain">
          ${DOMAINS.map(([id, name]) => html`<option value=${id} ?selected=${id === this.domain}>${name}</option>`)}
        </select> uses most. Switch these off and measure again how well the model guesses text it has never seen, of every kind.</p>
      <div class="act">
        ${
          running
            ? html`<progress max=${measure.total || 1} .value=${measure.done} aria-label=${measure.step}></progress>
              <span role="status">${measure.step}, ${measure.done} of ${measure.total}</span>
              <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`
            : html`<button class="main" ?disabled=${!can || busy} @click=${() => prove(this.session, this.domain)} data-testid="prove">
                ${measure.state === 'done' ? 'Measure again' : 'Switch off and measure'}</button>
              ${!opened ? html`<span class="label">The measurement needs the live model.</span>` : nothing}
              ${dense ? html`<span class="label">This model is dense: it has no experts to switch off.</span>` : nothing}
              ${can && busy ? html`<span class="label">${BUSY}</span>` : nothing}
              ${opened && !dense && !can ? html`<span class="label">${NO_HELDOUT}</span>` : nothing}
              ${measure.state === 'failed' ? html`<span class="failed" role="alert">${measure.message}</span>` : nothing}`
        }
      </div>
      ${measure.state === 'done' ? this.result(measure.result) : this.made()}
    `;
  }

  private onDomain = (event: Event): void => {
    this.domain = (event.target as HTMLSelectElement).value;
  };

  /** Until it is measured here: what those who made the model measured. */
  private made() {
    const of = this.open.ask(this.session);
    const { card } = this.open;
    const known = of !== 'own' && card && knockedOut(card, this.domain);
    if (!known) return nothing;
    const cost = new Map(known.changes.map(({ kind, nats }) => [kind, nats]));
    const most = Math.max(...cost.values(), 1e-9);
    return html`<table class="chart" data-testid="proof-made">
        <thead><tr><th>Held-out text</th><th class="plot">without those experts</th><th>change, nats</th></tr></thead>
        <tbody>${DOMAINS.filter(([kind]) => cost.has(kind)).map(([kind, name]) => {
          const nats = cost.get(kind)!;
          return html`<tr class=${kind === this.domain ? 'aimed' : ''} data-domain=${kind}><th scope="row">${name}</th>
            <td class="plot"><div class="pair"><i class="after" .style=${`width:${(Math.max(0, nats) / most) * 100}%`}></i></div></td>
            <td class="change" data-label="change">${signed(nats, 2)}</td></tr>`;
        })}</tbody>
      </table>
      <p class="note">More loss in nats per token, as measured when the model was made, on ${known.tokens.toLocaleString('en-US')} held-out tokens for each kind, with
        ${known.experts.map(({ layer, expert }, i) => html`${i ? ', ' : ''}expert ${expert} of layer ${layer}`)} off. The button measures it here.</p>`;
  }

  private result(proof: Proof) {
    const { session } = this;
    const most = Math.max(...proof.losses.map(({ before, after }) => Math.max(before, after)));
    const width = (nats: number) => `width:${(nats / most) * 100}%`;
    const tokens = proof.losses.map((loss) => loss.tokens);
    const [fewest, mostTokens] = [Math.min(...tokens), Math.max(...tokens)];
    const list = session.interventions.get();
    const all = proof.experts.every(({ layer, expert }) => session.isOff(layer, expert));
    return html`
      <p class="note">Switched off for “${proof.title}”: ${proof.experts.map(
        ({ layer, expert, share }, i) =>
          html`${i ? ', ' : ''}layer ${layer} expert ${expert} (${percent(share)} of its slots)`,
      )}. Chance is ${percent(proof.chance, 1)}.</p>
      <table class="chart" data-testid="proof">
        <thead><tr><th>Held-out text</th><th class="plot"><span class="key"><span><i class="before"></i>with all experts</span><span><i class="after"></i>without them</span></span></th>
          <th>all, nats</th><th>without</th><th>change</th></tr></thead>
        <tbody>${proof.losses.map(({ domain, title, before, after }) => {
          const change = after - before;
          return html`<tr class=${domain === proof.domain ? 'aimed' : ''} data-domain=${domain}>
            <th scope="row">${title}</th>
            <td class="plot"><div class="pair"><i class="before" .style=${width(before)}></i><i class="after" .style=${width(after)}></i></div></td>
            <td data-label="all">${before.toFixed(2)}</td><td data-label="without">${after.toFixed(2)}</td>
            <td class="change" data-label="change">${signed(change, 2)}</td></tr>`;
        })}</tbody>
      </table>
      <p class="note">Loss in nats per token; less is better. Measured just now on ${proof.device},
        n = ${fewest === mostTokens ? fewest : `${fewest} to ${mostTokens}`} held-out tokens for each kind of text, the same tokens both times.</p>
      <div class="act">
        ${
          all
            ? html`<button @click=${() => session.setInterventions(list.filter((each) => each.kind !== 'off' || !proof.experts.some((e) => e.layer === each.layer && e.expert === each.expert)))}>Bring them back</button>
              <span class="label">They are off: whatever is written now does without them.</span>`
            : html`<button @click=${() => this.keepOff(proof)} data-testid="keep-off">Keep them off and write</button>
              <span class="label">The measurement is over; all experts you did not switch off yourself are on again.</span>`
        }
      </div>
    `;
  }

  private async keepOff(proof: Proof): Promise<void> {
    const { session } = this;
    if (session.source.get().kind !== 'live') session.writing.showLive();
    const off = proof.experts.map(({ layer, expert }) => ({ kind: 'off' as const, layer, expert }));
    if (!(await session.setInterventions(off.reduce(add, session.interventions.get())))) return;
    scrollTo({ top: 0 });
    await session.writing.write();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'knockout-proof': KnockoutProof;
  }
}
