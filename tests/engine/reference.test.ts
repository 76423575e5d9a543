/** The CPU engine against a forward pass of the kernels' float64 twins: same logits, same routes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { loadModel } from '../../src/model/load.ts';
import type { Architecture, Model } from '../../src/model/types.ts';
import { randomModel } from '../model/randomModel.ts';
import { referenceForward } from './reference.ts';

const IDS = Array.from({ length: 21 }, (_, i) => (i * 37 + 11) % 250);
const SHIPPED = join(import.meta.dirname, '../../public/models/moe.gguf');

async function compare(model: Model, ids: readonly number[]): Promise<void> {
  const { logits, trace } = await createCpuEngine(model).forward(ids);
  const exact = referenceForward(model, ids);
  expect(trace.expertIds).toEqual(exact.expertIds);
  // Both compute in float64; the engine hands its logits over as float32.
  const worst = exact.logits.reduce((most, x, i) => Math.max(most, Math.abs(x - logits[i])), 0);
  expect(worst).toBeLessThan(1e-6 * exact.logits.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
}

describe('the CPU engine and the twins', () => {
  it.each<Architecture>(['qwen3moe', 'qwen3', 'olmoe', 'granitemoe'])('agree on %s', async (architecture) => {
    await compare(loadModel(randomModel(architecture, { type: 'q8_0', expertType: 'q4_0' })), IDS);
    await compare(
      loadModel(
        randomModel(architecture, {
          experts: 5,
          expertsPerToken: 5,
          heads: 6,
          kvHeads: 3,
          headDim: 24,
          width: architecture === 'olmoe' ? 144 : 48,
        }),
      ),
      IDS,
    );
  });

  it.skipIf(!existsSync(SHIPPED))('agree on the shipped model', async () => {
    const model = loadModel(new Uint8Array(readFileSync(SHIPPED)));
    await compare(model, model.tokenizer.encode('Es war einmal ein alter Müller, der'));
  });
});
