/** The shipped model here and in wllama, on the same text, in turns. */
import { type Summary, summarise } from '../../compare/timing.ts';
import { searchTuning } from '../../compare/tune.ts';
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import type { Tuning } from '../../gpu/types.ts';
import { type NamedModel, openModel, runOnce } from '../bench/models.ts';
import type { PeerModelRow } from './report.ts';
import { openWllama } from './wllama.ts';

/** About 128 tokens of the shipped model's vocabulary; a new first letter each time, so that nobody has it in a cache. */
const PROMPT =
  'nce upon a time there was a small house at the edge of the wood, and in it lived an old clockmaker who had never ' +
  'seen the sea. Every evening he wound the clocks, one after the other, and listened to them until he fell asleep. ' +
  'One night the largest of them stopped. He got up, lit the lamp, and opened the door of the case, and there, between ' +
  'the weights, sat a bird no larger than a thimble, which looked at him and said: ';
const TOKENS = 64;

type Speeds = { readonly prefill: number; readonly decode: number };

interface Runner {
  readonly peer: string;
  readonly ranOn: string;
  readonly note: string;
  run(prompt: string): Promise<Speeds>;
  destroy(): unknown;
}

/** The kernels that a search finds for this model. */
export async function searchFor(bytes: Uint8Array, found: FoundGpu): Promise<Partial<Tuning>> {
  const { engine } = await openModel('moe', bytes, found);
  return (await searchTuning(engine)).tuning;
}

export async function compareModels(
  bytes: Uint8Array<ArrayBuffer>,
  found: FoundGpu,
  rounds: number,
  wanted: (peer: string) => boolean,
): Promise<PeerModelRow[]> {
  const ours = await openModel('moe', bytes, found);
  const { eos } = Object.getPrototypeOf(ours.engine.model.tokenizer);
  const file = new Blob([bytes]);
  const makers: readonly (readonly [string, () => Promise<Runner>])[] = [
    ['ours', async () => ourRunner(ours)],
    ['wllama, WebGPU wanted', () => wllamaRunner('wllama, WebGPU wanted', file, eos, true)],
    ['wllama, CPU', () => wllamaRunner('wllama, CPU', file, eos, false)],
  ];
  const rows: PeerModelRow[] = [];
  const runners: { row: number; runner: Runner }[] = [];
  for (const [peer, make] of makers.filter(([peer]) => wanted(peer))) {
    try {
      const runner = await make();
      await runner.run(`O${PROMPT}`);
      rows.push({ peer, ranOn: runner.ranOn, prefill: null, decode: null, note: runner.note });
      runners.push({ row: rows.length - 1, runner });
    } catch (cause) {
      rows.push({ peer, ranOn: '', prefill: null, decode: null, note: `failed: ${String(cause).slice(0, 300)}` });
    }
  }
  const speeds = runners.map(() => [] as Speeds[]);
  for (let i = 0; i < rounds * runners.length; i++) {
    const place = (i + Math.floor(i / runners.length)) % runners.length;
    speeds[place].push(await runners[place].runner.run(`${'ABCDEFGHIJKLMNOP'[i % 16]}${PROMPT}`));
  }
  for (const [i, { row, runner }] of runners.entries()) {
    const of = (pick: (speed: Speeds) => number): Summary => summarise(speeds[i].map(pick));
    rows[row] = { ...rows[row], prefill: of(({ prefill }) => prefill), decode: of(({ decode }) => decode) };
    await runner.destroy();
  }
  return rows;
}

function ourRunner(model: NamedModel): Runner {
  const { tokenizer } = model.engine.model;
  const { info } = model.engine;
  return {
    ...{ peer: 'ours', ranOn: info.kind, note: info.name },
    run: (prompt) => runOnce(model, tokenizer.prompt(prompt), TOKENS),
    destroy() {},
  };
}

async function wllamaRunner(peer: string, file: Blob, eos: number | null, gpu: boolean): Promise<Runner> {
  const wllama = await openWllama(file, eos, gpu);
  const note = gpu && wllama.ranOn === 'cpu' ? 'WebGPU did not start: the weights stayed on the CPU' : 'one thread';
  return { ...wllama, peer, note, run: (prompt) => wllama.run(prompt, TOKENS) };
}
