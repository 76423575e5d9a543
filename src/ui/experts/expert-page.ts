/** One expert: what went there in this text and in held-out text, each count beside what chance would send. */
import { html, nothing, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { ExpertReading, type WordCount } from '../../state/measures/expert.ts';
import { domainSpecialisation } from '../../state/measures/specialisation.ts';
import { NO_HELDOUT, readsHeldout } from '../../state/models/heldout.ts';
import { LONGEST_NAME } from '../../state/views/expert-names.ts';
import { type Expert, sameExpert } from '../../state/views/selection.ts';
import type { DomainLoad } from '../../worker/protocol.ts';
import { panel } from '../article/panel-styles.ts';
import { chanceBar, chanceBarStyles } from '../chart/chance-bar.ts';
import { percent, visible } from '../kit/format.ts';
import { paint, stopPainting } from '../kit/frame.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { expertPageStyles } from './expert-page-styles.ts';

const REFRESH_MILLISECONDS = 250;
/** What counting may take of one frame. */
const SLICE_MILLISECONDS = 5;
const WORDS = 7;
const PARTNERS = 7;
const BINS = 60;

@customElement('expert-page')
export class ExpertPage extends SessionElement {
  private reading: ExpertReading | null = null;
  private epoch = -1;
  private printed = -1;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Stays while the pointer crosses the wall on its way here. */
  private asked: Expert | null = null;

  static override styles = [controls, panel, chanceBarStyles, expertPageStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(this.look, REFRESH_MILLISECONDS);
    this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    stopPainting(this.count);
  }

  /** The expert this page speaks of: the one looked at or pinned; without either the one it spoke of before. */
  private subject(): Expert | null {
    const { inspectedExpert, shape } = this.session;
    const { layers, experts } = shape.get();
    this.asked = inspectedExpert.get() ?? this.asked;
    const there = this.asked && this.asked.layer < layers && this.asked.expert < experts;
    return there && experts > 1 ? this.asked : null;
  }

  private look = (): void => {
    const { trace } = this.session;
    const subject = this.subject();
    if (!subject) return;
    if (trace.epoch.get() !== this.epoch || !sameExpert(this.reading, subject)) {
      this.epoch = trace.epoch.get();
      this.printed = -1;
      this.reading = new ExpertReading(trace, subject.layer, subject.expert);
    }
    if (this.reading!.count < trace.count) paint(this.count);
    else if (this.printed !== this.reading!.count) this.requestUpdate();
  };

  private count = (): boolean => {
    const done = this.reading?.catchUp(SLICE_MILLISECONDS) ?? true;
    if (done) this.requestUpdate();
    return !done;
  };

  override render() {
    const subject = this.subject();
    this.session.pinnedExperts.get();
    if (this.session.shape.get().experts === 1) {
      return html`<p class="none">A dense model has no experts to tell apart.</p>`;
    }
    if (!subject) {
      return html`<p class="none">Pick a cell of the wall, and its expert stands here.</p>`;
    }
    if (!sameExpert(this.reading, subject)) this.look();
    const reading = this.reading!;
    this.printed = reading.count;
    return html`${this.head(subject)} ${this.sentence(reading)}
      <div class="lists">
        ${this.words('Tokens that went in', 'inputs', reading.inputs.most(WORDS), reading)}
        ${this.words('Tokens expected next', 'predictions', reading.predictions.most(WORDS), reading)}
        ${this.partners(reading)} ${this.domains(subject)}
      </div>`;
  }

  private head(subject: Expert) {
    const { session } = this;
    const { layer, expert } = subject;
    const off = session.isOff(layer, expert);
    const pinned = session.selection.pinOf(subject) !== null;
    return html`<div class="head"><h2>Expert ${expert} in layer ${layer}</h2>
      <label class="name"><span class="hidden">Your name for expert ${expert} in layer ${layer}</span><input maxlength=${LONGEST_NAME}
        placeholder="your name for it" .value=${session.names.of(subject) ?? ''} data-testid="expert-name"
        @change=${(event: Event) => session.names.give(subject, (event.target as HTMLInputElement).value)}></label>
      <span class="acts"><button class="link" @click=${() => session.selection.togglePin(subject)}>${pinned ? 'Unpin' : 'Pin'}</button>
        <button class="link" @click=${() => session.toggleExpert(layer, expert)}>${off ? 'Bring it back' : 'Switch it off'}</button></span></div>`;
  }

  private sentence(reading: ExpertReading) {
    const { trace } = this.session;
    const { layer } = reading;
    if (!reading.count) return html`<p class="said-of" data-testid="expert-said">There is no text yet.</p>`;
    const share = percent(reading.taken / reading.count, 1);
    return html`<div class="over"><p class="said-of" data-testid="expert-said">It took ${reading.taken} of the ${reading.count} tokens here,
      ${share}; chance is ${percent(trace.chance(layer, 'tokens'), 1)}. ${this.strongest(reading)}</p>${this.time(reading)}</div>`;
  }

  /** Its share along the text. */
  private time(reading: ExpertReading) {
    const { shares, tokens } = reading.overTime(BINS);
    const chance = this.session.trace.chance(reading.layer, 'tokens');
    const step = 240 / shares.length;
    const y = (share: number) => 24 - 22 * share;
    const words = `Its share of every ${tokens} tokens, from the first to the latest`;
    return html`<figure class="time"><svg viewBox="0 0 240 24" preserveAspectRatio="none" role="img" aria-label=${words}>
        ${shares.map((share, i) => svg`<rect x=${i * step} y=${y(share)} width=${step * 0.86} height=${24 - y(share)}></rect>`)}
        ${svg`<path d=${`M0 ${y(chance)}H240`}></path>`}</svg>
      <figcaption>${tokens === 1 ? 'token by token' : `share of every ${tokens} tokens`}, 0 to 100\u00a0%</figcaption></figure>`;
  }

  private words(title: string, id: string, list: readonly WordCount[], reading: ExpertReading) {
    const chance = this.session.trace.chance(reading.layer, 'tokens');
    return html`<section><h3>${title}<span>chance</span></h3>
      ${list.length ? nothing : html`<p class="none">none yet</p>`}
      <table data-testid=${`expert-${id}`}>${this.caption(`${title}: how many of their occurrences it took, and how many chance would send`)}
        <tbody>${list.map(
          ({
            word,
            taken,
            occurrences,
          }) => html`<tr class="bar" .style=${chanceBar(taken / occurrences, chance)}><th scope="row" class="token" translate="no">${visible(word)}</th>
            <td>${taken} of ${occurrences}</td><td class="by-chance"><span class="hidden">chance </span>${(occurrences * chance).toFixed(1)}</td></tr>`,
        )}</tbody></table></section>`;
  }

  private caption(words: string) {
    return html`<caption class="hidden">${words}</caption>`;
  }

  private partners({ partners, expert, layer, taken }: ExpertReading) {
    const { experts } = this.session.trace.shape;
    const list = Array.from({ length: experts }, (_, other) => other)
      .filter((other) => other !== expert && partners.together[other])
      .sort((a, b) => partners.together[b] - partners.together[a] || a - b)
      .slice(0, PARTNERS);
    return html`<section><h3>Works with, in layer ${layer}<span>chance</span></h3>
      ${list.length ? nothing : html`<p class="none">none yet</p>`}
      <table data-testid="expert-partners">${this.caption('Of its tokens, the share that the other expert took too; and chance')}
        <tbody>${list.map(
          (
            other,
          ) => html`<tr class="bar" .style=${chanceBar(partners.share(other), partners.chance)}><th scope="row"><button class="link" @click=${() => this.session.selection.pin({ layer, expert: other })}>expert ${other}</button></th>
            <td>${partners.together[other]} of ${taken}</td><td class="by-chance"><span class="hidden">chance </span>${(taken * partners.chance).toFixed(1)}</td></tr>`,
        )}</tbody></table></section>`;
  }

  /** The share of each kind of held-out text that goes to an expert, most first. */
  private byDomain(read: readonly DomainLoad[], layer: number, expert: number) {
    const { opened, trace } = this.session;
    const k = opened.get()?.model.expertsPerToken ?? trace.shape.expertsPerToken;
    const rows = read.map(({ domain, title, assignments, load }) => ({
      domain,
      title,
      tokens: assignments / k,
      share: domainSpecialisation(load[layer]?.[expert] ?? 0, k),
    }));
    return { rows: rows.sort((a, b) => b.share - a.share), chance: k / trace.shape.experts };
  }

  /** The text is another model's than the open one, which read the held-out text. */
  private imported(): boolean {
    return this.session.source.get().kind === 'imported';
  }

  private strongest({ layer, expert }: Expert) {
    const measure = this.session.measuring.domains.get();
    if (measure.state !== 'done' || this.imported()) return nothing;
    const { rows, chance } = this.byDomain(measure.result, layer, expert);
    return html`Of the held-out texts it took most of “${rows[0].title}”: ${percent(rows[0].share, 1)} of ${rows[0].tokens} tokens;
      chance is ${percent(chance, 1)}.`;
  }

  private domains({ layer, expert }: Expert) {
    const { measuring } = this.session;
    if (this.imported()) return nothing;
    const measure = measuring.domains.get();
    const opened = this.session.opened.get();
    const title = html`<h3>Kinds of held-out text</h3>`;
    if (measure.state === 'running') {
      return html`<section>${title}<p class="none" role="status"><progress max=${measure.total || 1} .value=${measure.done} aria-label="Reading"></progress>
        ${measure.done} of ${measure.total} texts</p><button class="link" @click=${() => measuring.cancel()}>Cancel</button></section>`;
    }
    if (opened && !readsHeldout(this.session))
      return html`<section>${title}<p class="none">${NO_HELDOUT}</p></section>`;
    if (measure.state !== 'done') {
      return html`<section>${title}<p class="none">Which share of each kind of text goes to this expert? Reading some takes a moment.</p>
        <p><button ?disabled=${!opened} @click=${() => measuring.readDomains()} data-testid="read-domains">Read held-out text</button></p>
        ${opened ? nothing : html`<p class="none">That needs the live model.</p>`}
        ${measure.state === 'failed' ? html`<p class="failed" role="alert">${measure.message}</p>` : nothing}</section>`;
    }
    const { rows, chance } = this.byDomain(measure.result, layer, expert);
    return html`<section>${title}
      <table data-testid="expert-domains">${this.caption('Share of the tokens of each kind of text that have it among their experts')}
        <tbody>${rows.map(
          ({ domain, title: name, share }) =>
            html`<tr class="bar" .style=${chanceBar(share, chance)} data-domain=${domain}><th scope="row">${name}</th><td>${percent(share, 1)}</td></tr>`,
        )}</tbody></table></section>`;
  }
}
