/** Gives the open model the room for experts that the page says, in the middle of its text too, and follows where they are. */
import type { Opened, Residency } from '../../worker/protocol.ts';
import { follow } from '../session/follow.ts';
import type { Page } from '../session/page.ts';

/** Between two questions to a worker that writes. */
const ASK_MILLISECONDS = 400;

const followed = new WeakSet<Page>();

/** For as long as there is a page; once. */
export function reside(session: Page): void {
  if (followed.has(session)) return;
  followed.add(session);
  const residing = new Residing(session);
  follow(() => void residing.apply());
}

/** All have come, and the next text looks nothing up any more. */
const isWhole = ({ held, expertBytes }: Residency, experts = 0): boolean =>
  held.every(({ length }, layer) => !expertBytes[layer] || length === experts);

class Residing {
  private model: Opened['model'] | null = null;
  /** What the worker was asked for last. */
  private given: number | null = null;
  private holding = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Page) {}

  async apply(): Promise<void> {
    const { session } = this;
    const opened = session.opened.get();
    const held = session.held.get();
    if (opened?.info.kind !== 'webgpu') return session.locate(null);
    const { model, room } = opened;
    const ofAll = (experts: number | null | undefined) => (experts && experts < model.experts ? experts : null);
    if (this.model !== model) {
      this.model = model;
      this.given = ofAll(room);
      void this.ask();
    }
    const wanted = ofAll(held && Math.max(held, model.expertsPerToken));
    if (this.holding || wanted === this.given) return;
    this.holding = true;
    this.given = wanted;
    try {
      await session.client.hold(wanted);
    } catch (thrown) {
      // A worker that has died says so itself, and the next one gets what this one had.
      if (session.opened.get()?.model === model) await this.refused(thrown, ofAll);
    }
    this.holding = false;
    await this.ask();
    await this.apply();
  }

  /** The page says what room there is. */
  private async refused(thrown: unknown, ofAll: (experts: number | undefined) => number | null): Promise<void> {
    const { session } = this;
    session.fail(thrown);
    const now = await session.client.residency().catch(() => null);
    this.given = ofAll(now?.entries);
    session.held.choose(this.given);
  }

  private ask = async (): Promise<void> => {
    const { session } = this;
    clearTimeout(this.timer);
    const found = await session.client.residency().catch(() => null);
    const now = found && isWhole(found, this.model?.experts) ? null : found;
    session.locate(now);
    clearTimeout(this.timer);
    if (now && session.opened.get()?.model === this.model) this.timer = setTimeout(this.ask, ASK_MILLISECONDS);
  };
}
