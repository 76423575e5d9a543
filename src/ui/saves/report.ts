/** A result as others can read and repeat it: one form for the card, for Markdown and for JSON, whatever was measured. */
import type { EngineInfo } from '../../engine/types.ts';
import type { Headline } from './headline.ts';
import { FALLBACK, plain } from './words.ts';

export interface Table {
  readonly head: readonly string[];
  /** A cell may have a second line. */
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly title: string;
  /** null where nothing can be compared. */
  readonly headline: Headline | null;
  /** Which machine, which model, when. */
  readonly origin: string;
  readonly fallback: boolean;
  /** Small enough for a picture. */
  readonly card: Table;
  readonly full: Table;
  /** How it was measured, and what to know. */
  readonly notes: readonly string[];
  /** What a link has to say to repeat it. */
  readonly repeat: string;
  readonly data: object;
}

interface Origin {
  readonly info: EngineInfo;
  readonly browser: string;
  readonly date: string;
}

export const originWords = ({ info, browser, date }: Origin): string =>
  `${info.name}${info.fallback ? ' (software)' : ''}, ${browser}, ${date.slice(0, 16).replace('T', ' ')} UTC.`;

/** @param link repeats the measurement. */
export function markdownOf({ title, headline, origin, fallback, full, notes }: Report, link: string): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace('\n', ', ')).join(' | ')} |`;
  const lines = [
    `### ${title}`,
    '',
    ...(headline ? [`**${headline.number}** ${headline.words}.`, ''] : []),
    origin,
    ...(fallback ? ['', `**${FALLBACK}**`] : []),
    '',
    line(full.head),
    line(full.head.map((_, i) => (i ? '--:' : '---'))),
    ...full.rows.map(line),
    '',
    ...notes,
    '',
    `Repeat it: ${link}`,
    '',
  ];
  return plain(lines.join('\n'));
}

/** Everything that was measured, in its own units: milliseconds, bytes, FLOPs, per second. */
export function jsonOf({ title, data }: Report, link: string): string {
  return JSON.stringify({ title, link, ...data }, null, 1);
}
