/** Plain WGSL, as a good first attempt would be written: what every engine has to beat. f32, shapes written into the code. */
import { mapForReading } from '../../gpu/waits.ts';
import type { Contender, LayerData, MatmulData, MatmulShape } from './contender.ts';

const naive = ({ K, N }: MatmulShape) => `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ${N}u) { return; }
  var sum = 0.0;
  for (var k = 0u; k < ${K}u; k++) { sum += a[id.y * ${K}u + k] * b[k * ${N}u + id.x]; }
  y[id.y * ${N}u + id.x] = sum;
}`;

/** Four rows of a by one row of bᵀ, 16 bytes at a time, no barrier. M a multiple of 4 or 1. */
const vec4 = ({ M, K, N }: MatmulShape) => {
  const rows = Array.from({ length: Math.min(M, 4) }, (_, row) => row);
  return `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ${N}u) { return; }
  let row = id.y * ${rows.length}u;
  ${rows.map((i) => `var s${i} = vec4f();`).join(' ')}
  for (var k = 0u; k < ${K / 4}u; k++) {
    let v = b[id.x * ${K / 4}u + k];
    ${rows.map((i) => `s${i} += a[(row + ${i}u) * ${K / 4}u + k] * v;`).join(' ')}
  }
  ${rows.map((i) => `y[(row + ${i}u) * ${N}u + id.x] = dot(s${i}, vec4f(1));`).join(' ')}
}`;
};

/** The textbook's tiles: 16×16 invocations, 4×4 outputs each, both operands staged. Sizes are multiples of 64. */
const tiled = ({ K, N }: MatmulShape) => `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
var<workgroup> sa: array<f32, 1024>;
var<workgroup> sb: array<vec4f, 256>;
@compute @workgroup_size(16, 16) fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u, @builtin(local_invocation_index) i: u32) {
  var sum: array<vec4f, 4>;
  for (var k = 0u; k < ${K}u; k += 16u) {
    for (var j = 0u; j < 4u; j++) {
      let row = j * 16u + i / 16u;
      sa[row * 16u + i % 16u] = a[(w.y * 64u + row) * ${K}u + k + i % 16u];
    }
    sb[i] = b[(k + i / 16u) * ${N / 4}u + w.x * 16u + i % 16u];
    workgroupBarrier();
    for (var step = 0u; step < 16u; step++) {
      let v = sb[step * 16u + l.x];
      for (var row = 0u; row < 4u; row++) { sum[row] += sa[(l.y * 4u + row) * 16u + step] * v; }
    }
    workgroupBarrier();
  }
  for (var row = 0u; row < 4u; row++) { y[(w.y * 64u + l.y * 4u + row) * ${N / 4}u + w.x * 16u + l.x] = sum[row]; }
}`;

const FLOORS = { naive, vec4, tiled };
export type Floor = keyof typeof FLOORS;

export async function floorMatmul({ shape, a, b, bT }: MatmulData, floor: Floor): Promise<Contender> {
  const { M, N } = shape;
  const site = await openSite(4 * M * N);
  const input = site.buffer(a.byteLength);
  const code = FLOORS[floor](shape);
  const columns = floor === 'tiled' ? N / 64 : Math.ceil(N / 64);
  const rows = { naive: M, vec4: M / Math.min(M, 4), tiled: M / 64 }[floor];
  const kernel = await site.kernel(code, [input, site.upload(floor === 'vec4' ? bT : b), site.output], [columns, rows]);
  return site.contender(input, a, [kernel]);
}

