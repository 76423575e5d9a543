/**
 * 0.8 GB from a local server at 20 MB/s that is dead for ten seconds in the middle: the model writes while most of it is still
 * to come, and in the end the copy is the whole file. Beside it, from the same server: what it holds with few experts on the GPU,
 * the same file with all of it fetched first, and the dense twin of the same total.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../src/cli/host.ts';
import { openNodeGpu } from '../../src/cli/nodeGpu.ts';
import { arrive } from '../../src/engine/webgpu/arrival.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { weighed } from '../../src/gpu/weighed.ts';
import { coalesced } from '../../src/model/coalesce.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { openModel } from '../../src/model/load.ts';
import { keptSource } from '../../src/worker/kept.ts';
import { fileDisk } from './fileDisk.ts';
import { GRANITE, GRANITE_DENSE, type SlicedFile, shapedFile } from './shapes.ts';

const BYTES_A_MILLISECOND = 20_000;
const PIECE = 2 ** 18;
const DEAD_MILLISECONDS = 10_000;
const MOST_BEFORE_FIRST = 0.35;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server of both files whose line to the house is as slow for all connections together. */
class Line {
  served = 0;
  refused = 0;
  private free = performance.now();
  private dead = Number.NEGATIVE_INFINITY;
  private readonly server = createServer((request, response) => this.answer(request, response));

  constructor(private readonly files: Readonly<Record<string, SlicedFile>>) {}

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  die(): void {
    this.dead = performance.now();
  }

  private get isDead(): boolean {
    return performance.now() - this.dead < DEAD_MILLISECONDS;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { size, slice } = this.files[request.url!];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
    const [from, to] = [Number(first), Math.min(Number(last) + 1, size)];
    if (this.isDead) {
      this.refused++;
      response.socket?.destroy();
      return;
    }
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${size}`, 'content-length': to - from });
    for (let at = from; at < to && !response.destroyed; at += PIECE) {
      const end = Math.min(at + PIECE, to);
      this.free = Math.max(this.free, performance.now()) + (end - at) / BYTES_A_MILLISECOND;
      await pause(this.free - performance.now());
      if (this.isDead) return void response.socket?.destroy();
      response.write(slice(at, end));
      this.served += end - at;
    }
    response.end();
  }
}

const SAMPLING = { temperature: 0, topK: 0, topP: 1, seed: 1 };

export async function demand(host: Host): Promise<number> {
  const [moe, dense] = [shapedFile(GRANITE), shapedFile(GRANITE_DENSE)];
  const { size, slice } = moe;
  const failures: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) failures.push(what);
  };
  const line = new Line({ '/granite.gguf': moe, '/dense.gguf': dense });
  const folder = await mkdtemp(join(tmpdir(), 'moescope-demand-'));
  const found = await openNodeGpu(host);
  if (!found) return 0;
  const origin = await line.open();
  try {
    const url = `${origin}/granite.gguf`;
    const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(1);
    const share = (of = size) => `${((100 * line.served) / of).toFixed(1)} %`;
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
    const written = async (engine: WebGpuEngine, most: number, first = () => {}) => {
      const ids: number[] = [];
      for await (const batch of engine.generate({ ids: [1], maxTokens: most, sampling: SAMPLING })) {
        if (ids.length === 0) first();
        ids.push(...batch.sampled);
      }
      return ids;
    };
    console.log(`demand: on ${found.info.name}, ${found.info.fallback ? 'a software adapter' : 'a GPU'}`);

    const begun = performance.now();
    const storage = fileDisk(folder);
    const kept = (await keptSource(url, { storage }))!;
    const model = await openModel(coalesced(kept));
    const engine = await createWebGpuEngine(model, found, { cache: 'f16', onDemand: true });
    console.log(`demand: opened after ${seconds(begun)} s and ${share()} of ${(size / 1e9).toFixed(2)} GB`);
    const coming = arrive(engine.residency!, { signal: new AbortController().signal });
    const ids = await written(engine, 12, () => {
      console.log(`demand: first token after ${seconds(begun)} s and ${share()} of the bytes`);
      check(line.served <= MOST_BEFORE_FIRST * size, `first token after ${share()} of the bytes`);
    });
    console.log(`demand: ${ids.length} tokens after ${seconds(begun)} s and ${share()}`);
    line.die();
    check(await coming, 'not all came');
    console.log(`demand: all experts there after ${seconds(begun)} s, ${line.refused} questions refused meanwhile`);
    check(line.refused > 0, 'the server was never asked while it was dead');
    await kept.finish();
    kept.close();
    const name = (await readdir(folder)).find((each) => each.endsWith('.gguf'))!;
    const copy = createHash('sha256');
    for await (const part of createReadStream(join(folder, name))) copy.update(part as Uint8Array);
    const whole = createHash('sha256');
    for (let at = 0; at < size; at += 2 ** 24) whole.update(slice(at, Math.min(at + 2 ** 24, size)));
    check((await stat(join(folder, name))).size === size, 'the copy has another length');
    check(copy.digest('hex') === whole.digest('hex'), 'the copy is another file');
    check(line.served < 1.02 * size, `${share()} of the file were sent for the whole of it`);
    engine.truncate(0);
    check((await written(engine, 12)).join() === ids.join(), 'another text once all experts are there');
    check(engine.residency === null, 'experts are looked up although all are there');
    engine.destroy();

    // From the copy, with as few experts as a token takes.
    line.served = 0;
    const fresh = (await openNodeGpu(host))!;
    const few = weighed(fresh.gpu);
    const copied = await openModel(coalesced((await keptSource(url, { storage }))!));
    const small = await createWebGpuEngine(
      copied,
      { ...fresh, gpu: few.gpu },
      {
        cache: 'f16',
        expertsOnGpu: copied.config.expertsPerToken,
      },
    );
    check((await written(small, 12)).join() === ids.join(), 'another text with few experts on the GPU');
    const { hits, misses, tokens, bytesMoved } = small.residency!.counts;
    const heldByFew = few.held();
    console.log(
      `demand: with ${copied.config.expertsPerToken} of a layer's ${copied.config.experts} experts the GPU holds ${megabytes(heldByFew)}; ${hits} of ${hits + misses} were there, ${megabytes(bytesMoved / tokens)} moved a token`,
    );
    check(line.served === 0, 'the server was asked for what is kept');
    small.destroy();

    for (const [words, path, file] of [
      ['the same model, all of it first', '/granite.gguf', moe],
      ['its dense twin of the same total', '/dense.gguf', dense],
    ] as const) {
      line.served = 0;
      const from = performance.now();
      const { gpu, held } = weighed(fresh.gpu);
      const source = (await httpSource(origin + path))!;
      const plain = await createWebGpuEngine(await openModel(source), { ...fresh, gpu }, { cache: 'f16' });
      const before = await written(plain, file === moe ? 12 : 1, () => {
        console.log(
          `demand: ${words}: first token after ${seconds(from)} s and ${share(file.size)} of ${megabytes(file.size)}`,
        );
        check(line.served >= 0.99 * file.size, `${words}: a token before all was there`);
      });
      console.log(`demand: ${words}: the GPU holds ${megabytes(held())}`);
      check(heldByFew < held(), `${words}: holds less than few experts do`);
      if (file === moe) check(before.join() === ids.join(), 'another text where all was fetched first');
      plain.destroy();
    }
  } finally {
    line.close();
    await rm(folder, { recursive: true });
  }
  for (const failure of failures) console.log(`  demand: ${failure}`);
  return failures.length;
}
