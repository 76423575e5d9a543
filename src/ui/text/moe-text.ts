/**
 * The text: prompt in ink, written tokens tinted by their top expert in the chosen layer, its number beneath. Spans are
 * appended and never drawn again; a change of layer re-tints them in slices, so that no frame is lost on a long text.
 */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { type Expert, hueOf, isColoured, type PinnedExpert, sameExpert } from '../../state/views/selection.ts';
import { paint, stopPainting } from '../kit/frame.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { parts, say } from '../kit/words.ts';
import { besideLine, TextBlocks } from './text-blocks.ts';
import { textStyles } from './text-styles.ts';
import { joinParts, joins, looksLikeCode, sentence, tint, tokenSpan, underline, WIDEST_MARGIN } from './token-span.ts';
import { tokenStyles } from './token-styles.ts';

/** Spans re-tinted in one frame. */
const SLICE = 250;
/** Spans, and characters, appended in one frame: a long text from a file comes over several. */
const APPENDED = 500;
const CHARACTERS = 20_000;

@customElement('moe-text')
export class MoeText extends SessionElement {
  @query('.text') private box!: HTMLElement;
  @query('.flow') private flow!: HTMLElement;
  private readonly pending = document.createElement('span');
  private blocks: TextBlocks | null = null;
  private spans: HTMLElement[] = [];
  private epoch = -1;
  /** Spans before this one still carry the tint of another layer; the newest are re-tinted first. */
  private untinted = 0;
  private tinted = -1;
  private pins: readonly PinnedExpert[] = [];
  private hues = '';
  /** Spans before this one are not yet marked as using, or not, the expert that is looked at. */
  private unasked = 0;
  private asked: Expert | null = null;
  private roving = -1;
  private lit = -1;
  private following = true;
  /** The scrolling that is still to be told of was done here. */
  private followed = false;

  static override styles = [controls, tokenStyles, textStyles];

  override render() {
    const { session } = this;
    const layer = session.layer.get();
    const phase = session.phase.get();
    session.trace.version.get();
    const giving = session.handover.get();
    const waiting = giving || session.writing.reading.get();
    const empty = session.trace.count === 0;
    const asking = session.hoveredExpert.get() !== null;
    session.inspected.get();
    const inspected = session.inspectedExpert.get();
    const hue = inspected && hueOf(session.shape.get(), inspected, session.pinnedExperts.get(), session.hues);
    const label = say('the-text', { layer });
    return html`
      <div class="text ${waiting ? 'giving-way' : ''}" role="group" aria-label=${label} data-testid="text"
        @pointerover=${this.onHover} @pointerleave=${this.onLeave} @click=${this.onClick} @keydown=${this.onKey}
        @focusin=${this.onFocus} @focusout=${this.onBlur} @scroll=${this.onScroll}>
        ${empty ? html`<p class="empty">${this.emptyLine()}</p>` : ''}
        <div translate="no" lang="" dir="auto" class="flow ${phase} ${session.signs.get() ? 'signs' : ''} ${asking ? 'asking' : ''}" .style=${`--asked:${hue === null ? 'var(--ink)' : `var(--hue-${hue})`}`}></div>
      </div>
      ${this.legend()}
      ${giving ? html`<p class="handover">${say('handover')}</p>` : ''}
    `;
  }

  private legend() {
    const { session } = this;
    const { experts } = session.shape.get();
    if (experts === 1) return html`<div class="legend"></div>`;
    const signs = session.signs.get();
    const lead = (margin: number) => html`<span class="lead" .style=${`--line:${underline(margin)}`}>${margin}</span>`;
    return html`<div class="legend ${experts ? '' : 'unfilled'}">
      ${isColoured(session.shape.get()) ? html`<span>${say('tint-words', { layer: session.layer.get() })}</span>` : ''}
      <span>${parts('line-words', { least: lead(0), most: lead(WIDEST_MARGIN) })}</span>
      <button class="link" aria-pressed=${signs} aria-label=${session.place.narrow.get() ? say('show-signs') : nothing} @click=${() => session.signs.choose(!signs)} data-testid="signs">${
        session.place.narrow.get() ? '¶' : say(signs ? 'hide-signs' : 'show-signs')
      }</button>
    </div>`;
  }

