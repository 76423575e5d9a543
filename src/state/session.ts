/** What one page knows. Views read the signals; the parts below change them. */
import { type Intervention, interventionProblem } from '../engine/interventions.ts';
import type { EngineInfo } from '../engine/types.ts';
import type { Fault, Opened, RunEnd } from '../worker/protocol.ts';
import { Carrier } from './address/carrier.ts';
import { DISCLOSURES, type Disclosure, type Hideable, type Stage } from './address/types.ts';
import { BetweenTexts } from './between-texts.ts';
import type { Talk } from './chat/talk.ts';
import type { Client } from './client.ts';
import { Comparing } from './comparing.ts';
import { Effects } from './effects.ts';
import { ExpertNames } from './expert-names.ts';
import { asFault, type Way, waysOut } from './faults.ts';
import { Hues } from './hues.ts';
import { DEFAULT_SAMPLING, type FieldProblem, type SamplingText } from './inputs.ts';
import { Inspecting } from './inspecting.ts';
import { add, isOff } from './interventions.ts';
import { Measuring } from './measuring.ts';
import type { Catalog } from './modelList.ts';
import { Opening } from './opening.ts';
import type { Pace } from './pace.ts';
import { PRESETS } from './presets.ts';
import { PublishedLayers } from './published.ts';
import { QualityBesideSpeed } from './quality.ts';
import { Selection } from './selection.ts';
import type { EngineState, Notice, Phase, Place, Source } from './session-types.ts';
import { computed, type State, signal } from './signals.ts';
import type { Appearance } from './theme.ts';
import { TraceStore } from './trace-store.ts';
import { painted, turn } from './turn.ts';
import type { View } from './view.ts';
import { Wall } from './wall.ts';
import { Writing } from './writing.ts';

export class Session {
  readonly trace = new TraceStore();
  readonly source = signal<Source>({ kind: 'none' });
  readonly engine = signal<EngineState>({ phase: 'waiting' });
  readonly catalog = signal<Catalog | null>(null);
  readonly phase = signal<Phase>('rest');
  readonly end = signal<RunEnd | null>(null);
  readonly notice = signal<Notice | null>(null);
  /** A file that is being read; how far it is, from 0 to 1, is a signal of its own. */
  readonly reading = signal<{ readonly name: string; readonly done: State<number> } | null>(null);
  readonly problem = signal<FieldProblem | null>(null);
  readonly pace = signal<Pace>('reading');
  /** Decode speed of the run in tokens per second, only when the page did not hold it back. */
  readonly speed = signal<number | null>(null);
  /** The recording is giving way to the live model. */
  readonly handover = signal(false);
  readonly prompt = signal(PRESETS[0].prompt);
  readonly sampling = signal<SamplingText>(DEFAULT_SAMPLING);
  /** With an open model that has a chat template. */
  readonly talk = signal<Talk | null>(null);
  /** What is done to the routers of the live model. */
  readonly interventions = signal<readonly Intervention[]>([]);
  /** The open model has written a text before the one that stands: only then is there a routing to freeze. */
  readonly hasPrevious = signal(false);
  /** Which panel stands under the wall. */
  readonly view = signal<View>('wall');
  /** The second prompt of two runs side by side; null compares without and with the interventions. */
  readonly other = signal<string | null>(null);
  /** Spaces and line breaks of the text are shown as signs. */
  readonly signs = signal(false);
  /** What is folded out. */
  readonly open = signal<readonly Disclosure[]>([]);
  /** A measurement that a link offers to repeat; null once one was begun. */
  readonly repeat = signal<string | null>(null);
  /** What a link took off the page. */
  readonly hidden = signal<readonly Hideable[]>([]);
  /** Step of the tour, from 1; null outside it. */
  readonly step = signal<number | null>(null);
  /** "Open a model" is open, with this address in its field; null while it is not. */
  readonly elsewhere = signal<string | null>(null);
  /** The race of "Train one", as a link says how it is set up; null while it is not open. */
  readonly training = signal<string | null>(null);
  /** A talk, or a booth. */
  readonly stage = signal<Stage>({ scenes: null, scene: 0, kiosk: null });
  /** Counted from 0, as in the file; views clamp it to the model's layers. */
  readonly chosenLayer = signal<number | null>(null);
  readonly selection = new Selection();
  readonly hovered = this.selection.hovered;
  readonly pinned = this.selection.pinned;
  readonly hoveredExpert = this.selection.hoveredExpert;
  readonly pinnedExperts = this.selection.pinnedExperts;
  readonly inspectedExpert = this.selection.inspectedExpert;