/** Router, gate+up and down as three kernels, one invocation to an output. */
export async function floorLayer({ shape: { D, E, K, H, T }, x, router, f32 }: LayerData): Promise<Contender> {
  const site = await openSite(4 * T * D);
  const input = site.buffer(x.byteLength);
  const [ids, weights, activated] = [4 * T * K, 4 * T * K, 4 * T * K * H].map(site.buffer);
  const [r, gate, up, down] = [router, f32.gate, f32.up, f32.down].map(site.upload);
  const bind = (...bindings: string[]) =>
    bindings
      .map(
        (each, i) =>
          `@group(0) @binding(${i}) var<storage, ${each.endsWith('!') ? 'read_write' : 'read'}> ${each.replace('!', '')};`,
      )
      .join('\n');
  const kernels = [
    await site.kernel(
      `${bind('x: array<f32>', 'router: array<f32>', 'ids: array<u32>!', 'weights: array<f32>!')}
      @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
        var logits: array<f32, ${E}>;
        for (var e = 0u; e < ${E}u; e++) { var sum = 0.0; for (var i = 0u; i < ${D}u; i++) { sum += x[id.x * ${D}u + i] * router[e * ${D}u + i]; } logits[e] = sum; }
        var best: array<f32, ${K}>; var total = 0.0;
        for (var k = 0u; k < ${K}u; k++) {
          var top = 0u; for (var e = 1u; e < ${E}u; e++) { if (logits[e] > logits[top]) { top = e; } }
          ids[id.x * ${K}u + k] = top; best[k] = logits[top]; logits[top] = -3e38; total += exp(best[k] - best[0]);
        }
        for (var k = 0u; k < ${K}u; k++) { weights[id.x * ${K}u + k] = exp(best[k] - best[0]) / total; }
      }`,
      [input, r, ids, weights],
      [T],
    ),
    await site.kernel(
      `${bind('x: array<f32>', 'ids: array<u32>', 'gate: array<f32>', 'up: array<f32>', 'activated: array<f32>!')}
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        if (id.x >= ${H}u) { return; }
        let row = (ids[id.y] * ${H}u + id.x) * ${D}u; let token = id.y / ${K}u * ${D}u; var g = 0.0; var u = 0.0;
        for (var i = 0u; i < ${D}u; i++) { let v = x[token + i]; g += gate[row + i] * v; u += up[row + i] * v; }
        activated[id.y * ${H}u + id.x] = g / (1.0 + exp(-g)) * u;
      }`,
      [input, ids, gate, up, activated],
      [Math.ceil(H / 64), T * K],
    ),
    await site.kernel(
      `${bind('activated: array<f32>', 'ids: array<u32>', 'weights: array<f32>', 'down: array<f32>', 'y: array<f32>!')}
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        var sum = 0.0;
        for (var k = 0u; k < ${K}u; k++) {
          let slot = id.y * ${K}u + k; let row = (ids[slot] * ${D}u + id.x) * ${H}u; var part = 0.0;
          for (var j = 0u; j < ${H}u; j++) { part += down[row + j] * activated[slot * ${H}u + j]; }
          sum += weights[slot] * part;
        }
        y[id.y * ${D}u + id.x] = sum;
      }`,
      [activated, ids, weights, down, site.output],
      [D / 64, T],
    ),
  ];
  return site.contender(input, x, kernels);
}

type Kernel = (pass: GPUComputePassEncoder) => void;

/** A device of its own, and the little that these kernels need of it. */
async function openSite(outputBytes: number) {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('no WebGPU adapter');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  const buffer = (size: number) => device.createBuffer({ size, usage: 0x80 | 0x08 | 0x04 }); // STORAGE | COPY_DST | COPY_SRC
  const output = buffer(outputBytes);
  const staging = device.createBuffer({ size: outputBytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    buffer,
    output,
    upload(data: Float32Array) {
      const made = buffer(data.byteLength);
      device.queue.writeBuffer(made, 0, data as Float32Array<ArrayBuffer>);
      return made;
    },
    async kernel(code: string, buffers: readonly GPUBuffer[], [x, y = 1]: readonly number[]): Promise<Kernel> {
      const module = device.createShaderModule({ code });
      const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
      const entries = buffers.map((each, binding) => ({ binding, resource: { buffer: each } }));
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return (pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(x, y);
      };
    },
    /** Upload, kernels, read back. */
    contender: (input: GPUBuffer, values: Float32Array<ArrayBuffer>, kernels: readonly Kernel[]): Contender => ({
      async run() {
        device.queue.writeBuffer(input, 0, values);
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (const kernel of kernels) kernel(pass);
        pass.end();
        encoder.copyBufferToBuffer(output, 0, staging, 0, outputBytes);
        device.queue.submit([encoder.finish()]);
        await mapForReading(device, staging);
        const y = new Float32Array(staging.getMappedRange().slice(0));
        staging.unmap();
        return y;
      },
      destroy: () => device.destroy(),
    }),
  };
}
