/** "Train one": a MoE and its dense twins learn a picture side by side. */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Race, type RacePoint } from '../../state/training/race.ts';
import { DEFAULT_RACE } from '../../train/race.ts';
import { isSavedName } from '../../train/saved.ts';
import type { RaceReady, Standing } from '../../worker/training.ts';
import { article } from '../article-styles.ts';
import type { Series } from '../chart/types.ts';
import '../dot-chart.ts';
import { million, percent, short, time } from '../format.ts';
import { KIND_WORDS } from '../kinds.ts';
import { controls, SessionElement } from '../shared.ts';
import './pixel-canvas.ts';
import type { ExpertPick, PixelCanvas } from './pixel-canvas.ts';
import './race-exports.ts';
import { raceStyles } from './race-styles.ts';
import './train-knobs.ts';

type Axis = 'flops' | 'steps' | 'seconds';
const AXES: readonly [Axis, string][] = [
  ['flops', 'training FLOPs'],
  ['steps', 'steps'],
  ['seconds', 'seconds of own steps'],
];

/** By runner, as it looks everywhere in charts. */
const LOOKS = [
  { name: 'MoE', ...KIND_WORDS.moe.look },
  { name: 'dense, same work', ...KIND_WORDS['same-active'].look },
  { name: 'dense, same size', ...KIND_WORDS['same-total'].look },
] as const;

@customElement('train-race')
export class TrainRace extends SessionElement {
  /** On a stage: it begins by itself, and shows what is seen from afar. */
  @property({ type: Boolean, reflect: true }) large = false;
  @state() private axis: Axis = 'flops';
  @state() private dropping = false;
  #race: Race | null = null;

  static override styles = [controls, article, raceStyles];

  get race(): Race {
    this.#race ??= new Race(this.session);
    return this.#race;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.race.onVisibility);
    addEventListener('paste', this.onPaste, { capture: true });
  }

