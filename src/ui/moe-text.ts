/**
 * The text: prompt in ink, written tokens tinted by their top expert in the chosen layer, its number beneath. Spans are
 * appended and never drawn again; a change of layer re-tints them in slices, so that no frame is lost on a long text.
 */
import { css, html, type PropertyValues } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { percent, spoken } from './format.ts';
import { paint, stopPainting } from './frame.ts';
import { controls, SessionElement } from './shared.ts';
import { besideLine, TextBlocks } from './text-blocks.ts';
import { tokenStyles } from './token-styles.ts';

/** Spans re-tinted in one frame. */
const SLICE = 250;

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
  private roving = -1;
  private lit = -1;
  private following = true;

  static override styles = [
    controls,
    tokenStyles,
    css`
      :host {
        display: flex;
        min-height: 0;
        position: relative;
      }
      .text {
        flex: 1;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        padding: 0.25rem 0.75rem 1.25rem 0;
        font: 400 1.25rem / 2.05 var(--text-face);
        max-width: 42rem;
      }
      .flow {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        tab-size: 2;
        transition: opacity 300ms;
      }
      /* What is scrolled out of sight is not painted. The padding keeps room for the numbers of the last line. */
      .block:not(:last-child) {
        content-visibility: auto;
        contain-intrinsic-height: auto 20rem;
        padding-bottom: 6px;
        margin-bottom: -6px;
      }
      .block s {
        display: inline-block;
        width: 0;
        overflow: hidden;
        height: 1em;
        vertical-align: bottom;
      }
      .giving-way .flow {
        opacity: 0.3;
      }
      .handover {
        position: absolute;
        inset: auto 1rem 1.5rem 0;
        font: 500 var(--size-4) / 1.2 var(--text-face);
      }
      .empty {
        color: var(--ink-2);
        max-width: 26em;
      }
      @media (prefers-reduced-motion: reduce) {
        .flow {
          transition: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const layer = session.layer.get();
    const phase = session.phase.get();
    session.trace.version.get();
    const giving = session.handover.get();
    const waiting = giving || session.writing.reading.get();
    const empty = session.trace.count === 0;
    const label = `The text. Arrow keys go from token to token; each tells its experts in layer ${layer}.`;
    return html`
      <div class="text ${waiting ? 'giving-way' : ''}" role="group" aria-label=${label} data-testid="text"
        @pointerover=${this.onHover} @pointerleave=${this.onLeave} @click=${this.onClick} @keydown=${this.onKey}
        @focusin=${this.onFocus} @focusout=${this.onBlur} @scroll=${this.onScroll}>
        ${empty ? html`<p class="empty">${this.emptyLine()}</p>` : ''}
        <div class="flow ${phase}"></div>
      </div>
      ${giving ? html`<p class="handover">The model is here. From now on, this machine writes.</p>` : ''}
    `;
  }

  private emptyLine(): string {
    const engine = this.session.engine.get();
    if (this.session.phase.get() === 'going') return 'Reading the prompt.';
    if (engine.phase === 'ready') return 'Nothing written yet. Press Write, and the prompt below is continued here.';
    if (engine.phase === 'failed') return 'No model is open, so nothing can be written yet.';
    return 'The model is on its way. Its text will stand here.';
  }

  protected override firstUpdated(): void {
    const caret = document.createElement('span');
    this.pending.className = 'pending';
    caret.className = 'caret';
    caret.ariaHidden = 'true';
    this.blocks = new TextBlocks(this.flow, [this.pending, caret]);
  }

  protected override updated(_changed: PropertyValues): void {
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
      this.roving = -1;
      this.lit = -1;
      this.following = true;
      blocks.clear();
    }
    if (layer !== this.tinted) {
      this.tinted = layer;
      this.untinted = this.spans.length;
    }
    if (this.spans.length < trace.count) {
      const fresh: HTMLElement[] = [];
      for (let at = this.spans.length; at < trace.count; at++) fresh.push(this.makeSpan(at, layer));
      blocks.append(fresh);
    }
    if (this.pending.textContent !== trace.pending) this.pending.textContent = trace.pending;
    const start = Math.max(0, this.untinted - SLICE);
    for (let at = start; at < this.untinted; at++) this.tint(this.spans[at], at, layer);
    this.untinted = start;
    this.mark();
    if (this.following) this.box.scrollTop = this.box.scrollHeight;
    return this.untinted > 0;
  };

  private makeSpan(at: number, layer: number): HTMLElement {
    const { trace } = this.session;
    const span = document.createElement('span');
    const text = trace.texts[at];
    // The blank before a word may hang at the end of the line above: the word alone carries the number.
    const word = text.trimStart();
    span.append(text.slice(0, text.length - word.length));
    const body = document.createElement('b');
    body.textContent = word;
    span.append(body);
    span.className = at < trace.promptCount ? 't prompt' : 't';
    if (text === '') span.classList.add('part');
    // A number needs room: lone marks and line breaks tell theirs when they are looked at.
    if (text.trimEnd().length < 2) span.classList.add('narrow');
    span.dataset.at = String(at);
    if (this.roving < 0) {
      this.roving = at;
      span.tabIndex = 0;
    }
    this.tint(span, at, layer);
    this.spans.push(span);
    return span;
  }

  private tint(span: HTMLElement, at: number, layer: number): void {
    if (this.session.trace.shape.experts === 1) return;
    const expert = this.session.trace.expert(at, layer);
    if (span.dataset.e === String(expert)) return;
    span.dataset.e = String(expert);
    (span.lastElementChild as HTMLElement).dataset.e = String(expert);
    span.style.setProperty('--tint', `var(--tint-${expert % 8})`);
    span.style.setProperty('--hue', `var(--hue-${expert % 8})`);
    span.classList.toggle('second', Math.floor(expert / 8) % 2 === 1);
  }

  /** Shows which token the panels speak of. */
  private mark(): void {
    const at = this.session.inspected.get() ?? -1;
    if (at === this.lit) return;
    this.spans[this.lit]?.classList.remove('lit');
    this.spans[at]?.classList.add('lit');
    this.lit = at;
  }

  private at(event: Event): number | null {
    const span = (event.target as HTMLElement).closest<HTMLElement>('.t');
    return span ? Number(span.dataset.at) : null;
  }

  private onHover = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') this.session.hovered.set(this.at(event));
  };
  private onLeave = (): void => this.session.hovered.set(null);

  private onClick = (event: Event): void => {
    const at = this.at(event);
    if (at !== null) this.pin(at);
  };

  private pin(at: number): void {
    const { pinned } = this.session;
    pinned.set(pinned.get() === at ? null : at);
    this.describe(at);
  }

  private onFocus = (event: FocusEvent): void => {
    const at = this.at(event);
    if (at === null) return;
    this.describe(at);
    if ((event.target as HTMLElement).matches(':focus-visible')) this.session.hovered.set(at);
  };
  private onBlur = (): void => this.session.hovered.set(null);

  private onKey = (event: KeyboardEvent): void => {
    const at = this.at(event);
    if (at === null) return;
    const last = this.spans.length - 1;
    const steps: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: last,
      ArrowDown: besideLine(this.spans, at, 1),
      ArrowUp: besideLine(this.spans, at, -1),
    };
    if (event.key === 'Escape') this.session.pinned.set(null);
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
    const layer = this.session.layer.get();
    const experts = Array.from(
      { length: trace.chosen(at, layer) },
      (_, rank) => `expert ${trace.expert(at, layer, rank)} ${percent(trace.gate(at, layer, rank))}`,
    );
    span.setAttribute('role', 'button');
    span.setAttribute('aria-pressed', String(this.session.pinned.get() === at));
    span.setAttribute('aria-label', `${spoken(trace.texts[at])}, layer ${layer}: ${experts.join(', ')}`);
  }

  private onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    this.following = scrollHeight - scrollTop - clientHeight < 48;
  };
}
