/** A race of writers on the page: a MoE and its dense twins learn the same text. */
import type { Remote } from 'comlink';
import type { RaceSettings } from '../../train/race.ts';
import { MOST_KINDS, type NamedText } from '../../train/saved.ts';
import { kindsOfText, tooShort } from '../../train/text/corpus.ts';
import { TEXT_SHAPE } from '../../train/text/types.ts';
import type { TextEvent, TextReady, TextStanding, TextTraining } from '../../worker/trainingText.ts';
import { beside } from '../models/catalog.ts';
import { once } from '../session/once.ts';
import type { Session } from '../session/session.ts';
import { signal } from '../session/signals.ts';
import { Running } from './running.ts';

/** What the shipped MoE wrote: training/write_corpus.py. */
const DEFAULT_TEXT = 'recordings/written.txt.gz';
/** More would stay unread for hours. */
export const MOST_TEXT = 20_000_000;

export class TextRace extends Running<TextTraining, TextReady, TextStanding> {
  /** The visitor's own; none: what the shipped MoE wrote. */
  readonly texts = signal<readonly NamedText[]>([]);

  constructor(session: Session) {
    super(session, 'text-training');
  }

  /** Learns these instead, from new weights; false where they cannot be learned: then nothing is given up for them. */
  take(texts: readonly NamedText[]): boolean {
    const kinds = texts.flatMap(({ name, text }) => kindsOfText(name, text)).slice(0, MOST_KINDS);
    const why = tooShort(kinds, TEXT_SHAPE.context);
    if (why !== null) {
      this.refuse(why, '');
      return false;
    }
    this.texts.set(kinds);
    void this.start();
    return true;
  }

  protected async prepare(
    service: Remote<TextTraining>,
    settings: RaceSettings,
    hear: (event: TextEvent) => void,
    saved: boolean,
  ): Promise<TextReady> {
    const brought = this.texts.get();
    const own = brought.length > 0;
    // A file has its texts with it.
    const texts = saved ? [] : own ? brought : await fetchWritten();
    return service.prepare({ settings, texts, own, device: this.device, saved }, hear);
  }

  protected async read(service: Remote<TextTraining>, file: Blob): Promise<string> {
    const { settings, texts } = await service.read(file);
    this.texts.set(texts);
    return settings;
  }

  protected lossOf({ heldOut, step }: TextStanding): number | null {
    return step > 0 ? heldOut : null;
  }
}

const fetchWritten = once(async (): Promise<readonly NamedText[]> => {
  try {
    const response = await fetch(beside(DEFAULT_TEXT));
    if (!response.ok || (response.headers.get('content-type') ?? '').includes('text/html')) throw response.status;
    const bytes = new Uint8Array(await response.arrayBuffer());
    // Some servers unpack what ends in .gz on the way.
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const stream = packed ? new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')) : bytes;
    return kindsOfText('text', await new Response(stream).text());
  } catch {
    const message = 'The text to learn could not be fetched.';
    throw { code: 'network', message, hint: 'Try again, or bring a text of your own.' };
  }
});