  protected override firstUpdated(): void {
    if (this.large) void this.race.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.race.onVisibility);
    removeEventListener('paste', this.onPaste, { capture: true });
    void this.race.close();
  }

  override render() {
    const { race } = this;
    const ready = race.ready.get();
    const [moe, dense, third] = race.standings.get();
    const fault = race.fault.get();
    return html`
      <div class="acts">${this.acts()}</div>
      ${fault ? html`<p class="note" role="alert" data-testid="train-fault"><strong>${fault.message}</strong> ${fault.hint}</p>` : nothing}
      <div class=${`pictures ${this.dropping ? 'dropping' : ''}`} @dragover=${this.onDrag} @dragleave=${this.onLeave} @drop=${this.onDrop}>
        ${this.shown('The picture', ready?.target.data ?? null, ready, 'target')}
        ${this.shown('MoE', moe?.painting.data ?? null, ready, 'moe', moe)}
        ${this.shown('dense, same work', dense?.painting.data ?? null, ready, 'dense', dense)}
        ${race.standings.get().length > 2 ? this.shown('dense, same size', third?.painting.data ?? null, ready, 'third', third) : nothing}
        ${[0, 1].map((layer) => this.territory(layer, moe, ready))}
      </div>
      ${ready ? this.words(ready, moe, dense, third ?? null) : nothing}
      ${race.complaints.length ? html`<p class="note" data-testid="train-complaints">Left out of the link: ${race.complaints.join('; ')}.</p>` : nothing}
      ${this.large ? nothing : html`<train-knobs .session=${this.session} .race=${race}></train-knobs>${this.restartNote()}`}
      ${ready && race.curves.get()[0].length > 1 ? this.chart(ready) : nothing}
      ${moe?.shares.length && !this.large ? this.loads(moe) : nothing}
      ${ready && !this.large ? html`<race-exports .session=${this.session} .race=${race} .shown=${this.drawn} .scenes=${this.filmed}></race-exports>` : nothing}
    `;
  }

  private acts() {
    const { race } = this;
    const phase = race.phase.get();
    const going = phase === 'going' || phase === 'finishing';
    const begun = phase !== 'rest' && phase !== 'starting';
    const words = going
      ? 'Pause'
      : phase === 'rest' || phase === 'failed'
        ? 'Train'
        : phase === 'starting'
          ? 'Starting …'
          : 'Go on';
    const unbalanced = { balance: 'none' as const, off: [] };
    return html`<button class="main" ?disabled=${phase === 'starting'} @click=${() => race.toggle()} data-testid="train-toggle">${words}</button>
      <button ?disabled=${!begun} @click=${() => race.start()} data-testid="train-restart">Restart with the same seed</button>
      <button class="link" ?disabled=${!begun || phase === 'finishing'} @click=${() => race.finish()} data-testid="train-finish">Finish: let the rate fall</button>
      ${
        race.settings.balance === 'none'
          ? html`<button class="link" @click=${() => race.set({ balance: DEFAULT_RACE.balance })} data-testid="train-balance-again">Balance them now</button>`
          : html`<button class="link" ?disabled=${!begun} @click=${() => race.set(unbalanced).then(() => race.start())} data-testid="train-unbalanced">What if nobody balances?</button>`
      }`;
  }

  private shown(
    name: string,
    colours: Uint8ClampedArray | null,
    ready: RaceReady | null,
    id: string,
    standing: Standing | null = null,
  ) {
    return html`<figure><pixel-canvas .size=${ready?.target.width ?? 1} .colours=${colours} label=${name} data-testid=${`train-${id}`}></pixel-canvas>
      <figcaption><strong>${name}</strong>${
        standing
          ? html`<span data-testid=${`train-${id}-standing`}>${standing.decibels.toFixed(1)} dB · step ${standing.step}</span>`
          : nothing
      }</figcaption></figure>`;
  }

  private territory(layer: number, moe: Standing | null, ready: RaceReady | null) {
    const map = moe?.painting.territories[layer] ?? null;
    const off = new Set(this.race.settings.off.filter(([l]) => l === layer).map(([, expert]) => expert));
    return html`<figure><pixel-canvas .size=${ready?.target.width ?? 1} .experts=${map} .off=${off} data-testid=${`train-territory-${layer}`}
        label=${`Which expert of layer ${layer} paints where; a click switches it off`}
        @pick=${({ detail }: ExpertPick) => this.race.switchExpert(layer, detail)}></pixel-canvas>
      <figcaption><strong>layer ${layer}: who paints where</strong>${
        off.size
          ? html`<button class="link" @click=${() => this.race.set({ off: this.race.settings.off.filter(([l]) => l !== layer) })}>off: ${[...off].join(', ')}; on again</button>`
          : html`<span>click one to switch it off</span>`
      }</figcaption></figure>`;
  }

  private words(
    { runners, info, scale }: RaceReady,
    moe: Standing | null,
    dense: Standing | null,
    third: Standing | null,
  ) {
    const [a, b, c] = runners;
    const ahead = moe && dense && moe.step > 0 ? moe.decibels - dense.decibels : null;
    const work = (standing: Standing | null, i: number) => short((standing?.step ?? 0) * runners[i].flopsPerStep);
    return html`<div class="said">
      <p data-testid="train-claim">${
        ahead === null
          ? nothing
          : html`After ${work(moe, 0)}FLOP the MoE is ${Math.abs(ahead).toFixed(1)} dB ${ahead < 0 ? 'behind' : 'ahead of'} the dense model. `
      }Equal work for each pixel, more memory: the MoE has ${million(a.parameters.total)} parameters and uses
        ${million(a.parameters.active)} for a pixel; the dense model has ${million(b.parameters.total)}, ${(a.parameters.total / b.parameters.total).toFixed(0)} times fewer.${
          third?.step
            ? html` The dense model of the same size, which uses all of its ${million(c.parameters.total)} for every pixel, is at
              ${third.decibels.toFixed(1)} dB after ${work(third, 2)}FLOP.`
            : nothing
        }</p>
      <p class="note">${info.kind === 'cpu' ? 'Without WebGPU' : `On ${info.name}${info.fallback ? ', a processor that plays a GPU' : ''}`}: ${scale.size} × ${scale.size} pixels,
        ${scale.batch} of them a step. Own steps took the MoE ${time(moe?.milliseconds ?? 0)}, the dense model ${time(dense?.milliseconds ?? 0)}, measured here, waiting included${info.fallback || info.kind === 'cpu' ? '; that says nothing about a GPU' : ''}.
        Shown is an average of the weights. The painters store one picture: what they train on is also the test, and it proves nothing about language models.
        A switched-off expert is off in what is shown, not in training. Your own picture stays in this tab.</p></div>`;
  }

  private restartNote() {
    const [now, running] = [this.race.settings, this.race.running.get()];
    if (
      !running ||
      (['experts', 'k', 'width', 'router', 'third', 'seed'] as const).every((key) => now[key] === running[key])
    )
      return nothing;
    return html`<p class="note">Experts, width, router, models and seed hold from the next start on.</p>`;
  }

  private chart(ready: RaceReady) {
    const curves = this.race.curves.get();
    const x = (point: RacePoint, i: number) =>
      this.axis === 'flops'
        ? point.step * ready.runners[i].flopsPerStep
        : this.axis === 'steps'
          ? point.step
          : point.milliseconds / 1000;
    const series = curves.map(
      (points, i): Series => ({
        ...LOOKS[i],
        points: points.map((point) => ({ x: x(point, i), y: point.loss })),
      }),
    );
    return html`<div class="axes" role="radiogroup" aria-label="Horizontal axis">${AXES.map(
      ([axis, words]) =>
        html`<button class="link" role="radio" aria-checked=${axis === this.axis} @click=${() => (this.axis = axis)}>${words}</button>`,
    )}</div>
    <dot-chart label="Loss of the models while they train" .series=${series} xLabel=${AXES.find(([axis]) => axis === this.axis)![1]}
      yLabel="squared error" yScale="log" .xFormat=${short} .yFormat=${(value: number) => value.toPrecision(2)} .lines=${16}></dot-chart>`;
  }

  /** Each expert's share of the picture, beside chance. */
  private loads({ shares, dead }: Standing) {
    return html`<div class="loads" data-testid="train-loads">${shares.map(
      (
        share,
        layer,
      ) => html`<div><p class="note">Layer ${layer}: <strong data-testid=${`train-dead-${layer}`}>${dead[layer]} of ${share.length} dead</strong>
        (less than 1 % of the picture); the line is chance, ${percent(1 / share.length, 1)}</p>
        <svg viewBox=${`0 0 ${share.length} 10`} preserveAspectRatio="none" role="img"
          aria-label=${`Shares of the experts of layer ${layer}: ${share.map((each) => percent(each)).join(', ')}`}>
          ${share.map((each, i) => html`<svg x=${i + 0.1} y="0" width="0.8" height="10" viewBox="0 0 8 100" preserveAspectRatio="none"><rect width="8" height=${Math.min(100, (each * share.length * 100) / 3)} y=${100 - Math.min(100, (each * share.length * 100) / 3)}></rect></svg>`)}
          <svg viewBox="0 0 10 30" preserveAspectRatio="none" width=${share.length} height="10"><path class="chance" d="M0 20H10"></path></svg>
        </svg>
        <div class="experts" role="group" aria-label=${`Experts of layer ${layer} that are on`}>${share.map((_, expert) => this.toggle(layer, expert))}</div></div>`,
    )}</div>`;
  }

  /** What a click on a territory does, for every expert and without a pointer. */
  private toggle(layer: number, expert: number) {
    const off = this.race.settings.off.some(([l, e]) => l === layer && e === expert);
    return html`<button aria-pressed=${!off} class=${off ? 'off' : ''} aria-label=${`Expert ${expert}`}
      @click=${() => this.race.switchExpert(layer, expert)}>${expert}</button>`;
  }

  private onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    this.dropping = true;
  };

  private onLeave = (): void => {
    this.dropping = false;
  };

  private onDrop = async (event: DragEvent): Promise<void> => {
    this.dropping = false;
    const file = event.dataTransfer?.files[0];
    if (!file || !(file.type.startsWith('image/') || isSavedName(file.name))) return;
    await this.take(event, file);
  };

  /** A picture that is pasted can only be meant for the painters. */
  private onPaste = async (event: ClipboardEvent): Promise<void> => {
    const file = event.clipboardData?.files[0];
    if (file?.type.startsWith('image/')) await this.take(event, file);
  };

  private async take(event: Event, file: File): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    const { takeFile } = await import('./own-picture.ts');
    await takeFile(this.race, file);
  }

  private drawn = (): HTMLElement[] => [
    ...this.renderRoot.querySelectorAll<HTMLElement>('.pictures, .said, dot-chart'),
  ];

  private filmed = (): [string, HTMLCanvasElement][] => {
    const standings = this.race.standings.get();
    const named = (name: string, i: number) => `${name}, step ${standings[i]?.step ?? 0}`;
    return [...this.renderRoot.querySelectorAll<PixelCanvas>('pixel-canvas')].map((each) => {
      const at = { 'train-moe': 0, 'train-dense': 1, 'train-third': 2 }[each.dataset.testid ?? ''];
      return [at === undefined ? each.label.split(';')[0] : named(each.label, at), each.canvas];
    });
  };
}
