/** A random model of Granite 3.1 1B-A400M's true shape in Q4_K and Q6_K, 0.8 GB, from a local server that breaks off; it writes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '../../src/cli/host.ts';
import { openNodeGpu } from '../../src/cli/nodeGpu.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { openModel } from '../../src/model/load.ts';
import { BLOCKS, TENSOR_TYPES } from '../../src/model/tensorTypes.ts';
import type { TensorType } from '../../src/model/types.ts';
import { randomModelParts, randomSource } from '../model/randomModel.ts';
import { writeHeader } from '../model/writeGguf.ts';

const [D, LAYERS, HEADS, KV, H, E, K, V] = [1024, 24, 16, 8, 512, 32, 8, 49155];
const idOf = (type: TensorType) => [...TENSOR_TYPES].find(([, name]) => name === type)![0];

interface Sized {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

function tensors(): Sized[] {
  const of = (name: string, type: TensorType, ...shape: number[]): Sized => ({ name, shape, type });
  const layer = (i: number): Sized[] => {
    const at = `blk.${i}.`;
    // As a Q4_K_M file mixes them.
    const more = i < LAYERS / 8 || i >= (7 * LAYERS) / 8 || (i - LAYERS / 8) % 3 === 2 ? 'q6_k' : 'q4_k';
    return [
      of(`${at}attn_norm.weight`, 'f32', D),
      of(`${at}attn_q.weight`, 'q4_k', D, D),
      of(`${at}attn_k.weight`, 'q4_k', D, KV * 64),
      of(`${at}attn_v.weight`, more, D, KV * 64),
      of(`${at}attn_output.weight`, 'q4_k', D, D),
      of(`${at}ffn_norm.weight`, 'f32', D),
      of(`${at}ffn_gate_inp.weight`, 'f32', D, E),
      of(`${at}ffn_gate_exps.weight`, 'q4_k', D, H, E),
      of(`${at}ffn_up_exps.weight`, 'q4_k', D, H, E),
      of(`${at}ffn_down_exps.weight`, more, H, D, E),
    ];
  };
  const layers = Array.from({ length: LAYERS }, (_, i) => layer(i)).flat();
  return [of('token_embd.weight', 'q6_k', D, V), of('output_norm.weight', 'f32', D), ...layers];
}

const bytesOf = ({ type, shape }: Sized) => (shape.reduce((a, b) => a * b) / BLOCKS[type].values) * BLOCKS[type].bytes;

/** 64 KiB of random blocks with sane factors, which a tensor repeats. */
function pattern(type: TensorType, seed: number): Uint8Array {
  const next = randomSource(seed);
  const { bytes, halves } = BLOCKS[type];
  const data = new Uint8Array(bytes * Math.max(1, Math.floor(65536 / bytes)));
  if (type === 'f32') {
    const floats = new Float32Array(data.buffer);
    for (let i = 0; i < floats.length; i++) floats[i] = next() - 0.2;
    return data;
  }
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(256 * next());
  // Small scales: 2⁻¹⁴ and a little.
  for (let at = 0; at < data.length; at += bytes)
    for (const half of halves) data.set([Math.floor(256 * next()), 0x04], at + half);
  return data;
}

export async function real(host: Host): Promise<number> {
  const list = tensors();
  const { metadata } = randomModelParts('granitemoe', { layers: 1, vocabulary: V });
  const u32 = (value: number) => ({ u32: value });
  const header = writeHeader(
    {
      ...metadata,
      'granitemoe.context_length': u32(131072),
      'granitemoe.embedding_length': u32(D),
      'granitemoe.block_count': u32(LAYERS),
      'granitemoe.feed_forward_length': u32(H),
      'granitemoe.attention.head_count': u32(HEADS),
      'granitemoe.attention.head_count_kv': u32(KV),
      'granitemoe.attention.key_length': u32(64),
      'granitemoe.attention.value_length': u32(64),
      'granitemoe.rope.dimension_count': u32(64),
      'granitemoe.expert_count': u32(E),
      'granitemoe.expert_used_count': u32(K),
      'granitemoe.attention.scale': { f32: 0.015625 },
      'granitemoe.residual_scale': { f32: 0.22 },
    },
    list.map((tensor) => ({ ...tensor, typeId: idOf(tensor.type), data: { length: bytesOf(tensor) } })),
  );
  const starts: { at: number; bytes: number; data: Uint8Array }[] = [{ at: 0, bytes: header.length, data: header }];
  let size = header.length;
  list.forEach((tensor, i) => {
    starts.push({ at: size, bytes: bytesOf(tensor), data: pattern(tensor.type, i) });
    size += Math.ceil(bytesOf(tensor) / 32) * 32;
  });
  /** Bytes [from, to) of the file, which is nowhere. */
  const slice = (from: number, to: number): Uint8Array => {
    const out = new Uint8Array(to - from);
    for (const { at, bytes, data } of starts) {
      for (let i = Math.max(from, at); i < Math.min(to, at + bytes); ) {
        const within = (i - at) % data.length;
        const count = Math.min(data.length - within, Math.min(to, at + bytes) - i);
        out.set(data.subarray(within, within + count), i - from);
        i += count;
      }
    }
    return out;
  };

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
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/granite.gguf`;
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
