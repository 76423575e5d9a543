/** A random model of a published model's true shape, from a local server that breaks off; it writes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '../../src/cli/host.ts';
import { openNodeGpu } from '../../src/cli/nodeGpu.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { openModel } from '../../src/model/load.ts';
import type { SlicedFile } from './shapes.ts';

export async function real(host: Host, { size, slice }: SlicedFile): Promise<number> {
  const failures: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) failures.push(what);
  };
  const ranges: [number, number][] = [];
  let cut = false;
  let served = 0;
  const server = createServer((request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
    const [from, to] = [Number(first), Math.min(Number(last) + 1, size)];
    const breaks = !cut && served > 0.6 * size;
    cut ||= breaks;
    const end = breaks ? Math.floor((from + to) / 2) : to;
    ranges.push([from, end]);
    served += end - from;
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${size}`, 'content-length': to - from });
    if (breaks) response.write(slice(from, end), () => response.socket?.end());
    else response.end(slice(from, end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const found = await openNodeGpu(host);
    if (!found) return 0;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
    let most = 0;
    const watch = setInterval(() => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers);
    }, 50);
    const begun = performance.now();
    const model = await openModel((await httpSource(url))!);
    const engine = await createWebGpuEngine(model, found, { cache: 'f16' });
    const loaded = performance.now();
    clearInterval(watch);
    const sorted = ranges.filter(([from]) => from >= 2 ** 21).sort((a, b) => a[0] - b[0]);
    check(cut, 'the connection did not break');
    check(
      sorted.every(([from], i) => i === 0 || from >= sorted[i - 1][1]),
      'bytes were fetched twice',
    );
    check(most < 300e6, `${(most / 1e6).toFixed(0)} MB of JavaScript memory`);
    const ids: number[] = [];
    let firstToken = 0;
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
    for await (const batch of engine.generate({ ids: [1, 2, 3, 4, 5, 6, 7, 8], maxTokens: 6, sampling })) {
      firstToken ||= performance.now();
      ids.push(...batch.sampled);
      check(
        batch.probabilities.every((p) => p >= 0 && p <= 1),
        'probabilities outside 0 … 1',
      );
    }
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    console.log(
      `real: ${(size / 1e9).toFixed(2)} GB opened in ${seconds(loaded - begun)} s, at most ${(most / 1e6).toFixed(0)} MB of JavaScript memory; prefill of 8 ${seconds(firstToken - loaded)} s, ${ids.length} positions in ${seconds(performance.now() - loaded)} s on ${found.info.name}`,
    );
    engine.destroy();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  for (const failure of failures) console.log(`  real: ${failure}`);
  return failures.length;
}
