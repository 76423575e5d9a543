/** "Train one": a MoE and its dense twins learn a picture side by side. */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { writeTraining } from '../../state/training/link.ts';
import { Race } from '../../state/training/race.ts';
import { type RaceSettings, usualRace } from '../../train/race.ts';
import { isSavedName } from '../../train/saved.ts';
import type { RaceReady, Standing } from '../../worker/training.ts';
import { article } from '../article/article-styles.ts';
import { million, percent, short, time } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import './pixel-canvas.ts';
import type { ExpertPick, PixelCanvas } from './pixel-canvas.ts';
import { raceActs, restartNote } from './race-acts.ts';
import { type Axis, raceChart } from './race-chart.ts';
import './race-exports.ts';
import { raceStyles } from './race-styles.ts';
import './train-knobs.ts';

@customElement('train-race')
export class TrainRace extends SessionElement {
  /** On a stage: it begins by itself, and shows what is seen from afar. */
  @property({ type: Boolean, reflect: true }) large = false;
  @state() private axis: Axis = 'flops';
  @state() private dropping = false;
  @state() private writers = false;
  @state() private recording = false;
  private made: Race | null = null;

  static override styles = [controls, article, raceStyles];

  get race(): Race {
    this.made ??= new Race(this.session);
    return this.made;
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
    const { text } = this;
    if (text && !this.writers) void import('./text-race.ts').then(() => (this.writers = true));
    if (this.large) return this.painters();
    return html`<div class="axes" role="radiogroup" aria-label="What they learn">${(['painter', 'text'] as const).map(
      (task) =>
        html`<button class="link" role="radio" aria-checked=${text === (task === 'text')} data-testid=${`train-task-${task}`}
          @click=${() => this.learn(task)}>${task === 'text' ? 'To write' : 'To paint'}</button>`,
    )}</div>${text ? (this.writers ? html`<text-race .session=${this.session}></text-race>` : nothing) : this.painters()}`;
  }

  /** A stage shows the painters: they are seen from afar. */
  private get text(): boolean {
    return !this.large && this.race.settings.task === 'text';
  }

  protected override updated(): void {
    // A link or a step back may have turned to the other task while these go.
    if (this.text && this.race.phase.get() !== 'rest') void this.race.close();
  }

  /** One race at a time: what the others learned is given up. */
  private learn(task: RaceSettings['task']): void {
    if (this.race.settings.task === task) return;
    const { seed, balance, rate, third } = this.race.settings;
    this.session.training.choose(writeTraining({ ...usualRace(task), seed, balance, rate, third }));
  }

  private painters() {
    const { race } = this;
    const ready = race.ready.get();
    const [moe, dense, third] = race.standings.get();
    const fault = race.fault.get();
    const recorded = this.recorded();
    return html`
      <div class="acts">${raceActs(race)}</div>
      ${fault ? html`<p class="note" role="alert" data-testid="train-fault"><strong>${fault.message}</strong> ${fault.hint}</p>` : nothing}
      <div class="drop" @dragover=${this.onDrag} @dragleave=${this.onLeave} @drop=${this.onDrop}>${recorded}
      <div class=${`pictures ${this.dropping ? 'dropping' : ''}`} ?hidden=${recorded !== nothing}>
        ${this.shown('The picture', race.target.get()?.data ?? null, 'target')}
        ${this.shown('MoE', moe?.painting.data ?? null, 'moe', moe)}
        ${this.shown('dense, same work', dense?.painting.data ?? null, 'dense', dense)}
        ${race.standings.get().length > 2 ? this.shown('dense, same size', third?.painting.data ?? null, 'third', third) : nothing}
        ${[0, 1].map((layer) => this.territory(layer, moe))}
      </div></div>
      ${ready ? this.words(ready, moe, dense, third ?? null) : nothing}
      ${race.complaints.length ? html`<p class="note" data-testid="train-complaints">Left out of the link: ${race.complaints.join('; ')}.</p>` : nothing}
      ${this.large ? nothing : html`<train-knobs .session=${this.session} .race=${race}></train-knobs>${restartNote(race)}`}
      ${ready && race.curves.get()[0].length > 1 ? this.chart(ready) : nothing}
      ${moe?.shares.length && !this.large ? this.loads(moe) : nothing}
      ${ready && !this.large ? html`<race-exports .session=${this.session} .race=${race} .shown=${this.drawn} .scenes=${this.filmed}></race-exports>` : nothing}
    `;
  }

  /** Where nothing trains by itself or quickly, a recorded run plays until one begins. */
  private recorded() {
    const thrifty = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
    const slow = !navigator.gpu || this.session.place.device === 'cpu';
    if (this.large || !(slow || thrifty) || this.race.phase.get() !== 'rest' || this.race.ready.get()) return nothing;
    if (!this.recording) void import('./train-recording.ts').then(() => (this.recording = true));
    return this.recording ? html`<train-recording ?thrifty=${thrifty}></train-recording>` : nothing;
  }

