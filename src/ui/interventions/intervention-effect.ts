/** Interventions, and what they change: in the predictions over this text, on held-out text, and in a text from the same seed. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { compared } from '../../state/interventions/compared.ts';
import type { Effect, SecondText } from '../../state/interventions/effects.ts';
import { describe } from '../../state/interventions/interventions.ts';
import { readLoss, readText, writeTwice } from '../../state/interventions/measuring-effects.ts';
import { NO_HELDOUT, readsHeldout } from '../../state/models/heldout.ts';
import type { Measure } from '../../state/saves/measure.ts';
import type { DomainLoss, TextEffect } from '../../worker/protocol.ts';
import { DOMAINS } from '../experts/domains.ts';
import { effectStyles } from './effect-styles.ts';
import './effect-strip.ts';
import { BUSY } from '../kit/busy.ts';
import { percent, signed, visible } from '../kit/format.ts';
import './intervention-editor.ts';
import './intervention-list.ts';
import { panel } from '../article/panel-styles.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const SHOWN = 5;
const ALL = 'all';

@customElement('intervention-effect')
export class InterventionEffect extends SessionElement {
  @state() private domain = 'prose';

  static override styles = [controls, panel, effectStyles];

  override render() {
    const { session } = this;
    const list = session.interventions.get();
    session.trace.version.get();
    const live = session.source.get().kind === 'live';
    const can = live && list.length > 0;
    return html`<h2 class="hidden">Interventions</h2>
      ${session.place.guest && !session.place.narrow.get() ? nothing : html`<intervention-list there .session=${session}></intervention-list>`}
      <intervention-editor .session=${session}></intervention-editor>
      ${
        can || this.anything()
          ? html`<div class="effects">${this.onText(can)}${this.onSeed(can)}${this.onLoss(can)}</div>`
          : html`<p class="none">Add one, and its effect can be measured here: on the predictions over this text, on a second text from the
            same seed, and on held-out text.</p>`
      }`;
  }

  private anything(): boolean {
    const { text, loss, second } = this.session.effects;
    return [text, loss, second].some((each) => each.get().state !== 'none');
  }

  private onText(can: boolean) {
    const { effects, trace, source } = this.session;
    const measure = effects.text.get();
    return html`<section aria-labelledby="on-text"><h3 id="on-text">The next token, over this text</h3>
      ${this.ask(measure, can && trace.count > 0, 'Read it without and with them', () => readText(this.session), 'effect-text')}
      ${measure.state === 'done' && source.get().kind === 'live' ? this.textFound(measure.result) : nothing}</section>`;
  }

  private textFound({ of, device, found }: Effect<TextEffect>): TemplateResult {
    const { kl, mean, last } = found;
    const rows = compared([], { base: last.base, swapped: last.changed, kl: 0 }, SHOWN);
    const print = ({ value, below }: { value: number; below: boolean }) => `${below ? '< ' : ''}${percent(value, 1)}`;
    return html`
      <p data-testid="effect-kl"><strong>${mean.toFixed(3)} nats</strong> on average over ${kl.length} positions,
        <strong>${(kl.at(-1) ?? 0).toFixed(3)}</strong> after the last.</p>
      <effect-strip .session=${this.session} .kl=${kl}></effect-strip>
      <table class="next" data-testid="effect-next"><caption>What may come after position ${kl.length - 1}</caption>
        <thead><tr><th><span class="hidden">token</span></th><th scope="col">without</th><th scope="col">with</th></tr></thead>
        <tbody>${rows.map(
          ({ text, base, swapped }) => html`<tr><th scope="row" class="token" translate="no">${visible(text)}</th>
            <td>${print(base)}</td><td>${swapped ? print(swapped) : nothing}</td></tr>`,
        )}</tbody></table>
      <p class="note">KL(without ‖ with) = Σ p · ln(p / q) over the whole vocabulary, at every position of the same text, read from its
        first token both times. Computed from logits of ${device}. ${this.stale(of, kl.length)}</p>`;
  }

  private onSeed(can: boolean) {
    const { effects, trace } = this.session;
    const measure = effects.second.get();
    return html`<section aria-labelledby="on-seed"><h3 id="on-seed">Two texts from the same seed</h3>
      ${this.ask(measure, can && trace.count > 0, 'Write both', () => writeTwice(this.session), 'effect-second')}
      ${measure.state === 'done' ? this.secondFound(measure.result) : nothing}</section>`;
  }

  private secondFound({ of, device, found }: Effect<SecondText>): TemplateResult {
    const { diff, seed, without } = found;
    const tokens = without.batch.count + 1 - without.promptTokens;
    const side = (words: string, pieces: SecondText['diff']['a'], mark: 'only-here' | 'new') =>
      html`<div><h4>${words}</h4><p class="said" data-testid=${`effect-${mark}`}>${pieces.map(({ text, same }) =>
        same ? text : html`<mark class=${mark}>${text}</mark>`,
      )}</p></div>`;
    return html`<div class="pair">${side('without', diff.a, 'only-here')}${side('with', diff.b, 'new')}</div>
      <p class="note">${diff.common} of ${diff.words[0]} and ${diff.words[1]} words are the same, in the same order; words that only one text has are
        underlined: dotted without, solid with. ${tokens} tokens from seed ${seed}, on ${device}. ${this.stale(of)}</p>`;
  }

  private onLoss(can: boolean) {
    const { effects, interventions } = this.session;
    const measure = effects.loss.get();
    const frozen = interventions.get().some(({ kind }) => kind === 'frozen');
    const running = measure.state === 'running';
    const domain = html`<label class="label">of <select ?disabled=${running} @change=${this.onDomain} data-testid="effect-domain">
      ${DOMAINS.map(([id, name]) => html`<option value=${id} ?selected=${id === this.domain}>${name}</option>`)}
      <option value=${ALL} ?selected=${this.domain === ALL}>every kind</option></select></label>`;
    const heading = html`<h3 id="on-loss">Loss on held-out text</h3>`;
    if (this.session.opened.get() && !readsHeldout(this.session))
      return html`<section aria-labelledby="on-loss">${heading}<p class="note">${NO_HELDOUT}</p></section>`;
    const asked = this.domain === ALL ? null : this.domain;
    return html`<section aria-labelledby="on-loss">${heading}
      ${this.ask(measure, can, 'Read text no model has seen', () => readLoss(this.session, asked), 'effect-loss', domain)}
      ${frozen ? html`<p class="note">Frozen routing belongs to its text; here it is left out.</p>` : nothing}
      ${measure.state === 'done' ? this.lossFound(measure.result) : nothing}</section>`;
  }

  private lossFound({ of, device, found }: Effect<readonly DomainLoss[]>): TemplateResult {
    const tokens = found.reduce((sum, loss) => sum + loss.tokens, 0);
    return html`<div class="wide"><table data-testid="effect-losses"><thead><tr><th>nats per token</th><th scope="col">without</th><th scope="col">with</th><th scope="col">change</th></tr></thead>
        <tbody>${found.map(
          ({ domain, title, before, after }) => html`<tr data-domain=${domain}><th scope="row">${title}</th>
          <td>${before.toFixed(3)}</td><td>${after.toFixed(3)}</td><td class="change">${signed(after - before, 3)}</td></tr>`,
        )}</tbody></table></div>
      <p class="note">Less is better. Measured on ${device}, n = ${tokens} tokens, the same both times. ${this.stale(of)}</p>`;
  }

  /** The button, or how far it is, or what went wrong: always the same room. */
  private ask<T>(
    measure: Measure<T>,
    can: boolean,
    words: string,
    run: () => Promise<void>,
    id: string,
    choice: TemplateResult | typeof nothing = nothing,
  ) {
    const { measuring, opened } = this.session;
    const busy = measuring.busy.get();
    return html`<div class="ask">${
      measure.state === 'running'
        ? html`<progress max=${measure.total || 1} .value=${measure.done} aria-label=${measure.step}></progress>
          <span role="status" class="label">${measure.step}, ${measure.done} of ${measure.total}</span>
          <button class="link" @click=${() => measuring.cancel()} data-testid=${`${id}-cancel`}>Cancel</button>`
        : html`<button ?disabled=${!can || busy || !opened.get()} @click=${run} data-testid=${id}>${measure.state === 'done' ? `${words.split(' ')[0]} again` : words}</button>${choice}
          ${can && busy ? html`<span class="label">${BUSY}</span>` : nothing}
          ${measure.state === 'failed' ? html`<span class="failed" role="alert">${measure.message}</span>` : nothing}`
    }</div>`;
  }

  /** Figures outlive the list they belong to, and say so. */
  private stale(of: Effect<unknown>['of'], positions?: number) {
    const { session } = this;
    const now = session.interventions.get();
    const same = of.length === now.length && of.every((each, i) => describe(each) === describe(now[i]));
    if (!same) return html`<strong>Measured under: ${of.map(describe).join(' ')}</strong>`;
    if (positions !== undefined && positions < session.trace.count) return 'The text has gone on since.';
    return nothing;
  }

  private onDomain = (event: Event): void => {
    this.domain = (event.target as HTMLSelectElement).value;
  };
}
