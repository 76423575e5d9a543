/** What a cache of experts would have done with the text on the page: how often a token's experts are there already. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { expectedExpertsTouched } from '../../compare/costModel.ts';
import {
  byChance,
  type CacheCount,
  type Choices,
  type GuessCount,
  guessByLast,
  POLICIES,
  type Policy,
  simulate,
  sizesOf,
  touchedTogether,
} from '../../compare/expertCache.ts';
import { turn } from '../../state/session/turn.ts';
import type { Residency } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import type { Series } from '../chart/types.ts';
import { discloses } from '../page/disclosure.ts';
import '../chart/dot-chart.ts';
import { bytes, percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import './held-experts.ts';

/** Longer texts, and those of larger models, are counted by their end. */
const MOST_TOKENS = 2000;
const MOST_ASKED = 60_000;
/** Of the page's thread, before others have their turn. */
const SLICE_MILLISECONDS = 8;
/** Texts that a server might write at once. */
const BATCH = 16;
/** A text that has just come to rest may go on. */
const QUIET_MILLISECONDS = 400;

const LOOKS: Readonly<Record<Policy, Pick<Series, 'name' | 'mark' | 'line' | 'accent'>>> = {
  lru: { name: 'least recently used', mark: 'disc', line: 'solid', accent: true },
  lfu: { name: 'least often used', mark: 'square', line: 'solid' },
  favourites: { name: 'favourites of this text', mark: 'triangle', line: 'dashed' },
  hindsight: { name: 'best in hindsight', mark: 'diamond', line: 'dotted' },
};

interface Found {
  readonly tokens: number;
  readonly sizes: readonly number[];
  readonly counts: Readonly<Record<Policy, readonly CacheCount[]>>;
  /** By the experts of the last token, and of the last two. */
  readonly guesses: readonly GuessCount[];
  /** Different experts of a layer at a step of BATCH tokens; null where the text is too short. */
  readonly touched: number | null;
}

/** Of all layers. */
const together = (counts: readonly GuessCount[]): GuessCount => ({
  guessed: counts.reduce((sum, { guessed }) => sum + guessed, 0),
  right: counts.reduce((sum, { right }) => sum + right, 0),
  asked: counts.reduce((sum, { asked }) => sum + asked, 0),
});

const measuredSeries = ({ entries, hits, misses }: Residency): Series => ({
  name: 'measured here',
  mark: 'cross',
  accent: true,
  points: [{ x: entries, y: hits / (hits + misses), label: 'measured' }],
});

const movedSeries = ({ entries, bytesMoved, tokens }: Residency, expertBytes: number): Series => ({
  ...{ name: 'measured here', mark: 'cross', accent: true },
  points: [{ x: entries * expertBytes, y: bytesMoved / Math.max(1, tokens), label: 'measured' }],
});

/** What a native cache is reported to find there, by the share of a layer's experts that it holds. */
const REPORTED = [
  [64 / 512, 0.67],
  [128 / 512, 0.81],
] as const;

const reportedSeries = (experts: number): Series => ({
  name: 'reported of llama.cpp',
  mark: 'cross',
  points: REPORTED.map(([held, y]) => ({ x: held * experts, y, label: 'llama.cpp' })),
});

const rounded = (count: number) => bytes(Math.round(count));
const share = ({ asked, hits }: CacheCount) => (asked ? hits / asked : 0);