  private shown(name: string, colours: Uint8ClampedArray | null, id: string, standing: Standing | null = null) {
    return html`<figure><pixel-canvas .size=${Math.sqrt((colours?.length ?? 4) / 4)} .colours=${colours} label=${name} data-testid=${`train-${id}`}></pixel-canvas>
      <figcaption><strong>${name}</strong>${
        standing
          ? html`<span data-testid=${`train-${id}-standing`}>${standing.decibels.toFixed(1)}\u00a0dB · step ${standing.step}</span>`
          : nothing
      }</figcaption></figure>`;
  }

  private territory(layer: number, moe: Standing | null) {
    const map = moe?.painting.territories[layer] ?? null;
    const off = new Set(this.race.settings.off.filter(([l]) => l === layer).map(([, expert]) => expert));
    return html`<figure><pixel-canvas .size=${Math.sqrt(map?.length ?? 1)} .experts=${map} .off=${off} data-testid=${`train-territory-${layer}`}
        label=${`Which expert of layer ${layer} paints where; a click switches it off`}
        @pick=${({ detail }: ExpertPick) => this.race.switchExpert(layer, detail)}></pixel-canvas>
      <figcaption><strong>layer ${layer}: who paints where</strong>${
        off.size
          ? html`<button class="link" @click=${() => this.race.set({ off: this.race.settings.off.filter(([l]) => l !== layer) })}>off: ${[...off].join(', ')}; on again</button>`
          : html`<span>click one to switch it off</span>`
      }</figcaption></figure>`;
  }

  private words(
    { runners, info, scale, slow }: RaceReady,
    moe: Standing | null,
    dense: Standing | null,
    third: Standing | null,
  ) {
    const [a, b, c] = runners;
    const ahead = moe?.step && dense?.step ? moe.decibels - dense.decibels : null;
    const work = (standing: Standing | null, i: number) => short((standing?.step ?? 0) * runners[i].flopsPerStep);
    return html`<div class="said">
      <p data-testid="train-claim">${
        ahead === null
          ? nothing
          : Math.abs(ahead) < 0.05
            ? html`After ${work(moe, 0)}FLOP the two are level. `
            : html`After ${work(moe, 0)}FLOP the MoE is ${Math.abs(ahead).toFixed(1)}\u00a0dB ${ahead < 0 ? 'behind' : 'ahead of'} the dense model. `
      }Equal work for each pixel, more memory: the MoE has ${million(a.parameters.total)} parameters and uses
        ${million(a.parameters.active)} for a pixel; the dense model has ${million(b.parameters.total)}, ${(a.parameters.total / b.parameters.total).toFixed(0)} times fewer.${
          third?.step
            ? html` The dense model of the same size, which uses all of its ${million(c.parameters.total)} for every pixel, is at
              ${third.decibels.toFixed(1)}\u00a0dB after ${work(third, 2)}FLOP.`
            : nothing
        }</p>
      <p class="note">${info.kind === 'cpu' ? 'On the processor, without a GPU' : `On ${info.name}${info.fallback ? ', a processor that plays a GPU' : ''}`}: ${scale.size} × ${scale.size} pixels,
        ${scale.batch} of them a step. ${slow ? html`Picture and steps are smaller than usual: a step of ${slow.batch} pixels took ${time(slow.milliseconds)} here. ` : nothing}Own steps took the MoE ${time(moe?.milliseconds ?? 0)}, the dense model ${time(dense?.milliseconds ?? 0)}, measured here, waiting included${info.fallback || info.kind === 'cpu' ? '; that says nothing about a GPU' : ''}.
        Shown is an average of the weights. The painters store one picture: what they train on is also the test, and it proves nothing about language models.
        A switched-off expert is off in what is shown, not in training. Your own picture stays in this tab.</p></div>`;
  }

  private chart(ready: RaceReady) {
    return raceChart({
      ...{ curves: this.race.curves.get(), runners: ready.runners, axis: this.axis },
      ...{ label: 'Loss of the models while they train', yLabel: 'squared error', yScale: 'log' as const },
      yFormat: (value) => value.toPrecision(2),
      onAxis: (axis) => (this.axis = axis),
    });
  }

  /** Each expert's share of the picture, beside chance. */
  private loads({ shares, dead }: Standing) {
    return html`<div class="loads" data-testid="train-loads">${shares.map(
      (
        share,
        layer,
      ) => html`<div><p class="note">Layer ${layer}: <strong data-testid=${`train-dead-${layer}`}>${dead[layer]} of ${share.length} dead</strong>
        (less than 1\u00a0% of the picture); the line is chance, ${percent(1 / share.length, 1)}</p>
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
    if (file?.type.startsWith('image/') && !this.text) await this.take(event, file);
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
