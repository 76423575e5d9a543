/** `train --task text`. */
import { UserError } from '../../model/errors.ts';
import { countTextParameters, textStepFlops } from '../../reference/text/shape.ts';
import { deadOf, shares } from '../../train/measures.ts';
import type { NamedText } from '../../train/saved.ts';
import { type Corpus, corpusOf, decode } from '../../train/text/corpus.ts';
import { createTextCpuTrainer } from '../../train/text/cpu.ts';
import { TEXT_SETTINGS, type TextOptions, type TextTrainer } from '../../train/text/types.ts';
import { createTextGpuTrainer } from '../../train/text/webgpu.ts';
import { twinOf } from '../../train/types.ts';
import { decayOf, deviceOf, type Place, trainAll } from './open.ts';
import type { TextJob } from './options.ts';

interface Reading {
  readonly step: number;
  readonly flops: number;
  /** Of the last step, and of held-out text read by the average of the weights; in nats a character. */
  readonly loss: number;
  readonly heldOut: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Of each layer with a router: the largest share of the assignments, and experts with less than 1 %. */
  readonly largest: readonly number[];
  readonly dead: readonly number[];
}

/** Of what is held out, characters that a sample begins with. */
const BEGINNING = 12;

function corpusFrom(texts: readonly NamedText[], context: number): Corpus {
  try {
    return corpusOf(texts, context);
  } catch (error) {
    if (error instanceof RangeError) throw new UserError('bad-input', error.message);
    throw error;
  }
}

async function samplesOf(trainer: TextTrainer, { write, temperature, seed }: TextJob) {
  const { corpus } = trainer.options;
  if (write === 0) return [];
  const beginnings = corpus.kinds.map(({ heldOut }) => [...heldOut.subarray(0, BEGINNING)]);
  const written = await trainer.write(beginnings, write, { temperature, seed });
  return written.map((ids, kind) => ({ kind: corpus.kinds[kind].name, text: decode(corpus, ids) }));
}

/** Trains to the end: what --json prints. @throws UserError bad-input where a text is too short */
export async function trainText(job: TextJob, texts: readonly NamedText[], place: Place) {
  const corpus = corpusFrom(texts, job.shape.context);
  const shape = { ...twinOf(job.shape, job.model), characters: corpus.characters.length };
  const options: TextOptions = { shape, corpus, texts: job.texts, seed: job.seed };
  const { found, tell } = place;
  const trainer = found ? await createTextGpuTrainer(found.gpu, options) : createTextCpuTrainer(options);
  trainer.settings = { ...TEXT_SETTINGS, rate: job.rate, balance: job.balance, decay: decayOf(job) };
  const flops = textStepFlops(shape, job.texts * shape.context);
  const readings: Reading[] = [];
  const milliseconds = await trainAll(trainer, job, async (loss) => {
    const { loss: heldOut, byKind, choices } = await trainer.read();
    const taken = choices.map((chosen) => shares(chosen, shape.experts));
    const dead = taken.map(deadOf);
    readings.push({
      ...{ step: trainer.steps, flops: flops * trainer.steps, loss, heldOut, dead },
      byKind: Object.fromEntries(byKind.map((nats, kind) => [corpus.kinds[kind].name, nats])),
      largest: taken.map((share) => Math.max(...share)),
    });
    tell(
      `step ${trainer.steps} · loss ${loss.toFixed(4)} · held-out ${heldOut.toFixed(4)}${dead.length ? ` · dead ${dead.join(', ')}` : ''}\n`,
    );
  });
  const samples = await samplesOf(trainer, job);
  trainer.destroy();
  for (const { kind, text } of samples) tell(`\n${kind}: ${text}\n`);
  const { model, seed, balance, steps, rate } = job;
  const summary = {
    ...{ task: 'text', model, device: deviceOf(place), seed, balance, texts: job.texts, steps, rate, shape },
    kinds: corpus.kinds.map(({ name, train, heldOut }) => ({ name, train: train.length, heldOut: heldOut.length })),
    parameters: countTextParameters(shape),
    flopsPerStep: flops,
    milliseconds,
    readings,
    samples,
  };
  return { summary };
}
