/** What the worker is asked to write, and what it sends of it: told apart from an older text, and handed to the pacer. */
import type { Sampling } from '../../engine/types.ts';
import type { RunEnd, StreamMessage } from '../../worker/protocol.ts';
import { Arrival } from '../session/arrival.ts';
import type { Page } from '../session/page.ts';
import { chunkOfMessage } from './chunks.ts';
import type { Pacer } from './pacer.ts';

/** What a text was begun with, whatever stands in the form since. */
export interface Beginning {
  readonly prompt: string;
  /** As a question, in the marks of the model's chat template. */
  readonly framed: boolean;
}

export class Receiving {
  private arrival = new Arrival();
  private run = 0;
  /** The run the text began with: what belongs to an older text is passed over. */
  private firstRun = 0;
  private promptOpen = false;
  /** A text was begun, and nothing of it is here yet. */
  private begun: Beginning | null = null;

  /** @param first called before the first message of a text that was begun is looked at */
  constructor(
    private readonly session: Page,
    private readonly pacer: Pacer,
    private readonly first: (begun: Beginning) => void,
  ) {
    session.client.onMessage((message) => this.receive(message));
  }

  /** Anew from a prompt, or (null) from where the text stands; resolves when all of it is here. */
  async ask(prompt: string | null, maxTokens: number, sampling: Sampling): Promise<RunEnd> {
    const { client, talk } = this.session;
    const run = ++this.run;
    const arrival = new Arrival();
    this.arrival = arrival;
    let framed: string | null = null;
    if (prompt !== null) {
      framed = talk.get()?.framed(prompt) ?? null;
      this.begun = { prompt, framed: framed !== null };
      this.firstRun = run;
      this.promptOpen = true;
    }
    const asked = { prompt: framed ?? prompt, special: framed !== null };
    const end = await client.generate({ run, ...asked, maxTokens, sampling });
    await arrival.of(end.generated);
    return end;
  }

  /** What comes until another text is expected belongs to the one that gives way. */
  giveWay(): void {
    this.begun = null;
  }

  /** Nothing comes behind what stands there: it has ended by itself, or the worker has read another prompt. */
  get isOver(): boolean {
    const reason = this.session.end.get()?.reason;
    return reason === 'eos' || reason === 'context' || this.begun !== null;
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
    if (this.begun) this.first(this.begun);
    this.begun = null;
    const chunk = chunkOfMessage(message, this.promptOpen);
    if (chunk.promptCount < chunk.count || chunk.candidates.at(-1)?.length) this.promptOpen = false;
    this.pacer.push(chunk, taken);
    this.arrival.add(chunk.candidates.filter((row) => row.length > 0).length);
  }
}
