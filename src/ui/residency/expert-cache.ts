/** What a cache of experts would have done with the text on the page: how often a token's experts are there already. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  byChance,
  type CacheCount,
  type Choices,
  POLICIES,
  type Policy,
  simulate,
  sizesOf,
} from '../../compare/expertCache.ts';
import { turn } from '../../state/turn.ts';
import { article } from '../article-styles.ts';
import type { Series } from '../chart/types.ts';
import { discloses } from '../disclosure.ts';
import '../dot-chart.ts';
import { bytes, percent } from '../format.ts';
import { controls, SessionElement } from '../shared.ts';
import './held-experts.ts';

/** Longer texts, and those of larger models, are counted by their end. */
const MOST_TOKENS = 2000;
const MOST_ASKED = 60_000;
/** Of the page's thread, before others have their turn. */
const SLICE_MILLISECONDS = 8;
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
}

const share = ({ asked, hits }: CacheCount) => (asked ? hits / asked : 0);

@customElement('expert-cache')
export class ExpertCache extends SessionElement {
  @state() private found: Found | null = null;
  /** Experts of a layer that are held; null before somebody has moved the slider. */
  @state() private held: number | null = null;
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
    const wanted = `${epoch} ${resting ? trace.count : ''}`;
    if (this.seen && wanted !== this.wanted) {
      this.wanted = wanted;
      void this.count();
    }
    return this.found ? this.shown(this.found, experts) : html`<p class="note">Counting …</p>`;
  }

  private shown({ sizes, counts, tokens }: Found, experts: number) {
    const at = Math.min(
      sizes.length - 1,
      Math.max(
        0,
        sizes.findIndex((size) => size >= (this.held ?? experts / 2)),
      ),
    );
    const held = sizes[at];
    const lru = counts.lru[at];
    const { layers, expertBytes } = this.weights();
    const fetched = (lru.asked - lru.hits) / tokens;
    const series: Series[] = [
      ...POLICIES.map((policy) => ({
        ...LOOKS[policy],
        points: sizes.map((x, i) => ({ x, y: share(counts[policy][i]) })),
      })),
      { name: 'by chance', mark: 'ring', line: 'dashed', points: sizes.map((x) => ({ x, y: byChance(x, experts) })) },
    ];
    return html`
      <div class="slider"><label for="held">Experts of a layer that the GPU holds</label>
        <input id="held" type="range" min="0" max=${sizes.length - 1} .value=${String(at)} data-testid="cache-held"
          @input=${(event: Event) => (this.held = sizes[Number((event.target as HTMLInputElement).value)])}>
        <output><strong>${held} of ${experts}</strong></output></div>
      <p class="said" data-testid="cache-said">${percent(share(lru))} of the experts that these ${tokens} tokens asked for would have been there, if the least recently used give way
        (by chance ${percent(byChance(held, experts))}, best in hindsight ${percent(share(counts.hindsight[at]))});
        ${fetched.toFixed(fetched < 10 ? 1 : 0)} experts would be fetched for a token${expertBytes ? html`, ${bytes(fetched * expertBytes)}` : nothing}.${
          expertBytes
            ? ` In memory: ${bytes(held * layers * expertBytes)} of the experts’ ${bytes(experts * layers * expertBytes)}.`
            : ''
        }</p>
      <held-experts .session=${this.session} .held=${held} .expertBytes=${expertBytes}></held-experts>
      <dot-chart label="Share of experts that are there, by experts held" xLabel="experts held a layer" yLabel="there already" xScale="linear" fromZero lines="23"
        .series=${series} .yFormat=${(value: number) => percent(value)} .disclosure=${discloses(this.session, 'cache')} data-testid="chart-cache"></dot-chart>
      <p class="note">Computed from the routing of the text on the page, one token at a time, from an empty cache; every expert’s first use is a miss. All
        experts of a token have to be there together. By chance: held/E, once the cache is full. It says what a text leaves to be gained, not how fast a disk is. With many texts at once nearly all experts are asked for: at N
        tokens a step, E·(1 − (1 − K/E)<sup>N</sup>).</p>`;
  }

  /** Bytes of an expert as the open model holds it; null while only a recording plays. */
  private weights(): { readonly layers: number; readonly expertBytes: number | null } {
    const { layers, experts } = this.session.shape.get();
    const model = this.session.opened.get()?.model;
    const perWeight = model ? model.bytes / model.parameters.total : null;
    const { parameters } = this.session;
    const all = parameters.get();
    if (!model || !all || perWeight === null) return { layers, expertBytes: null };
    // What is not active in a token are the experts that it does not take.
    const { expertsPerToken } = model;
    const each = (all.total - all.active) / (layers * (experts - expertsPerToken));
    return { layers, expertBytes: each * perWeight };
  }

  private async count(): Promise<void> {
    const { trace } = this.session;
    const mine = ++this.counting;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MILLISECONDS));
    if (mine !== this.counting) return;
    const { layers, experts, perToken } = trace.shape;
    const most = Math.min(MOST_TOKENS, Math.ceil(MOST_ASKED / (layers * perToken)));
    const [first, end] = [Math.max(0, trace.count - most), trace.count];
    const choices: Choices[] = Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: end - first }, (_, t) =>
        Array.from({ length: trace.chosen(first + t, layer) }, (_, rank) => trace.expert(first + t, layer, rank)),
      ),
    );
    const sizes = sizesOf(choices, experts);
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
    this.found = { tokens: end - first, sizes, counts };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'expert-cache': ExpertCache;
  }
}