  /** Layers, experts and k of what is on the screen. */
  readonly shape = computed(() => {
    this.trace.epoch.get();
    return this.trace.shape;
  });
  readonly layer = computed(() => {
    const last = Math.max(0, this.shape.get().layers - 1);
    return Math.min(this.chosenLayer.get() ?? last, last);
  });
  /** The token that the wall and the router panel speak of: looked at, else pinned, else the latest. */
  readonly inspected = computed(() => this.hovered.get() ?? this.pinned.get());
  readonly current = computed(() => {
    this.trace.version.get();
    const latest = this.trace.count - 1;
    return Math.min(this.inspected.get() ?? latest, latest);
  });
  readonly hues = new Hues(this.trace);
  readonly wall = new Wall(this.trace, this.current);
  readonly opened = computed(() => {
    const engine = this.engine.get();
    return engine.phase === 'ready' ? engine.opened : null;
  });
  /** Parameters of the model on the screen; unknown for a recording of a model that is not in the list. */
  readonly parameters = computed(() => {
    const source = this.source.get();
    const opened = this.opened.get();
    if (source.kind === 'live' && opened) return opened.model.parameters;
    if (source.kind === 'imported') return null;
    const catalog = this.catalog.get();
    return catalog?.models.find((model) => model.id === catalog.default)?.parameters ?? null;
  });

  readonly names = new ExpertNames(() => {
    const source = this.source.get();
    return source.kind === 'recorded' || source.kind === 'imported'
      ? source.model
      : (this.opened.get()?.model.name ?? '');
  });

  readonly opening: Opening;
  readonly writing: Writing;
  readonly measuring: Measuring;
  readonly betweenTexts: BetweenTexts;
  readonly quality: QualityBesideSpeed;
  readonly published: PublishedLayers;
  readonly comparing: Comparing;
  readonly effects: Effects;
  readonly inspecting: Inspecting;
  readonly carrier: Carrier;
  /** A link asks for two runs side by side: they are written as soon as they can be. */
  runsAsked = false;
  /** The model that the text on the screen is of. */
  private writer: Opened['model'] | null = null;
  /** Brings back the text that an imported trace took the place of. */
  aside: (() => void) | null = null;
  /** When the visitor did something: for a while the page must not take the text away. */
  lastTouch = Number.NEGATIVE_INFINITY;

  constructor(
    readonly client: Client,
    readonly place: Place,
  ) {
    this.writing = new Writing(this);
    this.opening = new Opening(this, place.device === 'cpu' ? 'cpu' : 'auto');
    this.measuring = new Measuring(this);
    this.betweenTexts = new BetweenTexts(this);
    this.quality = new QualityBesideSpeed(this);
    this.published = new PublishedLayers(this);
    this.comparing = new Comparing(this);
    this.effects = new Effects(this);
    this.inspecting = new Inspecting(this);
    this.carrier = new Carrier(this);
    client.onFailure((fault) => this.opening.engineGone(fault));
    client.onSilence(() => this.tell({ code: 'worker', message: 'The engine has not answered yet.', hint: '' }));
  }

  get appearance(): Appearance {
    return this.place.appearance;
  }

  /**
   * Plays the recording; as soon as its first frame is painted, fetches the model. A link that asks for a text of its own
   * waits for the model instead: no other text comes first.
   */
  async start(): Promise<void> {
    await turn();
    const catalog = this.opening.fetchList();
    const recorded = this.place.device === 'recorded';
    const asked = this.carrier.begin() && !recorded;
    this.betweenTexts.takenOver ||= asked;
    if (!asked) await this.writing.playRecording();
    else if (!matchMedia('(prefers-reduced-motion: reduce)').matches) this.writing.asked.set(true);
    await painted();
    if (!recorded) await this.opening.openLinked(catalog);
  }

  /** Stops whatever runs and gives back what the engine holds. */
  async close(): Promise<void> {
    this.carrier.leave();
    await this.writing.halt();
    await this.client.close();
  }

  tell(fault: Fault, tone: Notice['tone'] = 'fault', ways?: readonly Way[]): void {
    this.notice.set({ tone, ...fault, ways: ways ?? waysOut(fault.code, this.opening.standsOn) });
  }

