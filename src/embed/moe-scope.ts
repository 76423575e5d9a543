/** `<moe-scope>`: a live Mixture of Experts on any page. docs/embedding.md says how to use it. */
import { version } from '../../package.json';
import type { EngineInfo } from '../engine/types.ts';
import { LINK_KEYS, readAddress, writeAddress } from '../state/address/address.ts';
import type { PageState } from '../state/address/keys.ts';
import { OwnAddress } from '../state/address/place.ts';
import { Appearance } from '../state/page/theme.ts';
import { VARIANTS, type Variant } from '../state/page/variant.ts';
import { Session } from '../state/session/session.ts';
import { signal } from '../state/session/signals.ts';
import { nextAct } from '../state/text/next-act.ts';
import { connectWorker } from '../state/worker/client.ts';
import { replaceWords } from '../ui/kit/more-words.ts';
import { Box } from './box.ts';
import { borrow } from './colours.ts';
import type { MoeScopeEventMap, MoeScopeToken } from './contract.ts';
import { wear } from './element-states.ts';
import { fragmentOf } from './fragment.ts';
import { engineWorkerOf, pageUrl, useFolder } from './home.ts';
import { hostEvents } from './host-events.ts';
import { poster } from './poster.ts';
import { type ScopeView, viewOf } from './scope-view.ts';
import { Sight } from './sight.ts';
import { sourceOf } from './source.ts';
import { tokensOf } from './tokens.ts';

/** An element that is taken out and put back within this time goes on as if nothing had been. */
const PATIENCE_MILLISECONDS = 2000;

/**
 * A live Mixture of Experts: it writes a text and shows which experts work for it.
 *
 * @element moe-scope
 *
 * @attr {full|tokens|grid|router|compare} variant - Which parts are shown; full where it is missing.
 * @attr {auto|interaction} reveal - interaction: nothing is fetched until the visitor presses the button.
 * @attr {auto|cpu|recorded} device - What writes; recorded fetches no model.
 * @attr recording - The address of a recording that is played; no model is fetched.
 * @attr folder - Where models/ and recordings/ lie, where a bundler has moved the script. One for the page.
 * @attr worker-url - Another script than the worker inside. One for the page.
 * @attr link - All of the fragment of a link, in place of the attributes below.
 * @attr model - An id of models/index.json, or the address of a GGUF file, which is asked about before it is fetched.
 * @attr prompt - What the text begins with.
 * @attr temperature - Of sampling; 0 takes the most likely token.
 * @attr top-k - Only the k most likely tokens are drawn from; 0: all.
 * @attr top-p - Only the most likely tokens that together reach p; 1: all.
 * @attr seed - Of sampling.
 * @attr tokens - How many are written.
 * @attr batch - Tokens per step that the comparison with dense speaks of.
 * @attr until - After how many of them it pauses.
 * @attr pace - How fast it writes, as in a link.
 * @attr write - 1: it writes at once.
 * @attr off - Experts that are off, as layer:expert.
 * @attr force - Experts that are always chosen, as layer:expert.
 * @attr bias - What is added to the router's logits, as layer:expert:amount.
 * @attr k - Experts per token.
 * @attr route - uniform or random: experts that ignore the text.
 * @attr frozen - The routing of another run is kept.
 * @attr other - The prompt of a second run beside the first.
 * @attr view - The panel that is open.
 * @attr layer - The layer that is looked at, from 1.
 * @attr wall - What the wall shows: token, window or all.
 * @attr window - Tokens of the wall's window.
 * @attr share - What a share is a share of.
 * @attr order - How experts stand on the wall: by number or by load.
 * @attr token - The pinned token, by its position.
 * @attr experts - Pinned experts, as layer:expert.
 * @attr signs - 1 shows spaces and line breaks as signs.
 * @attr open - Tables and definitions that are folded out.
 * @attr {light|dark|contrast} theme - As the place where the element stands, where it is missing.
 * @attr hide - Parts that are taken off.
 * @attr train - The race of “Train one”, as it is set up; `1` for the usual one.
 *
 * @slot - Shown until the element starts, and where there is no JavaScript.
 * @slot poster - Stands above the button, with reveal="interaction".
 *
 * @csspart base - All of it.
 * @csspart start - The button, with reveal="interaction".
 * @csspart badge - What writes: live or recorded, on which device.
 * @csspart link - The link to the whole page.
 * @csspart status - Loading, notices, faults.
 * @csspart tokens - The text.
 * @csspart controls - Write, step, start over.
 * @csspart prompt - The prompt and the sampling.
 * @csspart wall - The experts.
 * @csspart panels - The panels under the wall.
 * @csspart router - The router of one token.
 * @csspart compare - The costs.
 *
 * @cssprop --moe-font - Typeface.
 * @cssprop --moe-ink - Colour of text.
 * @cssprop --moe-paper - Background.
 * @cssprop --moe-accent - Colour of what can be pressed.
 * @cssprop --moe-size - Size of type that all sizes hang on; the element's own where it is missing, at least 14px.
 * @cssprop --moe-text-height - Height of the text.
 * @cssprop --moe-wall-height - Height of the wall.
 *
 * @cssState loading - The model is on its way.
 * @cssState recorded - A recording plays.
 * @cssState live - The model writes on a GPU.
 * @cssState cpu - The model writes on the CPU.
 * @cssState error - The model could not be opened.
 *
 * @event moe-ready - The model is open. detail: { device, model }
 * @event moe-progress - The model is on its way. detail: { stage, done, total }
 * @event moe-step - Tokens were written. detail: { tokens, generated }
 * @event moe-token - A token came to the text. detail: { position, id, text, prompt, experts, weights }
 * @event moe-end - A text has come to its end, or was stopped. detail: { tokens, generated, text }
 * @event moe-select - A token or experts were pinned. detail: { token, experts }
 * @event moe-change - The link has changed. detail: { link }
 * @event moe-error - Something failed. detail: { code, message, hint }
 * @event moe-device-change - Another device writes now. detail: { device }
 */
