/** What one page knows, as signals. Nothing here calls for the parts that change them. */
import type { Intervention } from '../../engine/interventions.ts';
import type { EngineInfo } from '../../engine/types.ts';
import type { Residency, RunEnd } from '../../worker/protocol.ts';
import type { PageState } from '../address/keys.ts';
import { DISCLOSURES, type Disclosure, type Hideable, type Stage } from '../address/types.ts';
import type { Conversation } from '../chat/types.ts';
import { isOff } from '../interventions/interventions.ts';
import type { Catalog } from '../models/model-list.ts';
import { ModelState } from '../models/model-state.ts';
import type { Appearance } from '../page/theme.ts';
import { FileReading } from '../share/reading.ts';
import type { Pace } from '../text/pace.ts';
import { PRESETS } from '../text/presets.ts';
import { ShownText } from '../text/shown.ts';
import { TraceStore } from '../text/trace-store.ts';
import { ExpertNames } from '../views/expert-names.ts';
import { Hues } from '../views/hues.ts';
import { type Expert, type PinnedExpert, Selection } from '../views/selection.ts';
import type { View } from '../views/view.ts';
import { Wall } from '../views/wall.ts';
import type { Client } from '../worker/client.ts';
import { DEFAULT_SAMPLING, type FieldProblem, type SamplingText } from './inputs.ts';
import type { EngineState, Notice, Phase, Place, Source } from './session-types.ts';
import { type Choice, choice, computed, type Readable, signal } from './signals.ts';

/** The page stands by itself. */
export const NO_STAGE: Stage = { scenes: null, scene: 0, kiosk: null };

export class PageStore {
  readonly trace = new TraceStore();
  readonly shown = new ShownText();
  readonly source: Readable<Source> = this.shown.source;
  readonly phase: Readable<Phase> = this.shown.phase;
  readonly end: Readable<RunEnd | null> = this.shown.end;
  readonly pace: Readable<Pace> = this.shown.pace;
  readonly speed: Readable<number | null> = this.shown.speed;
  readonly handover: Readable<boolean> = this.shown.handover;
  readonly hasPrevious: Readable<boolean> = this.shown.hasPrevious;
  readonly models = new ModelState();
  readonly engine: Readable<EngineState> = this.models.engine;
  readonly catalog: Readable<Catalog | null> = this.models.catalog;
  readonly opened = this.models.opened;
  readonly notice = signal<Notice | null>(null);
  readonly files = new FileReading();
  readonly reading = this.files.now;
  readonly problem = signal<FieldProblem | null>(null);
  readonly prompt = choice(PRESETS[0].prompt, () => this.mend('prompt'));
  readonly sampling = choice<SamplingText>(DEFAULT_SAMPLING, (now, before) => {
    for (const field of Object.keys(now) as (keyof SamplingText)[]) if (now[field] !== before[field]) this.mend(field);
  });
  /** With an open model that has a chat template. */
  readonly talk = signal<Conversation | null>(null);
  /** What is done to the routers of the live model. */
  readonly interventions = signal<readonly Intervention[]>([]);
  /** Experts of a layer that the GPU is to hold of the open model, and of those that are opened next; null: all. */
  readonly held = choice<number | null>(null);
  /** Where the experts of the open model are, as last seen; null where all are on the GPU, or the CPU computes. */
  readonly residency = signal<Residency | null>(null);
  /** Those interventions that leave out what is not here, which are listed and taken back as one. */
  readonly without = signal<readonly Intervention[]>([]);
  /** The part of the article, or the element's panel, that is shown. */
  readonly view = choice<View>('wall');
  /** How often a view was asked for: one that was left is brought back. */
  readonly asked = signal(0);
  /** The second prompt of two runs side by side; null compares without and with the interventions. */
  readonly other = choice<string | null>(null);
  /** Spaces and line breaks of the text are shown as signs. */
  readonly signs = choice(false);
  /** What is folded out. */
  readonly open = choice<readonly Disclosure[]>([]);
  /** Tokens per step that the comparison with dense speaks of. */
  readonly batch = choice(1);
  /** A measurement that a link offers to repeat; null once one was begun. */
  readonly repeat = choice<string | null>(null);
  /** What a link took off the page. */
  readonly hidden = choice<readonly Hideable[]>([]);
  /** Step of the tour, from 1; null outside it. */
  readonly step = choice<number | null>(null);
  /** "Open a model" is open, with this address in its field; null while it is not. */
  readonly elsewhere = choice<string | null>(null);
  /** The race of "Train one", as a link says how it is set up; null while it is not open. */
  readonly training = choice<string | null>(null);
  /** A talk, or a booth. */
  readonly stage = choice<Stage>(NO_STAGE);
  /** Counted from 0, as in the file; views clamp it to the model's layers. */
  readonly chosenLayer = choice<number | null>(null);
  readonly selection = new Selection();
  readonly hovered: Readable<number | null> = this.selection.hovered;
  readonly pinned: Readable<number | null> = this.selection.pinned;
  readonly hoveredExpert: Readable<Expert | null> = this.selection.hoveredExpert;
  readonly pinnedExperts: Readable<readonly PinnedExpert[]> = this.selection.pinnedExperts;
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
  /** What of a link is a choice on the page and no more. */
  readonly linked: { readonly [Name in keyof PageState]?: Choice<PageState[Name]> } = {
    prompt: this.prompt,
    other: this.other,
    view: this.view,
    layer: this.chosenLayer,
    scope: this.wall.scope,
    window: this.wall.window,
    shareOf: this.wall.shareOf,
    signs: this.signs,
    open: this.open,
    hide: this.hidden,
    step: this.step,
    batch: this.batch,
    repeat: this.repeat,
    held: this.held,
    train: this.training,
  };
  /** Parameters of the model on the screen; unknown for a trace, and for a recording whose card does not say. */
  readonly parameters = computed(() => {
    const source = this.source.get();
    const opened = this.opened.get();
    if (source.kind === 'live' && opened) return opened.model.parameters;
    if (source.kind === 'imported') return null;
    if (this.place.recording) return (source.kind === 'recorded' && source.card?.parameters) || null;
    const catalog = this.catalog.get();
    return catalog?.models.find((model) => model.id === catalog.default)?.parameters ?? null;
  });