  /** Takes down what was said about the text before. What a link asked for in vain stands until it was read. */
  clearNotice(): void {
    if (this.notice.get()?.code !== 'link') this.notice.set(null);
  }

  /** The text comes from a file: nothing can be done to it but play, look, and write another. */
  isPlayed(): boolean {
    const { kind } = this.source.get();
    return kind === 'recorded' || kind === 'imported';
  }

  isHidden(name: Hideable): boolean {
    return this.hidden.get().includes(name);
  }

  fail(thrown: unknown): void {
    this.tell(asFault(thrown));
  }

  /** The engine runs elsewhere now: on a new device, or on the CPU. */
  moved(info: EngineInfo): void {
    const engine = this.engine.get();
    if (engine.phase === 'ready') this.engine.set({ ...engine, opened: { ...engine.opened, info } });
    if (this.source.get().kind === 'live') this.source.set({ kind: 'live', info });
  }

  /** Forgets the text on the screen: what comes next is the open model's. */
  emptyText(): void {
    const opened = this.opened.get();
    if (!opened) return;
    const { layers, experts, expertsPerToken } = opened.model;
    if (this.writer !== opened.model) this.hasPrevious.set(false);
    else if (this.trace.count > 0) this.hasPrevious.set(true);
    this.writer = opened.model;
    this.selection.forgetTokens();
    this.effects.forgetText();
    this.end.set(null);
    this.speed.set(null);
    this.source.set({ kind: 'live', info: opened.info });
    this.trace.clear({ layers, experts, perToken: expertsPerToken });
    this.selection.fit(this.trace.shape);
    this.phase.set('rest');
  }

  /** What is wrong with the prompt is said beside the prompt. */
  failWriting(thrown: unknown): void {
    const fault = asFault(thrown);
    const ofPrompt = fault.code === 'context' || fault.code === 'bad-input';
    if (ofPrompt) this.problem.set({ field: 'prompt', message: `${fault.message} ${fault.hint}`.trim() });
    else this.tell(fault);
  }

  contextFull(): void {
    const length = this.opened.get()?.model.contextLength;
    const message = `The model's context of ${length} tokens is full, so the text ends here.`;
    this.tell({ code: 'context', message, hint: 'Write again from the prompt, or from a shorter one.' }, 'news');
  }

  touched(): void {
    this.lastTouch = performance.now();
    this.betweenTexts.takenOver = true;
    this.measuring.giveWay();
  }

  /** Reading, typing or holding a token: then the live text waits to be asked. */
  busyVisitor(): boolean {
    return this.inspected.get() !== null || this.phase.get() === 'paused' || performance.now() - this.lastTouch < 3000;
  }

  disclosed(name: Disclosure): boolean {
    return this.open.get().includes(name);
  }

  disclose(name: Disclosure, open: boolean): void {
    if (open === this.disclosed(name)) return;
    this.open.set(DISCLOSURES.filter((each) => (each === name ? open : this.disclosed(each))));
  }

  isOff(layer: number, expert: number): boolean {
    return isOff(this.interventions.get(), layer, expert);
  }

  async toggleExpert(layer: number, expert: number): Promise<void> {
    if (this.shape.get().experts < 2) return;
    const list = this.interventions.get();
    const on = list.filter((each) => each.kind !== 'off' || each.layer !== layer || each.expert !== expert);
    await this.setInterventions(on.length < list.length ? on : add(list, { kind: 'off', layer, expert }));
  }

  /** Replaces the list; a list that cannot be, or a recording, changes nothing and is told. */
  async setInterventions(wanted: readonly Intervention[]): Promise<boolean> {
    const opened = this.opened.get();
    if (!opened || this.source.get().kind !== 'live') {
      const message = 'A recording cannot be changed: interventions work once the model is live.';
      this.tell({ code: 'bad-input', message, hint: '' }, 'news');
      return false;
    }
    const problem = interventionProblem(opened.model, wanted);
    if (problem) {
      this.tell({ code: 'bad-input', message: problem, hint: '' });
      return false;
    }
    const before = this.interventions.get();
    this.interventions.set(wanted);
    try {
      await this.client.setInterventions(wanted);
      return true;
    } catch (thrown) {
      this.interventions.set(before);
      this.fail(thrown);
      return false;
    }
  }
}