export class MoeScope extends HTMLElement {
  /** Of the package. */
  static readonly version: string = version;
  /** Says badge, buttons, form and loading of all elements in other words; gives back the whole table. */
  static readonly replaceWords = replaceWords;
  static readonly observedAttributes = ['variant', 'link', ...LINK_KEYS];

  private readonly internals = this.attachInternals();
  private readonly box = new Box(this);
  private readonly sight = new Sight(this, (seen) => this.seen(seen));
  private readonly narrow = signal(false);
  private readonly address = new OwnAddress(
    () => pageUrl(this.getAttribute('folder')),
    () => this.tell('moe-change', { link: this.link }),
  );
  private readonly appearance = new Appearance(false);
  private around = () => {};
  private session: Session | null = null;
  /** The session that was started: one that began with the painters was not. */
  private begun: Session | null = null;
  private shown: ScopeView | null = null;
  private stops: (() => void)[] = [];
  private closing: ReturnType<typeof setTimeout> | undefined;

  /** Moved into another document. */
  adoptedCallback(): void {
    this.box.settle();
  }

  connectedCallback(): void {
    clearTimeout(this.closing);
    this.internals.role = 'group';
    this.internals.ariaLabel = 'moescope: a Mixture-of-Experts language model writes';
    if (!this.session) this.appearance.take(readAddress(fragmentOf(this)).state.theme);
    this.around = borrow(this, this.box.base, this.appearance);
    if (this.session) this.show(this.session);
    else if (this.getAttribute('reveal') === 'interaction') this.offer();
    this.sight.watch();
  }

  disconnectedCallback(): void {
    this.sight.leave();
    this.around();
    this.closing = setTimeout(() => this.dispose(), PATIENCE_MILLISECONDS);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    // The same link again leads back to it: what the element shows may have changed since.
    if (before === after && name !== 'link') return;
    if (name === 'variant') {
      if (this.shown) this.shown.variant = this.variant;
      if (this.session) this.begin(this.session);
    } else if (this.session) this.address.go(fragmentOf(this));
  }

  /** Which parts are shown: full, tokens, grid, router, compare or race. */
  get variant(): Variant {
    return VARIANTS.find((each) => each === this.getAttribute('variant')) ?? 'full';
  }
  set variant(value: Variant) {
    this.setAttribute('variant', value);
  }

