/** What crosses between the command and the page that it drives (page.ts). */
import type { NamedText } from '../../train/saved.ts';
import type { Refusal } from '../answer.ts';
import type { PainterJob, TextJob } from './options.ts';

/** A picture as text: four bytes a pixel, row by row, in base64. */
interface SentPicture {
  readonly width: number;
  readonly height: number;
  readonly base64: string;
}

export type TrainAsked =
  | { readonly job: PainterJob; readonly picture: SentPicture }
  | { readonly job: TextJob; readonly texts: readonly NamedText[] };

/** What --json prints, and the painting in base64. */
export interface TrainAnswer {
  readonly summary: object;
  readonly painting: string | null;
}

declare global {
  interface Window {
    /** Set by the page when it is ready. */
    moeTrain?: (asked: TrainAsked) => Promise<TrainAnswer | Refusal>;
    /** Set by the command: a line on how it goes. */
    moeTold?: (line: string) => Promise<void>;
  }
}
