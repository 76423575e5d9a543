/** Questions about a position that layers with a window keep no longer: the text is read again for them, and stays as it is. */
import { expect, it, vi } from 'vitest';
import { klDivergence } from '../../src/compare/divergence.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting, withRunnerUp } from '../../src/engine/interventions.ts';
import { loadModel } from '../../src/model/load.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { publishedFile } from '../model/published/file.ts';

// No pass here is longer than 64 tokens.
vi.mock('../../src/engine/webgpu/rings.ts', async (original) => ({
  ...(await original<typeof import('../../src/engine/webgpu/rings.ts')>()),
  ringOf: (sight: number, context: number) => Math.min(context, sight - 1 + 64),
}));

const { bytes } = publishedFile('gpt-oss', { over: { ctx: 200, L: 2, window: 6 } });
const model = loadModel(bytes);
const PLANS: readonly (readonly Intervention[])[] = [[], [{ kind: 'off', layer: 1, expert: 3 }]];

it('answers as the engine that keeps all does, and goes on as if nobody had asked', async () => {
  const channel = new MessageChannel();
  const tokens: number[] = [];
  channel.port2.onmessage = ({ data }: { data: StreamMessage }) => {
    if (data.type === 'tokens') tokens.push(...data.batch.tokens);
    channel.port2.postMessage({ type: 'ack', run: data.run });
  };
  const service = new Service(createInstance());
  const { info } = await service.open({ file: new Blob([bytes as Uint8Array<ArrayBuffer>]), device: 'auto' }, () => {});
  expect(info.kind).toBe('webgpu');
  service.connect(channel.port1);

  /** A prompt and 40 tokens, then 60 under another list, then `asked` and 20 more. */
  async function text(asked: () => Promise<void>): Promise<number[]> {
    tokens.length = 0;
    await service.setInterventions([]);
    let run = 1;
    const write = async (prompt: string | null, maxTokens: number) => {
      const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
      await service.generate({ run: run++, prompt, maxTokens, sampling });
      await new Promise((resolve) => setTimeout(resolve, 60));
    };
    await write('hello world', 40);
    switched = tokens.length;
    await service.setInterventions(PLANS[1]);
    await write(null, 60);
    await asked();
    await write(null, 20);
    return [...tokens];
  }
  let switched = 0;
  const before = await text(async () => {});
  const after = await text(async () => {
    for (const at of [3, switched + 2, tokens.length - 1]) {
      const hand = createCpuEngine(model);
      const plans = PLANS.map((list) => planRouting(model.config, list));
      hand.setRouting(plans[0]);
      await hand.read(tokens.slice(0, Math.min(at, switched)));
      hand.setRouting(plans[Number(at >= switched)]);
      if (at > switched) await hand.read(tokens.slice(switched, at));
      const expected = await hand.inspect(tokens[at]);
      const found = await service.inspect(at);
      expect([...found.expertIds]).toEqual([...expected.expertIds]);
      for (const [i, value] of found.logits.entries()) expect(value).toBeCloseTo(expected.logits[i], 3);
      hand.truncate(at);
      const base = (await hand.forward([tokens[at]])).logits;
      hand.truncate(at);
      hand.setRouting(withRunnerUp(plans[Number(at >= switched)], 0));
      const swapped = (await hand.forward([tokens[at]])).logits;
      expect((await service.runnerUp(at, 0)).kl).toBeCloseTo(klDivergence(base, swapped), 4);
    }
  });
  expect(after.length).toBeGreaterThan(120);
  expect(after).toEqual(before);
  channel.port1.close();
  channel.port2.close();
});
