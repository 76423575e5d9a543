/** Recordings: as large as a blog post can carry, and read again as what they were. */
import { expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { textOf } from '../../src/engine/packed.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { encodeTrace, type TraceFile } from '../../src/engine/trace.ts';
import type { TraceBatch } from '../../src/engine/types.ts';
import { loadModel } from '../../src/model/load.ts';
import { recordingOf } from '../../src/state/share/recording.ts';
import { pieceOfRecording } from '../../src/state/text/recording.ts';
import { TraceReading } from '../../src/worker/reading.ts';
import { publishedFile } from '../model/published/file.ts';

const CARD = { parameters: { total: 6.92e9, active: 1.3e9 }, by: 'Ai2', licence: 'Apache 2.0', from: 'olmoe.gguf' };

/** OLMoE's routers on narrow layers: as random as none that was trained, so harder to pack. */
async function olmoe(): Promise<TraceFile> {
  const model = loadModel(publishedFile('olmoe', { over: { L: 16, E: 64, K: 8, ffe: 8 } }).bytes);
  const engine = createCpuEngine(model);
  for (let seed = 0; ; seed++) {
    const sampling = { temperature: 1, topK: 0, topP: 1, seed };
    const batches: TraceBatch[] = [];
    engine.truncate(0);
    for await (const batch of engine.generate({ ids: [84, 104, 101], maxTokens: 198, sampling })) batches.push(batch);
    // Another text where this one came to an end of its own.
    if (engine.length === 200) return encodeTrace({ model, device: engine.info, sampling, promptTokens: 3, batches });
  }
}

it('200 tokens of OLMoE’s routers take at most 200 KB, and stay what they were', { timeout: 60_000 }, async () => {
  const trace = await olmoe();
  expect(trace.tokens.length).toBe(200);
  const file = await recordingOf(trace, CARD);
  console.log(`${(file.size / 1000).toFixed(1)} kB packed`);
  expect(file.size).toBeLessThan(200_000);
  const text = await textOf(file, () => {});
  const read = parseTrace(text);
  expect(read.tokens).toEqual(trace.tokens);
  expect(read.expertIds).toEqual(trace.expertIds);
  expect(read.card).toEqual(CARD);
  for (const [t, token] of trace.gateWeights.entries())
    for (const [layer, row] of token.entries())
      for (const [i, weight] of row.entries())
        expect(Math.abs(read.gateWeights[t][layer][i] - weight)).toBeLessThan(6e-5);
  // The page's reader, in the worker, and the element's.
  const reading = new TraceReading();
  const { about } = await reading.read(file, () => {});
  expect(about).toMatchObject({ card: CARD, count: 200, slots: 8 });
  expect(pieceOfRecording(JSON.parse(text))?.expertIds.length).toBe(200 * 16 * 8);
});

it('what unpacks to more than can be read, or is cut off, is refused in a sentence', async () => {
  const reading = new TraceReading();
  const bomb = await new Response(
    new Blob(Array<string>(130).fill(' '.repeat(1e6))).stream().pipeThrough(new CompressionStream('gzip')),
  ).blob();
  await expect(reading.read(bomb, () => {})).rejects.toMatchObject({ code: 'bad-file', message: /up to 128 MB/ });
  await expect(reading.read(bomb.slice(0, 5000), () => {})).rejects.toMatchObject({ message: /could not be read/ });
});

it('a card that says something else than a model is refused', async () => {
  const trace = await olmoe();
  const wrong = JSON.stringify({ ...trace, card: { parameters: { total: 'many', active: 3 } } });
  expect(() => parseTrace(wrong)).toThrow('card.parameters.total must be a number');
  expect(pieceOfRecording({ ...trace, model: { ...trace.model, experts: 1e9 } })).toBe(null);
}, 60_000);
