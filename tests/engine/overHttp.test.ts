/** A model with Granite's keys in Q4_K, from a server that breaks off: header, weights, logits, and no byte fetched twice. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import { instance } from '../kernels/device.ts';
import { publishedFile } from '../model/published/file.ts';

const { bytes } = publishedFile('granitemoe', { type: 'Q4_K', wide: true, over: { L: 2, E: 16, K: 4, ctx: 8192 } });
const IDS = [65, 102, 139, 176, 213, 3, 40, 77];

/** How often each byte was sent. */
const sent = new Uint8Array(bytes.length);
let total = 0;
let broken = 0;
const server = createServer((request, response) => {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
  const range = [Number(from), Math.min(Number(last) + 1, bytes.length)] as const;
  // Once 60 % have come, the connection breaks in the middle of an answer.
  const cut = broken === 0 && total > 0.6 * bytes.length && range[1] - range[0] > 1000;
  const end = cut ? range[0] + 700 : range[1];
  response.writeHead(206, {
    etag: '"granite"',
    'content-range': `bytes ${range[0]}-${range[1] - 1}/${bytes.length}`,
    'content-length': range[1] - range[0],
  });
  for (let i = range[0]; i < end; i++) sent[i]++;
  total += end - range[0];
  if (cut) broken = range[0] + 700;
  const part = bytes.subarray(range[0], end);
  if (cut) response.write(part, () => response.socket?.end());
  else response.end(part);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { gpu, info } = await findGpu(instance);
afterAll(() => {
  server.closeAllConnections();
  server.close();
  gpu.device.destroy();
});

it('is the model that the file in memory is', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/granite.gguf`;
  const model = await openModel((await httpSource(url, { pause: 1 }))!, 0);
  expect(model.config).toMatchObject({ contextLength: 4096, logitScale: 6 });
  const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 4 } }) };
  const engine = await createWebGpuEngine(model, found, { cache: 'f32' });
  expect(broken).toBeGreaterThan(0);
  // The header and the first question are read again as what they are: a few kilobytes at the front.
  const header = 2 ** 16;
  expect(sent.subarray(header).every((times) => times === 1)).toBe(true);
  const expected = await createCpuEngine(loadModel(bytes)).forward(IDS);
  const { logits, trace } = await engine.forward(IDS);
  expect(trace.expertIds).toEqual(expected.trace.expertIds);
  let [error, size] = [0, 0];
  logits.forEach((value, i) => {
    error += (value - expected.logits[i]) ** 2;
    size += expected.logits[i] ** 2;
  });
  expect(Math.sqrt(error / size)).toBeLessThan(1e-5);
});
