/** The page as it stands, as a link would carry it. */

import { readNumber, type SamplingText } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import { written } from '../text/begun.ts';
import { DEFAULT_STATE, writeAddress } from './address.ts';
import type { PageState } from './keys.ts';

/** What was typed and makes sense; what makes none is not worth carrying. */
function numbers(typed: SamplingText): Pick<PageState, 'sampling' | 'length'> {
  const read = (field: keyof SamplingText, usual: number) => {
    const value = readNumber(field, typed[field]);
    return typeof value === 'number' ? value : usual;
  };
  const { temperature, topK, topP, seed } = DEFAULT_STATE.sampling;
  return {
    sampling: {
      temperature: read('temperature', temperature),
      topK: read('topK', topK),
      topP: read('topP', topP),
      seed: read('seed', seed),
    },
    length: read('length', DEFAULT_STATE.length),
  };
}

/**
 * Where the text stands still, if that is not where it would by itself; on its way there, where it will. It is the form's own
 * text or none: another one cannot be had from what the link carries.
 */
function until(session: Page, typed: Pick<PageState, 'sampling' | 'length'>): number | null {
  return session.phase.get() === 'going' ? session.writing.begun.until : standsAt(session, typed);
}

/** The same of a text that is being written: so many of its tokens stand there now. */
export function standsAt(session: Page, { sampling, length }: Pick<PageState, 'sampling' | 'length'>): number | null {
  const phase = session.phase.get();
  if (session.source.get().kind !== 'live' || phase === 'rest') return null;
  if (!session.writing.begun.isOf(session.prompt.get(), sampling)) return null;
  const reason = session.end.get()?.reason;
  const now = written(session);
  const over = phase === 'ended' && (reason === 'eos' || reason === 'context');
  return now === 0 || now === length || over ? null : now;
}

/** The id or address of the model that is open or on its way; null for the default one, and for a visitor's own file, which no link can carry. */
function model(session: Page): string | null {
  const engine = session.engine.get();
  const id = 'entry' in engine ? (engine.entry?.id ?? engine.url) : null;
  return id === session.catalog.get()?.default ? null : id;
}

export function snapshot(session: Page): PageState {
  const { scenes, scene, kiosk } = session.stage.get();
  const typed = numbers(session.sampling.get());
  return {
    ...DEFAULT_STATE,
    ...Object.fromEntries(Object.entries(session.linked).map(([name, choice]) => [name, choice.get()])),
    ...typed,
    until: until(session, typed),
    model: model(session),
    pace: session.pace.get(),
    // What is not here is here elsewhere.
    interventions: session.interventions.get().filter((each) => !session.without.get().includes(each)),
    order: session.wall.order.get() ? 'load' : 'number',
    token: session.pinned.get(),
    experts: session.pinnedExperts.get().map(({ layer, expert }) => ({ layer, expert })),
    theme: session.appearance.chosen.get(),
    scenes,
    scene,
    kiosk,
  };
}

/** The part of a state that decides which text is written; empty for the usual one. */
export function textOf({ model, prompt, sampling, length, interventions }: PageState): string {
  return writeAddress({ ...DEFAULT_STATE, model, prompt, sampling, length, interventions });
}