  private emptyLine(): string {
    const engine = this.session.engine.get();
    if (this.session.phase.get() === 'going') return 'Reading the prompt.';
    if (engine.phase === 'ready') return 'Nothing written yet. Press Write, and the prompt is continued here.';
    if (engine.phase === 'failed') return 'No model is open, so nothing can be written yet.';
    // As in index.html, whose words these take the place of.
    return 'A language model made of experts is on its way to this machine. It will write here, and you will see which of them work on every word.';
  }

  protected override firstUpdated(): void {
    const caret = document.createElement('span');
    this.pending.className = 'pending';
    caret.className = 'caret';
    caret.ariaHidden = 'true';
    this.blocks = new TextBlocks(this.flow, [this.pending, caret]);
  }

  protected override updated(_changed: PropertyValues): void {
    // What is known is drawn in the next frame; until then the text is not all there.
    const { trace } = this.session;
    if (this.epoch !== trace.epoch.get() || this.spans.length < trace.count) this.box.ariaBusy = 'true';
    paint(this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    stopPainting(this.draw);
  }

  private draw = (): boolean => {
    const { trace } = this.session;
    const { blocks } = this;
    if (!blocks) return false;
    const layer = this.session.layer.get();
    if (this.epoch !== trace.epoch.get()) {
      this.epoch = trace.epoch.get();
      this.spans = [];
      this.untinted = 0;
      this.unasked = 0;
      this.roving = -1;
      this.lit = -1;
      this.following = true;
      this.flow.removeAttribute('data-code');
      blocks.clear();
    }
    const pins = this.session.pinnedExperts.get();
    const hues = this.session.hues.stage();
    if (layer !== this.tinted || pins !== this.pins || hues !== this.hues) {
      this.tinted = layer;
      this.hues = hues;
      this.pins = pins;
      this.untinted = this.spans.length;
    }
    const asked = this.session.inspectedExpert.get();
    if (!sameExpert(asked, this.asked)) {
      this.asked = asked;
      this.unasked = this.spans.length;
    }
    if (this.spans.length < trace.count) {
      const fresh: HTMLElement[] = [];
      let characters = 0;
      for (let at = this.spans.length; at < trace.count && fresh.length < APPENDED && characters < CHARACTERS; at++) {
        characters += trace.texts[at].length;
        fresh.push(this.makeSpan(at, layer));
      }
      blocks.append(fresh);
    }
    if (this.pending.textContent !== trace.pending) this.pending.textContent = trace.pending;
    const start = Math.max(0, this.untinted - SLICE);
    for (let at = start; at < this.untinted; at++) tint(this.spans[at], trace, at, layer, pins, this.session.hues);
    this.untinted = start;
    const asking = Math.max(0, this.unasked - SLICE);
    for (let at = asking; at < this.unasked; at++) this.ask(this.spans[at], at);
    this.unasked = asking;
    this.mark();
    if (this.following) this.follow();
    const more = this.spans.length < trace.count;
    this.box.ariaBusy = String(more);
    return more || this.untinted > 0 || this.unasked > 0;
  };

  private makeSpan(at: number, layer: number): HTMLElement {
    const { trace } = this.session;
    const span = tokenSpan(trace, at);
    if (this.roving < 0) {
      this.roving = at;
      span.tabIndex = 0;
    }
    if (at === trace.promptCount)
      this.flow.toggleAttribute('data-code', looksLikeCode(trace.texts.slice(0, at).join('')));
    if (at > 0 && joins(trace.texts[at - 1], trace.texts[at])) this.spans[at - 1].classList.add('joined');
    tint(span, trace, at, layer, this.pins, this.session.hues);
    this.ask(span, at);
    this.spans.push(span);
    joinParts(this.spans, trace, at);
    return span;
  }

  /** Marks the token if it used the expert that is looked at. */
  private ask(span: HTMLElement, at: number): void {
    const { asked } = this;
    const { trace } = this.session;
    const known = asked !== null && asked.layer < trace.shape.layers;
    span.classList.toggle('uses', known && trace.rankOf(at, asked.layer, asked.expert) >= 0);
  }

  /** Shows which token the panels speak of. */
  private mark(): void {
    const at = this.session.inspected.get() ?? -1;
    if (at === this.lit || at >= this.spans.length) return;
    this.spans[this.lit]?.classList.remove('lit');
    this.spans[at]?.classList.add('lit');
    this.lit = at;
  }

  private at(event: Event): number | null {
    const span = (event.target as HTMLElement).closest<HTMLElement>('.t');
    return span ? Number(span.dataset.at) : null;
  }

  private onHover = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') this.session.selection.hover(this.at(event));
  };
  private onLeave = (): void => this.session.selection.hover(null);

