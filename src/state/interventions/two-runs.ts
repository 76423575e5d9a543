/** Two texts from one seed: without and with what is done to the routers, or from two prompts. */

import type { Sampling } from '../../engine/types.ts';
import type { Rewritten } from '../../worker/protocol.ts';
import { isProblem, readPrompt, readSampling } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import { chunkOfMessage } from '../text/chunks.ts';
import { type Shape, TraceStore } from '../text/trace-store.ts';
import type { Client } from '../worker/client.ts';
import type { CellChange, Plan, Run, TwoRuns } from './types.ts';

/** Longer texts have parted long before, and the comparison grows with the square. */
const MOST_TOKENS = 160;

/** A longest common subsequence of two lists: which entries of each belong to it. O(n · m). */
export function inCommon(a: ArrayLike<number>, b: ArrayLike<number>): [boolean[], boolean[]] {
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [down, right] = [longest[(i + 1) * width + j], longest[i * width + j + 1]];
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(down, right);
    }
  }
  const first = Array.from({ length: a.length }, () => false);
  const second = Array.from({ length: b.length }, () => false);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      first[i++] = true;
      second[j++] = true;
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
    else j++;
  }
  return [first, second];
}

export function changesOf(a: TraceStore, b: TraceStore): CellChange[] {
  const { layers, experts } = a.shape;
  return Array.from({ length: layers * experts }, (_, cell) => {
    const [layer, expert] = [Math.floor(cell / experts), cell % experts];
    return { layer, expert, first: a.share(layer, expert), second: b.share(layer, expert) };
  });
}

function storeOf(shape: Shape, text: Rewritten): TraceStore {
  const trace = new TraceStore();
  trace.clear(shape);
  trace.append(chunkOfMessage({ ...text, type: 'tokens', run: 0, changes: [], milliseconds: 0 }, true));
  return trace;
}

export interface Wanted {
  readonly plans: readonly [Plan, Plan];
  readonly shape: Shape;
  readonly sampling: Sampling;
  readonly maxTokens: number;
  readonly device: string;
  /** A prompt in the marks of the model's chat template; null where it is continued as it stands. */
  readonly framed?: (prompt: string) => string | null;
}

/** Writes both, one after the other, beside the text on the page. */
export async function writeTwo(
  client: Pick<Client, 'rewrite'>,
  { plans, shape, sampling, maxTokens, device, framed: frame }: Wanted,
  onProgress: (done: number, total: number) => void,
): Promise<TwoRuns> {
  const write = async ({ prompt, interventions }: Plan, before: number) => {
    const framed = frame?.(prompt) ?? null;
    const asked = { prompt: framed ?? prompt, special: framed !== null };
    const request = { ...asked, interventions, sampling, maxTokens };
    const text = await client.rewrite(request, (done, total) => onProgress(before * total + done, 2 * total));
    return storeOf(shape, text);
  };
  const [a, b] = [await write(plans[0], 0), await write(plans[1], 1)];
  const written = [a.ids.slice(a.promptCount), b.ids.slice(b.promptCount)];
  const both = inCommon(written[0], written[1]);
  const parted = written[0].findIndex((id, at) => id !== written[1][at]);
  const run = (plan: Plan, trace: TraceStore, common: boolean[]): Run => ({
    ...plan,
    trace,
    inBoth: [...Array.from({ length: trace.promptCount }, () => true), ...common],
  });
  return {
    runs: [run(plans[0], a, both[0]), run(plans[1], b, both[1])],
    device,
    seed: sampling.seed,
    maxTokens,
    sameAtFirst: parted < 0 ? written[0].length : parted,
    common: both[1].filter(Boolean).length,
    changes: changesOf(a, b),
  };
}

/** What the session's prompts and interventions ask to be compared. */
function plansOf(session: Page): readonly [Plan, Plan] {
  const [prompt, other, interventions] = [session.prompt.get(), session.other.get(), session.interventions.get()];
  if (other === null) {
    return [
      { name: 'Without', prompt, interventions: [] },
      { name: 'With', prompt, interventions },
    ];
  }
  return [
    { name: 'First prompt', prompt, interventions },
    { name: 'Second prompt', prompt: other, interventions },
  ];
}

/** The same from the seed of the page, for its panel. */
export async function writeTwoOf(session: Page): Promise<void> {
  const { model, info } = session.opened.get() ?? {};
  const wish = readSampling(session.sampling.get());
  const plans = plansOf(session);
  const problem = isProblem(wish) ? wish : (readPrompt(plans[0].prompt) ?? readPrompt(plans[1].prompt));
  if (session.mark(problem) || !model || !info || isProblem(wish)) return;
  const wanted: Wanted = {
    plans,
    shape: { layers: model.layers, experts: model.experts, expertsPerToken: model.expertsPerToken },
    sampling: wish.sampling,
    maxTokens: Math.min(wish.length, MOST_TOKENS),
    device: info.name,
    framed: (prompt) => session.talk.get()?.framed(prompt) ?? null,
  };
  const { measuring } = session;
  await measuring.measure(measuring.twoRuns, 'writing both', (onProgress) =>
    writeTwo(session.client, wanted, onProgress),
  );
}
