/** Measures what the interventions in force change, when the visitor asks. */

import type { Intervention } from '../../engine/interventions.ts';
import type { Rewritten } from '../../worker/protocol.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import { isProblem, readSampling } from '../session/inputs.ts';
import type { Session } from '../session/session.ts';
import { diffWords } from './diff.ts';
import type { Effect } from './effects.ts';

/** Tokens that both texts are given. */
const REWRITTEN = 48;

export function readText(session: Session): Promise<void> {
  const { client, measuring, effects } = session;
  return measuring.measure(effects.text, 'reading the text without and with them', (onProgress) =>
    of(session, session.interventions.get(), (list) => client.effectOnText(list, onProgress)),
  );
}

/** Held-out text of one domain, or (null) of all. Frozen routing belongs to a text and is left out. */
export function readLoss(session: Session, domain: string | null): Promise<void> {
  const { client, measuring, effects, interventions } = session;
  const list = interventions.get().filter(({ kind }) => kind !== 'frozen');
  return measuring.measure(effects.loss, 'reading held-out text without and with them', (onProgress) =>
    of(session, list, (own) => client.effectOnLoss(beside(HELDOUT), own, domain, onProgress)),
  );
}

/** The same prompt and seed twice, without and with them. */
export async function writeTwice(session: Session): Promise<void> {
  const { client, measuring, sampling, effects } = session;
  const wish = readSampling(sampling.get());
  if (isProblem(wish)) {
    effects.second.fail(wish.message);
    return;
  }
  const request = { prompt: null, maxTokens: REWRITTEN, sampling: wish.sampling };
  await measuring.measure(effects.second, 'writing without and with them', (onProgress) =>
    of(session, session.interventions.get(), async (list) => {
      const total = 2 * REWRITTEN;
      const without = await client.rewrite({ ...request, interventions: [] }, (done) => onProgress(done, total));
      const under = await client.rewrite({ ...request, interventions: list }, (done) =>
        onProgress(REWRITTEN + done, total),
      );
      return { without, under, diff: diffWords(written(without), written(under)), seed: wish.sampling.seed };
    }),
  );
}

async function of<T>(
  { opened }: Session,
  list: readonly Intervention[],
  measure: (list: readonly Intervention[]) => Promise<T>,
): Promise<Effect<T>> {
  const device = opened.get()?.info.name ?? '';
  return { of: list, device, found: await measure(list) };
}

/** What was drawn, the prompt left out. */
const written = ({ texts, promptTokens, pending }: Rewritten): string => texts.slice(promptTokens).join('') + pending;