  /** A link to the whole page as this element stands. */
  get link(): string {
    return this.session?.pageLink.link() ?? this.address.link(`#${fragmentOf(this)}`);
  }
  set link(link: string) {
    this.setAttribute('link', link);
  }

  /** All that a link carries, as plain data; null before the start. */
  get state(): PageState | null {
    return this.session?.pageLink.state() ?? null;
  }
  set state(state: PageState) {
    if (this.session) void this.session.pageLink.go(state);
    else this.link = `#${writeAddress(state)}`;
  }

  /** The device that runs the model; null while none does. */
  get adapterInfo(): EngineInfo | null {
    return this.session?.opened.get()?.info ?? null;
  }

  /** The text so far, prompt included. */
  get text(): string {
    return this.session?.trace.text() ?? '';
  }

  /** What the router did with each token so far. */
  get trace(): readonly MoeScopeToken[] {
    return tokensOf(this.session?.trace);
  }

  /** Starts, even out of sight or before anybody asked, and writes. */
  play(): void {
    const session = this.start();
    if (nextAct(session) !== 'pause') void session.writing.toggle();
  }

  /** Stops writing; the text stays. */
  pause(): void {
    this.session?.writing.pause();
  }

  /** Writes one token. */
  async stepForward(): Promise<void> {
    await this.start().writing.oneToken();
  }

  /** Forgets the text. */
  async reset(): Promise<void> {
    await this.session?.writing.reset();
  }

  /** Stops and gives back engine and memory; it starts anew by its button, play(), or when it comes into sight again. */
  dispose(): void {
    clearTimeout(this.closing);
    for (const stop of this.stops.splice(0)) stop();
    void this.session?.close();
    this.session = null;
    this.begun = null;
    this.shown = null;
    wear(this.internals.states, []);
    this.box.stage.replaceChildren(document.createElement('slot'));
    if (this.isConnected) this.offer();
  }

  /** The poster and a button that starts: where the author wants to be asked, and after everything was given back. */
  private offer(): void {
    const model = new URLSearchParams(fragmentOf(this)).get('model');
    this.box.stage.replaceChildren(...poster(model, sourceOf(this).device === 'recorded', () => this.play()));
  }

  private seen(seen: boolean): void {
    if (this.session) this.session.writing.rest(!seen);
    else if (seen && this.getAttribute('reveal') !== 'interaction') this.start();
  }

  private start(): Session {
    if (this.session) return this.session;
    this.address.go(fragmentOf(this));
    useFolder(this.getAttribute('folder'));
    const engineWorker = engineWorkerOf(this.getAttribute('worker-url'));
    const client = connectWorker(async () => engineWorker);
    const measures = this.variant === 'full' || this.variant === 'compare';
    const [address, appearance, narrow] = [this.address, this.appearance, this.narrow];
    const session = new Session(client, { ...sourceOf(this), address, appearance, narrow, guest: true, measures });
    this.session = session;
    const tell = (name: keyof MoeScopeEventMap, detail: unknown) => queueMicrotask(() => this.tell(name, detail));
    this.stops = [hostEvents(session, tell, (states) => wear(this.internals.states, states))];
    this.show(session);
    this.begin(session);
    return session;
  }

  /** Once a session, however often the variant changes: the painters need no language model. */
  private begin(session: Session): void {
    if (this.variant === 'race' || this.begun === session) return;
    this.begun = session;
    void session.start();
  }

  /** A new view each time the element is put in: the session knows all that it shows. */
  private show(session: Session): void {
    this.shown = viewOf(session, this.variant, {
      narrow: (narrow) => this.narrow.set(narrow),
      follow: (link) => this.address.go(link),
    });
    this.box.stage.replaceChildren(this.shown);
  }

  private tell(name: keyof MoeScopeEventMap, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-scope': MoeScope;
  }
  /** They bubble: whoever listens on the element, around it, on the document or the window is told the same. */
  interface GlobalEventHandlersEventMap extends MoeScopeEventMap {}
}