@customElement('expert-cache')
export class ExpertCache extends SessionElement {
  @state() private found: Found | null = null;
  /** Experts of a layer that a GPU might hold, where none here does; null before somebody has moved the slider. */
  @state() private supposed: number | null = null;
  /** A size that a link asks for. */
  private asked: number | null = null;
  /** Somebody looks: what nobody sees is not counted. */
  @state() private seen = false;
  private readonly sight = new IntersectionObserver((entries) => {
    this.seen = entries.at(-1)!.isIntersecting;
  });
  private counting = 0;
  /** What was counted last, or is being counted. */
  private wanted = '';

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.8rem;
      }
      .slider {
        margin-top: 0.8rem;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.3rem 1rem;
      }
      .slider input {
        flex: 1 1 12rem;
        max-width: 26rem;
        padding: 0;
        border: 0;
        background: none;
        accent-color: var(--ink);
      }
      .said {
        font: 500 var(--size-4) / 1.35 var(--text-face);
      }
      @media (pointer: coarse) {
        .slider input {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sight.disconnect();
    this.counting++;
  }

  override render() {
    const { session } = this;
    const { experts } = session.shape.get();
    const { trace } = session;
    const resting = session.phase.get() !== 'going';
    const epoch = trace.epoch.get();
    // A token that is being written costs nothing here: it is counted when the text rests.
    if (resting) trace.version.get();
    if (experts < 2) return html`<p class="note">A dense model has no experts that could be left out.</p>`;
    if (trace.count < 8) return html`<p class="note">There is too little text yet.</p>`;
    // Once for a text that is being written, and again when it rests.
    const held = this.live() ? session.held.get() : null;
    if (held !== null && this.found && !this.found.sizes.includes(held)) this.asked = held;
    const wanted = `${epoch} ${resting ? trace.count : ''} ${this.asked}`;
    if (this.seen && wanted !== this.wanted) {
      this.wanted = wanted;
      void this.count();
    }
    return this.found ? this.shown(this.found, experts) : html`<p class="note">Counting …</p>`;
  }

  /** The open model writes on a GPU, which holds as many experts as the slider says. */
  private live(): boolean {
    const { session } = this;
    return session.source.get().kind === 'live' && session.opened.get()?.info.kind === 'webgpu';
  }

  private shown({ sizes, counts, tokens, guesses, touched }: Found, experts: number) {
    const { session } = this;
    const live = this.live();
    const wanted = live ? (session.held.get() ?? experts) : (this.supposed ?? experts / 2);
    const found = sizes.findIndex((size) => size >= wanted);
    const at = found < 0 ? sizes.length - 1 : found;
    const held = sizes[at];
    const lru = counts.lru[at];
    const { layers, expertsPerToken } = session.shape.get();
    const opened = session.source.get().kind === 'imported' ? null : session.opened.get();
    const expertBytes = opened?.model.experts === experts ? opened.expertBytes : 0;
    const fetched = (lru.asked - lru.hits) / tokens;
    const now = live ? session.residency.get() : null;
    const measured = now && now.hits + now.misses > 0 && now.entries < experts ? now : null;
    const curves: Series[] = [
      ...POLICIES.map((policy) => ({
        ...LOOKS[policy],
        points: sizes.map((x, i) => ({ x, y: share(counts[policy][i]) })),
      })),
      { name: 'by chance', mark: 'ring', line: 'dashed', points: sizes.map((x) => ({ x, y: byChance(x, experts) })) },
    ];
    const series = [...curves, reportedSeries(experts), ...(measured ? [measuredSeries(measured)] : [])];
    const inBytes = (each: Series): Series => ({
      ...each,
      points: each.points.map(({ x, y }) => ({
        x: x * layers * expertBytes,
        y: ((1 - y) * lru.asked * expertBytes) / tokens,
      })),
    });
    return html`
      <div class="slider"><label for="held">Experts of a layer that the GPU ${live ? 'holds' : 'would hold'}</label>
        <input id="held" type="range" min="0" max=${sizes.length - 1} .value=${String(at)} data-testid="cache-held"
          @input=${(event: Event) => this.hold(sizes[Number((event.target as HTMLInputElement).value)], experts)}>
        <output><strong>${held} of ${experts}</strong></output></div>
      <p class="said" data-testid="cache-said">${
        held === experts
          ? html`From an empty cache, ${percent(1 - share(lru))} of the experts that these ${tokens} tokens asked for were asked for the first time;`
          : html`${percent(share(lru))} of the experts that these ${tokens} tokens asked for would have been there, if the least recently used give way
        (by chance ${percent(byChance(held, experts))}, best in hindsight ${percent(share(counts.hindsight[at]))});`
      }
        ${fetched.toFixed(fetched < 10 ? 1 : 0)} experts would be fetched for a token${expertBytes ? html`, ${bytes(fetched * expertBytes)}` : nothing}.${
          expertBytes
            ? ` In memory: ${bytes(held * layers * expertBytes)} of the experts’ ${bytes(experts * layers * expertBytes)}.`
            : ''
        }</p>
      <held-experts .session=${session} .guesses=${guesses}></held-experts>
      <dot-chart label="Share of experts that are there, by experts held" xLabel="experts held a layer" yLabel="there already" xScale="linear" fromZero lines="23"
        .series=${series} .yFormat=${(value: number) => percent(value)} .disclosure=${discloses(session, 'cache')} data-testid="chart-cache"></dot-chart>
      ${
        expertBytes
          ? html`<dot-chart label="Bytes of experts fetched for a token, by bytes of experts held" xLabel="experts held" yLabel="fetched a token" xScale="linear" fromZero lines="18"
        .series=${[...curves.map(inBytes), ...(measured ? [movedSeries(measured, layers * expertBytes)] : [])]} .xFormat=${rounded} .yFormat=${rounded} .disclosure=${discloses(session, 'moved')} data-testid="chart-moved"></dot-chart>`
          : nothing
      }
      <p class="note">Curves: computed from the routing of the text on the page, one token at a time, from an empty cache; every expert’s first use is a miss. All
        experts of a token have to be there together. By chance: held/E, once the cache is full. It says what a text leaves to be gained, not how fast a disk is.
        Reported: a native cache of llama.cpp (pull request 27861) found 67\u00a0% there with 64 of a layer’s 512 experts held, 81\u00a0% with 128, on a text of its own.</p>
      <p class="note" data-testid="locality">At one token a step, ${percent(guesses[0].right / Math.max(1, guesses[0].guessed))} of a token’s experts are asked for by the next one, too; by chance ${percent(expertsPerToken / experts)}.
        With ${BATCH} texts at once nearly all are: of ${experts} experts a layer a step touches ${expectedExpertsTouched(experts, expertsPerToken, BATCH).toFixed(1)}, computed for
        choices by chance as E·(1 − (1 − K/E)<sup>${BATCH}</sup>)${
          touched === null
            ? ''
            : html`, and ${touched.toFixed(1)}, measured on this text cut into ${BATCH} parts that are read side by side`
        }.</p>`;
  }

  private hold(size: number, experts: number): void {
    if (!this.live()) {
      this.supposed = size;
      return;
    }
    this.session.touched();
    this.session.held.choose(size < experts ? size : null);
  }

  private async count(): Promise<void> {
    const { trace } = this.session;
    const mine = ++this.counting;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MILLISECONDS));
    if (mine !== this.counting) return;
    const { layers, experts, expertsPerToken } = trace.shape;
    const most = Math.min(MOST_TOKENS, Math.ceil(MOST_ASKED / (layers * expertsPerToken)));
    const [first, end] = [Math.max(0, trace.count - most), trace.count];
    const choices: Choices[] = Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: end - first }, (_, t) =>
        Array.from({ length: trace.chosen(first + t, layer) }, (_, rank) => trace.expert(first + t, layer, rank)),
      ),
    );
    const usual = sizesOf(choices, experts);
    const { asked } = this;
    const more = asked !== null && asked > usual[0] && asked < experts && !usual.includes(asked) ? [asked] : [];
    const sizes = [...usual, ...more].sort((a, b) => a - b);
    const counts: Record<Policy, CacheCount[]> = { lru: [], lfu: [], favourites: [], hindsight: [] };
    let began = performance.now();
    for (const size of sizes) {
      for (const policy of POLICIES) {
        let [asked, hits] = [0, 0];
        for (const layer of choices) {
          if (performance.now() - began > SLICE_MILLISECONDS) {
            await turn();
            if (mine !== this.counting) return;
            began = performance.now();
          }
          const count = simulate(layer, size, policy);
          asked += count.asked;
          hits += count.hits;
        }
        counts[policy].push({ asked, hits });
      }
    }
    const guesses = [1, 2].map((last) => together(choices.map((layer) => guessByLast(layer, last))));
    this.found = { tokens: end - first, sizes, counts, guesses, touched: touchedTogether(choices, BATCH) };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'expert-cache': ExpertCache;
  }
}
