/** Puts the parts of a page together. */
import { type Intervention, interventionProblem } from '../../engine/interventions.ts';
import type { Fault } from '../../worker/protocol.ts';
import { PageLink } from '../address/page-link.ts';
import { Effects } from '../interventions/effects.ts';
import { add } from '../interventions/interventions.ts';
import { Opening } from '../models/opening.ts';
import { PublishedLayers } from '../models/published.ts';
import { Comparing } from '../saves/comparing.ts';
import { Measuring } from '../saves/measuring.ts';
import { QualityBesideSpeed } from '../saves/quality.ts';
import { BetweenTexts } from '../text/between-texts.ts';
import { Writing } from '../text/writing.ts';
import { Inspecting } from '../views/inspecting.ts';
import type { Client } from '../worker/client.ts';
import { asFault, type Way, waysOut } from './faults.ts';
import { follow } from './follow.ts';
import { residing } from './later.ts';
import type { Page } from './page.ts';
import { PageStore } from './page-store.ts';
import type { Notice, Place } from './session-types.ts';
import { painted, turn } from './turn.ts';

export class Session extends PageStore implements Page {
  readonly opening: Opening;
  readonly writing: Writing;
  readonly measuring: Measuring;
  readonly betweenTexts: BetweenTexts;
  readonly quality: QualityBesideSpeed;
  readonly published: PublishedLayers;
  readonly comparing: Comparing;
  readonly effects = new Effects();
  readonly inspecting: Inspecting;
  readonly pageLink: PageLink;

  constructor(client: Client, place: Place) {
    super(client, place);
    this.writing = new Writing(this);
    this.opening = new Opening(this, place.device === 'cpu' ? 'cpu' : 'auto');
    this.measuring = new Measuring(this);
    this.betweenTexts = new BetweenTexts(this);
    this.quality = new QualityBesideSpeed(this);
    this.published = new PublishedLayers(this);
    this.comparing = new Comparing(this);
    this.inspecting = new Inspecting(this);
    this.pageLink = new PageLink(this);
    follow(() => {
      const some = this.held.get() !== null || this.opened.get()?.room !== undefined;
      if (some) void residing().then(({ reside }) => reside(this));
    });
    client.onFailure((fault) => this.opening.engineGone(fault));
    client.onSilence(() => this.tell({ code: 'worker', message: 'The engine has not answered yet.', hint: '' }));
  }

  /**
   * Plays the recording; as soon as its first frame is painted, fetches the model. A link that asks for a text of its own
   * waits for the model instead: no other text comes first.
   */
  async start(): Promise<void> {
    await turn();
    const catalog = this.opening.fetchList();
    const recorded = this.place.device === 'recorded';
    const asked = this.pageLink.begin() && !recorded;
    this.betweenTexts.takenOver ||= asked;
    if (!asked) await this.writing.playRecording();
    else if (!matchMedia('(prefers-reduced-motion: reduce)').matches) this.writing.ask();
    await painted();
    if (!recorded) await this.opening.openLinked(catalog);
  }

  /** Stops whatever runs and gives back what the engine holds. */
  async close(): Promise<void> {
    this.pageLink.leave();
    await this.writing.halt();
    await this.client.close();
  }

  tell(fault: Fault, tone: Notice['tone'] = 'fault', ways?: readonly Way[]): void {
    this.say({ tone, ...fault, ways: ways ?? waysOut(fault.code, this.opening.standsOn) });
  }

  fail(thrown: unknown): void {
    this.tell(asFault(thrown));
  }

  /** Forgets the text on the screen: what comes next is the open model's. */
  emptyText(): void {
    const opened = this.opened.get();
    if (!opened) return;
    const { layers, experts, expertsPerToken } = opened.model;
    this.selection.forgetTokens();
    this.effects.forgetText();
    this.shown.empty(opened, this.trace.count > 0);
    this.trace.clear({ layers, experts, expertsPerToken });
    this.selection.fit(this.trace.shape);
  }

  /** What is wrong with the prompt is said beside the prompt. */
  failWriting(thrown: unknown): void {
    const fault = asFault(thrown);
    const ofPrompt = fault.code === 'context' || fault.code === 'bad-input';
    if (ofPrompt) this.mark({ field: 'prompt', message: `${fault.message} ${fault.hint}`.trim() });
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

  async toggleExpert(layer: number, expert: number): Promise<void> {
    if (this.shape.get().experts < 2) return;
    const list = this.interventions.get();
    const on = list.filter((each) => each.kind !== 'off' || each.layer !== layer || each.expert !== expert);
    await this.setInterventions(on.length < list.length ? on : add(list, { kind: 'off', layer, expert }));
  }

  /** Replaces the list; a list that cannot be, or a recording, changes nothing and is told. */
  async setInterventions(wanted: readonly Intervention[]): Promise<boolean> {
    const opened = this.opened.get();
    const live = this.source.get().kind === 'live';
    if (!opened || !live) {
      const what = live ? 'The model of this text is not open' : 'A recording cannot be changed';
      const message = `${what}: interventions work once the model is live.`;
      this.tell({ code: 'bad-input', message, hint: '' }, 'news');
      return false;
    }
    const problem = interventionProblem(opened.model, wanted);
    if (problem) {
      this.tell({ code: 'bad-input', message: problem, hint: '' });
      return false;
    }
    try {
      await this.rule(wanted);
      return true;
    } catch (thrown) {
      this.fail(thrown);
      return false;
    }
  }
}
