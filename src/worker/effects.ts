/** What an intervention changes: in the text as it stands, at one position, and in a text written anew. All of it aside. */
import { klDivergence } from '../compare/divergence.ts';
import { concatBatches } from '../engine/batch.ts';
import { checkedSampling, checkIds, checkRouted } from '../engine/checks.ts';
import { type Intervention, withRunnerUp } from '../engine/interventions.ts';
import { CANDIDATES, type Engine, NOT_SAMPLED, type TraceBatch, UserError } from '../engine/types.ts';
import { candidates } from '../reference/sample.ts';
import type { Expected, PositionInspection, RewriteRequest, Rewritten, RunnerUp, TextEffect } from './protocol.ts';
import { atPosition, type Site } from './rereading.ts';
import { candidateWord, RunningText } from './text.ts';

export type OnCount = (done: number, total: number) => void;

/** Positions between two chances to cancel. */
const CHUNK = 32;

const expected = ({ model }: Engine, logits: Float32Array): Expected[] => {
  const { ids, probabilities } = candidates(logits, CANDIDATES);
  return ids.map((id, i) => ({ text: candidateWord(model.tokenizer, id), probability: probabilities[i] }));
};

function checkPosition({ engine, text }: Site, position: number): void {
  checkRouted(engine.model.config);
  if (Number.isInteger(position) && position >= 0 && position < text.routed.length) return;
  throw new UserError('bad-input', `The text has no position ${position}: it has 0 to ${text.routed.length - 1}.`);
}

/** The position as it was run, with what ruled it then, number by number. */
export function inspect(site: Site, position: number): Promise<PositionInspection> {
  const { engine, text, rules } = site;
  checkPosition(site, position);
  return atPosition(site, position, async () => {
    const plan = rules.planAt(engine, text.revisions[position]);
    engine.setRouting(plan);
    const inspection = await engine.inspect(text.routed[position]);
    return { ...inspection, biases: Float32Array.from(plan.controls.flatMap(({ bias }) => Array.from(bias))) };
  });
}

/** What follows the position as it was run, and with ranks k and k + 1 swapped there; earlier positions stay. */
export function runnerUp(site: Site, position: number, layer: number | null): Promise<RunnerUp> {
  const { engine, text, rules } = site;
  const { config } = engine.model;
  checkPosition(site, position);
  if (layer !== null && !(Number.isInteger(layer) && layer >= 0 && layer < config.layers))
    throw new UserError('bad-input', `There is no layer ${layer}: the model’s layers are 0 to ${config.layers - 1}.`);
  const plan = rules.planAt(engine, text.revisions[position]);
  if (plan.controls.some(({ frozen }) => frozen && position < frozen.ids.length / frozen.slots))
    throw new UserError('bad-input', `The routing of position ${position} is frozen: it has no runner-up.`);
  const swappedPlan = withRunnerUp(plan, layer);
  return atPosition(site, position, async () => {
    const logits: Float32Array[] = [];
    for (const each of [plan, swappedPlan]) {
      engine.truncate(position);
      engine.setRouting(each);
      logits.push((await engine.forward([text.routed[position]])).logits);
    }
    const [base, swapped] = logits;
    return { base: expected(engine, base), swapped: expected(engine, swapped), kl: klDivergence(base, swapped) };
  });
}

/**
 * Reads the text twice, with the routers left alone and under `interventions` from its first token on. Holds the logits
 * of one reading meanwhile: T·V·4 bytes.
 */
export function effectOnText(
  { engine, text, rules }: Site,
  interventions: readonly Intervention[],
  onProgress: OnCount,
  signal: AbortSignal,
): Promise<TextEffect> {
  const ids = text.routed;
  if (ids.length === 0) throw new UserError('bad-input', 'There is no text yet to read again.', 'Write one first.');
  const plans = [rules.plan(engine, []), rules.plan(engine, interventions)];
  const kl = new Float32Array(ids.length);
  return engine.aside(0, async () => {
    const without: Float32Array[] = [];
    let last: Float32Array[] = [];
    for (const [reading, plan] of plans.entries()) {
      engine.truncate(0);
      engine.setRouting(plan);
      for (let from = 0, row = 0; from < ids.length; from += CHUNK) {
        signal.throwIfAborted();
        const { logits, trace } = await engine.forward(ids.slice(from, from + CHUNK));
        const width = logits.length / trace.count;
        for (let t = 0; t < trace.count; t++, row++) {
          const now = logits.subarray(t * width, (t + 1) * width);
          if (reading === 0) without.push(now);
          else kl[row] = klDivergence(without[row], now);
          last = reading === 0 ? last : [without[row], now];
        }
        onProgress(reading * ids.length + row, 2 * ids.length);
      }
    }
    const mean = kl.reduce((sum, each) => sum + each, 0) / kl.length;
    return { kl, mean, last: { base: expected(engine, last[0]), changed: expected(engine, last[1]) } };
  });
}

/** Another text from the same beginning, or from another prompt, under `interventions`; the text itself stays. */
export function rewrite(
  { engine, text, rules }: Site,
  { interventions, prompt, special, maxTokens, sampling }: RewriteRequest,
  onProgress: OnCount,
  signal: AbortSignal,
): Promise<Rewritten> {
  const { config, tokenizer } = engine.model;
  const ids =
    prompt === null
      ? [...text.routed, ...text.waiting].slice(0, text.promptTokens)
      : tokenizer.prompt(prompt, { special });
  checkedSampling(sampling);
  checkIds(config, 0, ids);
  // Seen from the new text, the text as it stands is the previous run.
  const plan = rules.plan(engine, interventions, text.routing);
  return engine.aside(0, async () => {
    const other = new RunningText(tokenizer, ids);
    const batches: TraceBatch[] = [];
    const texts: string[] = [];
    let pending = '';
    let drawn = 0;
    engine.truncate(0);
    engine.setRouting(plan);
    for await (const batch of engine.generate({ ids, maxTokens, sampling, signal })) {
      batches.push(batch);
      texts.push(...other.take(batch.tokens));
      const last = batch.sampled[batch.count - 1];
      pending = last === NOT_SAMPLED ? '' : other.draw(last);
      drawn += batch.sampled.filter((id) => id !== NOT_SAMPLED).length;
      onProgress(drawn, maxTokens);
    }
    signal.throwIfAborted();
    const batch = concatBatches(config, batches);
    const candidateTexts = Array.from(batch.candidateIds, (id, i) =>
      batch.sampled[Math.floor(i / CANDIDATES)] === NOT_SAMPLED ? '' : candidateWord(tokenizer, id),
    );
    return { batch, texts, pending, candidateTexts, promptTokens: ids.length };
  });
}
