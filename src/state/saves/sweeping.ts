/** The measurements behind "What does it save?": the whole sweep, or steps of one token. */
import type { Sweep } from '../../worker/protocol.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import { readsHeldout } from '../models/heldout.ts';
import { asFault, inWords, isCancelled } from '../session/faults.ts';
import type { Page } from '../session/page.ts';
import { stamp } from '../session/stamp.ts';
import { type Comparison, join, partsOf, type Reach } from './comparison.ts';
import { keepRun, runOfSweep } from './history.ts';
import type { OnProgress } from './measure.ts';

/** Shares of the progress: limits, decode, prefill. */
const SHARES = [10, 30, 60] as const;
const LIMITS = 'what this machine can do';

function progress(onProgress: OnProgress, step: string, part: number) {
  const before = SHARES.slice(0, part).reduce((sum, share) => sum + share, 0);
  return (done: number, total: number) => onProgress(before + (SHARES[part] * done) / total, 100, step);
}

export async function sweepAll(session: Page, reach: Reach): Promise<void> {
  const { comparing, client } = session;
  const model = session.opened.get()?.model;
  if (!model) return;
  session.repeat.choose(null);
  await session.measuring.measure(comparing.run, LIMITS, async (onProgress) => {
    const parts: Sweep[] = [];
    let lost: string | null = null;
    await comparing.readLimits(progress(onProgress, LIMITS, 0));
    for (const [i, tokens] of partsOf(reach).entries()) {
      const step = i === 0 ? 'steps of 1 to 8 tokens' : `steps of 16 to ${reach} tokens`;
      try {
        const heldoutUrl = readsHeldout(session) ? beside(HELDOUT) : undefined;
        const part = await client.sweep({ tokens, heldoutUrl }, progress(onProgress, step, i + 1));
        parts.push(part);
        if (part.lost) lost = `The larger steps could not be measured: ${part.lost}`;
      } catch (thrown) {
        if (i === 0) throw thrown;
        lost = isCancelled(thrown)
          ? 'Stopped before the larger steps: what was measured until then stands here.'
          : `The larger steps could not be measured: ${inWords(asFault(thrown))}`;
      }
      comparing.keep(join(parts, { model: model.name, ...stamp(), lost }));
      if (lost) break;
    }
    const comparison: Comparison = comparing.found.get()!;
    keepRun(runOfSweep(comparison));
    return comparison;
  });
}

export async function sweepOne(session: Page): Promise<void> {
  const { comparing, client } = session;
  const model = session.opened.get()?.model;
  if (!model) return;
  await session.measuring.measure(comparing.run, LIMITS, async (onProgress) => {
    await comparing.readLimits(progress(onProgress, LIMITS, 0));
    const part = await client.sweep({ tokens: [1] }, (done, total) => onProgress(done, total, 'steps of one token'));
    return comparing.keep(join([part], { model: model.name, ...stamp(), lost: part.lost }));
  });
}