  private onClick = (event: Event): void => {
    const at = this.at(event);
    if (at !== null) this.pin(at);
  };

  private pin(at: number): void {
    this.session.selection.toggleToken(at);
    this.describe(at);
  }

  private onFocus = (event: FocusEvent): void => {
    const at = this.at(event);
    if (at === null) return;
    this.describe(at);
    if ((event.target as HTMLElement).matches(':focus-visible')) this.session.selection.hover(at);
  };
  private onBlur = (): void => this.session.selection.hover(null);

  private onKey = (event: KeyboardEvent): void => {
    const at = this.at(event);
    if (at === null) return;
    const last = this.spans.length - 1;
    const ahead = getComputedStyle(this.flow).direction === 'rtl' ? -1 : 1;
    const steps: Record<string, number> = {
      ArrowRight: at + ahead,
      ArrowLeft: at - ahead,
      Home: 0,
      End: last,
      ArrowDown: besideLine(this.spans, at, 1),
      ArrowUp: besideLine(this.spans, at, -1),
    };
    if (event.key === 'Escape') this.session.selection.pinToken(null);
    else if (event.key === 'Enter' || event.key === ' ') this.pin(at);
    else if (event.key in steps) this.rove(Math.max(0, Math.min(last, steps[event.key])));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private rove(to: number): void {
    const old = this.spans[this.roving];
    if (old) {
      old.removeAttribute('role');
      old.removeAttribute('aria-label');
      old.removeAttribute('aria-pressed');
      old.removeAttribute('tabindex');
    }
    this.roving = to;
    this.spans[to].tabIndex = 0;
    this.describe(to);
    this.spans[to].focus();
  }

  /** Only the token that has the focus is a button with a name; to a reader all others are plain text. */
  private describe(at: number): void {
    const { trace } = this.session;
    const span = this.spans[at];
    if (at !== this.roving || !span) return;
    span.setAttribute('role', 'button');
    span.setAttribute('aria-pressed', String(this.session.pinned.get() === at));
    span.setAttribute('aria-label', sentence(trace, at, this.session.layer.get()));
  }

  private follow(): void {
    const { box } = this;
    const before = box.scrollTop;
    box.scrollTop = box.scrollHeight;
    this.followed = box.scrollTop !== before;
    box.toggleAttribute('data-scrolled', box.scrollTop > 0);
  }

  private onScroll = (): void => {
    // Asked where it has scrolled to, the browser lays the page out at once: not for what was scrolled here.
    const { followed } = this;
    this.followed = false;
    if (followed) return;
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    this.following = scrollHeight - scrollTop - clientHeight < 48;
    this.box.toggleAttribute('data-scrolled', scrollTop > 0);
  };
}
