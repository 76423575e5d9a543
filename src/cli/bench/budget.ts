/** What it costs that experts may be elsewhere, where all of them have come: a model that began without any, beside one that has all. */
import { summarise } from '../../compare/timing.ts';
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import { arrive } from '../../engine/webgpu/arrival.ts';
import { type ModelSizes, openModel, promptOf, type Run, runOnce } from './models.ts';
import type { Budget } from './report.ts';

/** Each round runs both, who goes first in turn; a round's ratio is of neighbours in time. */
export async function measureBudget(
  bytes: Uint8Array,
  found: FoundGpu,
  { prompt, tokens, rounds }: ModelSizes,
): Promise<Budget> {
  const plain = await openModel('plain', bytes, found);
  const arrived = await openModel('arrived', bytes, found, { onDemand: true });
  const { residency } = arrived.engine;
  if (residency) await arrive(residency, { signal: new AbortController().signal });
  const ids = promptOf(plain.engine.model, prompt);
  const pair = [plain, arrived];
  for (const model of pair) await runOnce(model, ids, tokens);
  const ratios: { readonly prefill: number; readonly decode: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const runs = new Map<string, Run>();
    for (const model of round % 2 ? [...pair].reverse() : pair) runs.set(model.id, await runOnce(model, ids, tokens));
    const [before, after] = pair.map(({ id }) => runs.get(id)!);
    ratios.push({ prefill: after.prefill / before.prefill, decode: after.decode / before.decode });
  }
  return {
    ...{ promptTokens: prompt, drawnTokens: tokens },
    prefill: summarise(ratios.map(({ prefill }) => prefill)),
    decode: summarise(ratios.map(({ decode }) => decode)),
  };
}
