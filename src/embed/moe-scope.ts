/** `<moe-scope>`: a live Mixture of Experts on any page. docs/embedding.md says how to use it. */
import type { EngineInfo } from '../engine/types.ts';
import { LINK_KEYS } from '../state/address/address.ts';
import { OwnAddress } from '../state/address/place.ts';
import type { PageState } from '../state/address/types.ts';
import { connectWorker } from '../state/client.ts';
import { follow } from '../state/follow.ts';
import { Session } from '../state/session.ts';
import { Appearance } from '../state/theme.ts';
import { VARIANTS, type Variant } from '../state/variant.ts';
import paletteCss from '../ui/palette.css?inline';
import { borrowType, dress, surroundingsOf } from './colours.ts';
import { happenings, type Mood } from './happenings.ts';
import { pageUrl, workshopOf } from './home.ts';
import type { ScopeView } from './scope-view.ts';
import './scope-view.ts';
import { Sight } from './sight.ts';
import { elementCss } from './styles.ts';

/** An element that is taken out and put back within this time goes on as if nothing had been. */
const PATIENCE_MILLISECONDS = 2000;
const DEVICES = ['auto', 'cpu', 'recorded'] as const;

const sheet = (css: string): CSSStyleSheet => {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
};
const sheets = [sheet(paletteCss), sheet(elementCss)];

/**
 * @event moe-ready - The model is open. detail: { device, model }
 * @event moe-progress - The model is on its way. detail: { stage, done, total }
 * @event moe-step - Tokens were written. detail: { tokens, generated }
 * @event moe-select - A token or experts were pinned. detail: { token, experts }
 * @event moe-change - The link has changed. detail: { link }
 * @event moe-error - Something failed. detail: { code, message, hint }
 * @event moe-device-change - Another device writes now. detail: { device }
 */
export class MoeScope extends HTMLElement {
  static readonly observedAttributes = ['variant', 'link', ...LINK_KEYS];

  readonly #internals = this.attachInternals();
  readonly #base = document.createElement('div');
  readonly #stage = document.createElement('div');
  readonly #sight = new Sight(this, (seen) => this.#seen(seen));
  readonly #address = new OwnAddress(pageUrl(), () => this.#tell('moe-change', { link: this.link }));
  #session: Session | null = null;
  #view: ScopeView | null = null;
  #stops: (() => void)[] = [];
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = sheets;
    this.#base.className = 'moe-base';
    this.#base.part.add('base');
    // What the author put into the element stands there until there is something to see.
    this.#stage.append(document.createElement('slot'));
    this.#base.append(this.#stage);
    root.append(this.#base);
  }

