/** Getting a model: from the list, from a dropped file, on the GPU or without it. */

import type { Fault, ModelEntry, OpenRequest } from '../../worker/protocol.ts';
import { rememberedTunings } from '../saves/tuned.ts';
import { asFault, isCancelled, type Standing } from '../session/faults.ts';
import { chatting } from '../session/later.ts';
import type { Page } from '../session/page.ts';
import { beside, fetchCatalog } from './catalog.ts';
import type { Catalog } from './model-list.ts';

interface Wish {
  readonly request: Omit<OpenRequest, 'device' | 'tuned' | 'expertsOnGpu'>;
  readonly title: string;
  readonly bytes: number;
  readonly entry: ModelEntry | null;
}

export class Opening {
  private wish: Wish | null = null;
  /** What the text on the page was written with. */
  private stood: Wish | null = null;
  /** The worker died while it wrote, or the visitor has asked for more since: the new one goes on at once. */
  private goesOn = false;
  private attempt = 0;
  /** Lets the text go on that gave way to a model which did not come. */
  private goOn = () => {};

  constructor(
    private readonly session: Page,
    private device: OpenRequest['device'],
  ) {}

  /** Why the page does not even ask for a GPU. */
  readonly noWebGpu = navigator.gpu
    ? null
    : `${isSecureContext ? 'This browser has no WebGPU' : 'WebGPU needs HTTPS or localhost'}, so the CPU does the work.`;

  /** Where it stands, for the ways out of a fault. */
  get standsOn(): Standing {
    const { catalog } = this.session;
    const entry = this.wish?.entry;
    const info = this.session.opened.get()?.info;
    return {
      onCpu: this.noWebGpu !== null || this.device === 'cpu' || info?.kind === 'cpu',
      onDefault: !this.wish || (entry != null && entry.id === catalog.get()?.default),
    };
  }

  async fetchList(): Promise<Catalog | Fault> {
    try {
      // One that is here says at once what a link means, before anything else arrives.
      const catalog = this.session.catalog.get() ?? (await fetchCatalog());
      this.session.models.list(catalog);
      return catalog;
    } catch (thrown) {
      return asFault(thrown);
    }
  }

  async openDefault(list: Promise<Catalog | Fault> = this.fetchList()): Promise<void> {
    const catalog = await list;
    if ('message' in catalog) return this.failed(catalog);
    const entry = catalog.models.find((model) => model.id === catalog.default) ?? catalog.models[0];
    if (entry) return this.openEntry(entry);
    this.failed({ code: 'network', message: 'The list of models is empty.', hint: '' });
  }

  /** The model that the page's link asks for, or the default. */
  async openLinked(list: Promise<Catalog | Fault> = this.fetchList()): Promise<void> {
    const { pageLink } = this.session;
    const catalog = await list;
    if ('message' in catalog) return this.failed(catalog);
    const entry = catalog.models.find((model) => model.id === pageLink.model);
    if (entry) return this.openEntry(entry);
    if (pageLink.model?.includes('://')) this.session.elsewhere.choose(pageLink.model);
    else if (pageLink.model !== null) pageLink.noSuchModel();
    return this.openDefault(list);
  }

  async openEntry(entry: ModelEntry): Promise<void> {
    const url = beside(`models/${entry.file}`);
    const request = { url, bytes: entry.bytes, sha256: entry.sha256 };
    await this.open({ request, title: entry.title, bytes: entry.bytes, entry });
  }

  /** From a server, part by part, into a copy that is kept. */
  async openUrl(url: string, title: string, bytes: number): Promise<void> {
    await this.open({ request: { url, bytes }, title, bytes, entry: null });
  }

  /** One file, or all parts of a split model. */
  async openFiles(title: string, files: readonly File[]): Promise<void> {
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    await this.open({ request: { file: files }, title, bytes, entry: null });
  }

  async retry(device: OpenRequest['device'] = this.device): Promise<void> {
    this.device = device;
    this.session.client.giveUp();
    if (this.wish) await this.open(this.wish);
    else await this.openDefault();
  }

