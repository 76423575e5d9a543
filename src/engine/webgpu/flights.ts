/** A flight: a few decode steps in one submit, each step's token drawn on the GPU and read by the next. */
import { encode } from '../../gpu/dispatch.ts';
import type { Dispatch } from '../../gpu/types.ts';
import { DRAW_WORDS } from '../../kernels/sample.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { TraceBatch } from '../types.ts';
import type { Ready } from './lanes.ts';
import { readBatch, windowWords } from './readback.ts';

/** Decode steps under way: how they ran, and the words they will bring. */
export interface Flight extends Ready {
  readonly steps: number;
  /** Which of the flights in the air. */
  readonly place: number;
  /** Of the rings, where its first step stands. */
  readonly first: number;
  readonly words: Promise<Uint32Array<ArrayBuffer>>;
}

/** @param body what is left of the first step, where that is not all of it */
export function launch(
  device: GPUDevice,
  config: ModelConfig,
  { lane, plan, slots, revision }: Ready,
  { place, first, steps, body }: Pick<Flight, 'place' | 'first' | 'steps'> & { body?: readonly Dispatch[] },
): Flight {
  const { a, pass, flightStaging } = lane;
  const staging = flightStaging[place];
  device.queue.writeBuffer(a.pass, 8, new Uint32Array([first]));
  const encoder = device.createCommandEncoder();
  const compute = encoder.beginComputePass();
  for (let step = 0; step < steps; step++) {
    encode(compute, step === 0 && body ? body : pass.few, 1);
    encode(compute, pass.head, 1);
  }
  compute.end();
  staging.copy(encoder, a, config, { first, count: steps });
  device.queue.submit([encoder.finish()]);
  const words = staging.read(windowWords(a, config, steps));
  // A loss of the device is reported when the flight is awaited; until then it must not count as unhandled.
  words.catch(() => {});
  return { lane, plan, slots, revision, place, first, steps, words };
}

/** The words of a flight as a batch. `token` went in first, at `position`. */
export function land(
  words: Uint32Array<ArrayBuffer>,
  config: ModelConfig,
  { steps, lane, slots, revision }: Flight,
  { token, position }: { token: number; position: number },
): TraceBatch {
  const draws = words.length - 1 - steps * DRAW_WORDS;
  const tokens = Uint32Array.from({ length: steps }, (_, t) => (t === 0 ? token : words[draws + (t - 1) * DRAW_WORDS]));
  return readBatch(words, lane.a, config, { slots, revision, position, tokens, drawn: () => true });
}
