/** What guessing a layer ahead is worth, measured: the same text with as few experts on the GPU, without guesses and with them. */
import type { Residency } from '../../worker/protocol.ts';
import type { Measured } from '../saves/measure.ts';
import { isProblem, readSampling } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';

const MOST_TOKENS = 32;

export interface Guessing {
  readonly plain: Residency;
  readonly ahead: Residency;
}

/**
 * The prompt of the text and the first tokens of what follows it, aside from the text: once so that both begin with the same
 * experts, once without guesses, once with them.
 */
export function measureGuesses(session: Page, into: Measured<Guessing>): Promise<void> {
  const { client, held, interventions } = session;
  const form = readSampling(session.sampling.get());
  const experts = held.get();
  if (isProblem(form)) return Promise.resolve();
  const { sampling } = form;
  return session.measuring.measure(into, 'writing it three times', async (onProgress) => {
    const written = async (time: number) => {
      const asked = { interventions: interventions.get(), prompt: null, maxTokens: MOST_TOKENS, sampling };
      await client.rewrite(asked, (done) => onProgress(time * MOST_TOKENS + done, 3 * MOST_TOKENS));
      const counted = await client.residency();
      if (!counted) throw new Error('All experts are on the GPU.');
      return counted;
    };
    try {
      await written(0);
      await client.hold(experts);
      const plain = await written(1);
      await client.hold(experts, true);
      return { plain, ahead: await written(2) };
    } finally {
      await client.hold(experts);
    }
  });
}
