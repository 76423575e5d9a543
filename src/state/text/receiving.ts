/** What the worker sends of the text: told apart from what belongs to an older one, and handed to the pacer. */
import type { StreamMessage } from '../../worker/protocol.ts';
import { Arrival } from '../session/arrival.ts';
import type { Page } from '../session/page.ts';
import { chunkOfMessage } from './chunks.ts';
import type { Pacer } from './pacer.ts';

export class Receiving {
  private arrival = new Arrival();
  /** The run the text began with: what belongs to an older text is passed over. */
  private firstRun = 0;
  private promptOpen = false;
  /** A text was begun, and nothing of it is here yet. */
  private awaits = false;

  /** @param first called before the first message of a text that was begun is looked at */
  constructor(
    private readonly session: Page,
    private readonly pacer: Pacer,
    private readonly first: () => void,
  ) {
    session.client.onMessage((message) => this.receive(message));
  }

  /** What is written from now on belongs to `run`; `anew` where it begins with a prompt. */
  expect(run: number, anew: boolean): Arrival {
    if (anew) {
      this.firstRun = run;
      this.promptOpen = true;
      this.awaits = true;
    }
    this.arrival = new Arrival();
    return this.arrival;
  }

  /** What comes until another text is expected belongs to the one that gives way. */
  giveWay(): void {
    this.awaits = false;
  }

  private receive(message: StreamMessage): void {
    const { session } = this;
    if (message.type === 'notice') {
      session.moved(message.info);
      session.tell(message.fault, 'news', message.fault.code === 'experts-away' ? undefined : ['dismiss']);
      return;
    }
    const taken = () => session.client.acknowledge(message.run);
    if (message.run < this.firstRun) {
      taken();
      return;
    }
    if (this.awaits) this.first();
    this.awaits = false;
    const chunk = chunkOfMessage(message, this.promptOpen);
    if (chunk.promptCount < chunk.count || chunk.candidates.at(-1)?.length) this.promptOpen = false;
    this.pacer.push(chunk, taken);
    this.arrival.add(chunk.candidates.filter((row) => row.length > 0).length);
  }
}