  /** A new worker for the text on the page, which is written on where that was asked for. */
  async revive(goesOn: boolean): Promise<void> {
    this.goesOn = goesOn;
    this.session.shown.wait();
    await this.retry();
  }

  /** The worker could not start, or died: nothing runs any more, and what stands on the page is kept. */
  engineGone(fault: Fault): void {
    const { session } = this;
    const loading = session.engine.get().phase === 'loading';
    if (!loading && this.stood) this.wish = this.stood;
    this.goesOn = session.writing.lose();
    session.shown.strand();
    session.models.lose(fault);
    session.tell(fault);
    if (session.source.get().kind === 'none') void session.writing.playRecording();
  }

  cancel(): void {
    this.session.client.cancelOpen();
  }

  private async open(wish: Wish): Promise<void> {
    const { session } = this;
    const attempt = ++this.attempt;
    const replaces = session.engine.get().phase === 'loading';
    this.wish = wish;
    session.clearNotice();
    if (replaces) session.client.cancelOpen();
    else this.goOn = () => {};
    if (session.source.get().kind === 'live' && session.phase.get() === 'going') this.goOn = session.writing.giveWay();
    session.measuring.cancel();
    const { title, bytes, entry } = wish;
    const url = entry ? null : (wish.request.url ?? null);
    const told = session.models.load(title, bytes, entry, url);
    let arriving = true;
    let over = false;
    try {
      const device = this.noWebGpu ? 'cpu' : this.device;
      const asked = { tuned: rememberedTunings(), device, expertsOnGpu: session.held.get() ?? undefined };
      const opened = await session.client.open({ ...wish.request, ...asked }, (progress) => {
        // Progress comes over a port of its own, so the last of it may arrive after the end.
        if (attempt !== this.attempt || over) return;
        // The device is found and checked while the file is on its way: the bytes are what one waits for.
        if (progress.stage === 'download') arriving = progress.done < progress.total;
        const aside = arriving && progress.stage !== 'download';
        if (!aside) told(progress);
      });
      over = true;
      if (attempt !== this.attempt) return;
      session.models.open(opened, entry, title, url);
      const text = session.source.get();
      // Only now is the text before worth nothing: the worker has forgotten it.
      if (text.kind === 'live' && !text.stopped) await session.writing.halt();
      if (session.notice.get()?.code === 'worker') session.clearNotice();
      const source = session.source.get();
      const revives = wish === this.stood && source.kind === 'live' && source.stopped === true;
      this.stood = wish;
      if (!revives) session.begin(opened.chat && (await chatting()).talkWith(session, opened.chat));
      session.measuring.forget();
      session.comparing.forget();
      session.effects.forget();
      const { takeUp } = revives ? await import('../worker/reviving.ts') : { takeUp: null };
      if (!(await takeUp?.(session, opened, this.goesOn))) await this.handOver();
    } catch (thrown) {
      over = true;
      if (attempt !== this.attempt) return;
      const fault = isCancelled(thrown)
        ? { code: 'cancelled', message: `Loading ${title} was cancelled.`, hint: '' }
        : asFault(thrown, `${title} could not be opened.`);
      this.failed(fault);
    }
  }

  /** A model that was there before is still there: a bad file takes nothing away. */
  private failed(fault: Fault): void {
    this.session.models.fail(fault);
    this.session.tell(fault);
    this.goOn();
  }

  /** The recording gives way: at once when somebody asked for text, never while somebody reads. */
  private async handOver(): Promise<void> {
    const { session } = this;
    const { writing } = session;
    await session.pageLink.arrive();
    if (writing.asked.get()) {
      await writing.write();
      return;
    }
    if (session.source.get().kind === 'live') {
      writing.showLive();
      return;
    }
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still || session.busyVisitor() || session.source.get().kind === 'imported') {
      const message = 'The model is here: it can write on this machine now.';
      session.tell({ code: 'ready', message, hint: '' }, 'news', ['write']);
      return;
    }
    if (session.source.get().kind === 'none') {
      await writing.write();
      return;
    }
    // The old text stands until the first live token is there, so there is no pause between the two.
    session.shown.handOver();
    await writing.write();
  }
}