  connectedCallback(): void {
    clearTimeout(this.#closing);
    this.#internals.role = 'group';
    this.#internals.ariaLabel = 'moescope: a Mixture-of-Experts language model writes';
    if (!this.#session) this.#offer();
    else this.#show(this.#session);
    this.#sight.watch();
  }

  disconnectedCallback(): void {
    this.#sight.leave();
    this.#closing = setTimeout(() => this.dispose(), PATIENCE_MILLISECONDS);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === 'variant') {
      if (this.#view) this.#view.variant = this.variant;
    } else if (this.#session) this.#address.go(this.#fragment());
  }

  /** Which parts are shown: full, tokens, grid, router or compare. */
  get variant(): Variant {
    return VARIANTS.find((each) => each === this.getAttribute('variant')) ?? 'full';
  }
  set variant(value: Variant) {
    this.setAttribute('variant', value);
  }

  /** A link to the whole page as this element stands. */
  get link(): string {
    return this.#session?.carrier.link() ?? this.#address.link(`#${this.#fragment()}`);
  }

  /** All that a link carries, as plain data; null before the start. */
  get state(): PageState | null {
    return this.#session?.carrier.state() ?? null;
  }
  set state(state: PageState) {
    void this.#session?.carrier.go(state);
  }

  /** The device that runs the model; null while none does. */
  get adapterInfo(): EngineInfo | null {
    return this.#session?.opened.get()?.info ?? null;
  }

  /** The text so far, prompt included. */
  get text(): string {
    const { texts = [], pending = '' } = this.#session?.trace ?? {};
    return texts.join('') + pending;
  }

  /** Starts, even out of sight or before anybody asked, and writes. */
  play(): void {
    const session = this.#start();
    if (session.phase.get() !== 'going') void session.writing.toggle();
  }

  pause(): void {
    this.#session?.writing.pause();
  }

  /** Writes one token. */
  async stepForward(): Promise<void> {
    await this.#start().writing.oneToken();
  }

  /** Forgets the text. */
  async reset(): Promise<void> {
    await this.#session?.writing.reset();
  }

  /** Stops and gives back engine and memory; the element starts anew when it is seen again. */
  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop();
    void this.#session?.close();
    this.#session = null;
    this.#view = null;
    this.#stage.replaceChildren(document.createElement('slot'));
  }

  /** Before the start: the poster and its button, where the author wants to be asked. */
  #offer(): void {
    if (this.getAttribute('reveal') !== 'interaction') return;
    const poster = document.createElement('slot');
    poster.name = 'poster';
    poster.append(document.createElement('slot'));
    const button = document.createElement('button');
    button.part.add('start');
    button.textContent = 'Start the model';
    button.onclick = () => this.play();
    this.#stage.replaceChildren(poster, button);
  }

  #seen(seen: boolean): void {
    if (this.#session) this.#session.writing.rest(!seen);
    else if (seen && this.getAttribute('reveal') !== 'interaction') this.#start();
  }

  #start(): Session {
    if (this.#session) return this.#session;
    const appearance = new Appearance(false);
    const device = DEVICES.find((each) => each === this.getAttribute('device')) ?? 'auto';
    this.#address.go(this.#fragment());
    const client = connectWorker(workshopOf(this.getAttribute('worker-url')));
    const measures = this.variant === 'full' || this.variant === 'compare';
    const session = new Session(client, { address: this.#address, appearance, device, guest: true, measures });
    this.#session = session;
    this.#stops = [
      appearance.wear(this.#base),
      this.#borrow(appearance),
      happenings(
        session,
        (name, detail) => queueMicrotask(() => this.#tell(name, detail)),
        (moods) => this.#wear(moods),
      ),
    ];
    this.#show(session);
    void session.start();
    return session;
  }

  /** A new view each time the element is put in: the session knows all that it shows. */
  #show(session: Session): void {
    const view = document.createElement('moe-scope-view');
    view.session = session;
    view.variant = this.variant;
    view.setAttribute('exportparts', 'badge, link, status, tokens, controls, prompt, wall, panels, router, compare');
    view.addEventListener('follow', (event) => this.#address.go((event as CustomEvent<string>).detail));
    this.#view = view;
    this.#stage.replaceChildren(view);
  }

  /** Keeps to the colours around, also when the host page changes its own. */
  #borrow(appearance: Appearance): () => void {
    const look = () => {
      if (!this.isConnected) return;
      appearance.surroundings.set(surroundingsOf(this));
      borrowType(this, this.#base);
    };
    const watcher = new MutationObserver(look);
    for (const node of [document.documentElement, document.body]) watcher.observe(node, { attributes: true });
    const media = matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', look);
    look();
    const stop = follow(() => dress(this.#base, appearance.borrowed.get()));
    return () => {
      stop();
      watcher.disconnect();
      media.removeEventListener('change', look);
    };
  }

  #wear(moods: readonly Mood[]): void {
    this.#internals.states.clear();
    for (const mood of moods) this.#internals.states.add(mood);
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** The attributes as a link; `link` holds a whole one. */
  #fragment(): string {
    const link = this.getAttribute('link');
    if (link !== null) return link.replace(/^[^#]*#/, '');
    const pairs = LINK_KEYS.filter((key) => this.hasAttribute(key)).map((key) => [key, this.getAttribute(key)!]);
    return new URLSearchParams(pairs).toString();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-scope': MoeScope;
  }
}