  readonly names = new ExpertNames(() => {
    const source = this.source.get();
    return source.kind === 'recorded' || source.kind === 'imported'
      ? source.model
      : (this.opened.get()?.model.name ?? '');
  });
  /** A link asks for two runs side by side: they are written as soon as they can be. */
  runsAsked = false;
  /** Brings back the text that an imported trace took the place of. */
  aside: (() => void) | null = null;
  /** When the visitor did something: for a while the page must not take the text away. */
  lastTouch = Number.NEGATIVE_INFINITY;

  constructor(
    readonly client: Client,
    readonly place: Place,
  ) {}

  get appearance(): Appearance {
    return this.place.appearance;
  }

  protected say(notice: Notice): void {
    this.notice.set(notice);
  }

  /** The visitor has read what was said. */
  dismissNotice(): void {
    this.notice.set(null);
  }

  /** Takes down what was said about the text before. What a link asked for in vain stands until it was read. */
  clearNotice(): void {
    if (this.notice.get()?.code !== 'link') this.notice.set(null);
  }

  /** What is wrong with the form stands beside its field; true where something is. */
  mark(problem: FieldProblem | null): problem is FieldProblem {
    this.problem.set(problem);
    return problem !== null;
  }

  /** The field was changed: what was wrong with it is not said any more. */
  mend(field: FieldProblem['field']): void {
    if (this.problem.peek()?.field === field) this.problem.set(null);
  }

  /** Begins a talk; null ends it. */
  present(scenes: string | null): void {
    this.stage.choose({ ...NO_STAGE, scenes });
  }

  /** The text comes from a file: nothing can be done to it but play, look, and write another. */
  isPlayed(): boolean {
    const { kind } = this.source.get();
    return kind === 'recorded' || kind === 'imported';
  }

  isHidden(name: Hideable): boolean {
    return this.hidden.get().includes(name);
  }

  /** The engine runs elsewhere now: on a new device, or on the CPU. */
  moved(info: EngineInfo): void {
    this.models.moved(info);
    this.shown.moved(info);
  }

  /** Another model is open: nothing is done to its routers. @param talk where it can be talked with */
  begin(talk: Conversation | null): void {
    this.interventions.set([]);
    this.talk.set(talk);
  }

  /** The page says it at once; what the engine refuses is taken back. @throws why it does */
  protected async rule(wanted: readonly Intervention[]): Promise<void> {
    const before = this.interventions.get();
    this.interventions.set(wanted);
    try {
      await this.client.setInterventions(wanted);
    } catch (thrown) {
      this.interventions.set(before);
      throw thrown;
    }
  }

  /** These interventions are there for the sake of experts that are not here. */
  leaveOut(without: readonly Intervention[]): void {
    this.without.set(without);
  }

  /** Where the experts were found. */
  locate(now: Residency | null): void {
    if (JSON.stringify(now) !== JSON.stringify(this.residency.peek())) this.residency.set(now);
  }

  /** Brings a view into sight, also one that is chosen already. */
  show(view: View): void {
    this.view.choose(view);
    this.asked.set(this.asked.get() + 1);
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
    this.open.choose(DISCLOSURES.filter((each) => (each === name ? open : this.disclosed(each))));
  }

  isOff(layer: number, expert: number): boolean {
    return isOff(this.interventions.get(), layer, expert);
  }
}
