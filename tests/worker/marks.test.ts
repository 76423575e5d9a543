/** What a model is given to read is the same, whoever asks: a file that wants marks around a text gets them everywhere. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Summary } from '../../src/cli/job.ts';
import { main } from '../../src/cli/moe.ts';
import { readQuality } from '../../src/compare/quality.ts';
import { Visibility } from '../../src/compare/visibility.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Sampling } from '../../src/engine/types.ts';
import { loadModel } from '../../src/model/load.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { tokensOf, withVocabulary } from '../model/vocabularies.ts';

const TEXT = 'hello world';
const SAMPLING: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
const HELDOUT = { domains: [{ name: 'a', title: 'A', ids: [[1, 2, 3]] }] };
const BOS = tokensOf({}).length;
const bytes = withVocabulary({
  added: [['<s>', 3]],
  metadata: { 'tokenizer.ggml.bos_token_id': { u32: BOS }, 'tokenizer.ggml.add_bos_token': true },
});
const read = [BOS, ...loadModel(bytes).tokenizer.encode(TEXT)];
const folder = mkdtempSync(join(tmpdir(), 'moescope-marks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the mark of a beginning is read', () => {
  it('by the command', async () => {
    const path = join(folder, 'model.gguf');
    writeFileSync(path, bytes);
    let out = '';
    const host = { root: '', browser: null, browserArgs: [], restart: null, err: () => {}, load: {} as never };
    const write = (text: string) => {
      out += text;
    };
    await main(['--model', path, '--device', 'cpu', '--prompt', TEXT, '--tokens', '1', '--json'], {
      ...host,
      out: write,
    });
    expect((JSON.parse(out) as Summary).promptIds).toEqual(read);
  });

  it('by the page, and by a second text', async () => {
    const service = new Service(undefined);
    const { port1, port2 } = new MessageChannel();
    const messages: StreamMessage[] = [];
    port2.onmessage = ({ data }) => {
      messages.push(data);
      port2.postMessage({ type: 'ack', run: data.run });
    };
    service.connect(port1);
    await service.open({ file: new Blob([bytes as Uint8Array<ArrayBuffer>]), device: 'cpu' }, () => {});
    const end = await service.generate({ run: 1, prompt: TEXT, maxTokens: 1, sampling: SAMPLING });
    expect(end.promptTokens).toBe(read.length);
    const first = await vi.waitUntil(() => messages[0], { timeout: 60_000 });
    expect(first.type === 'tokens' && [...first.batch.tokens]).toEqual(read);
    expect(first.type === 'tokens' && first.texts.join('')).toBe(TEXT);
    const request = { interventions: [], prompt: TEXT, maxTokens: 1, sampling: SAMPLING };
    expect([...(await service.rewrite(request, () => {})).batch.tokens]).toEqual(read);
    port1.close();
    port2.close();
  });

  it('by the comparison of models, which then predicts every token of a text', async () => {
    const { points } = await readQuality({
      ...{ ks: [], text: TEXT, heldout: HELDOUT, rounds: 1, onProgress: () => {} },
      ...{ signal: new AbortController().signal, visibility: new Visibility() },
      models: [{ id: 'a', title: 'A', role: 'moe', url: '', bytes: bytes.length, sha256: '', tokensSeen: 1 }],
      open: async () => createCpuEngine(loadModel(bytes)),
    });
    expect(points[0].pasted).toMatchObject({ tokens: read.length - 1, bytes: TEXT.length });
  });
});
