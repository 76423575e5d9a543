/** The benchmark on one device, in Node and in a browser alike: no files and no process. */
import { compareBlock } from '../../compare/block.ts';
import { measureFlips } from '../../compare/flips.ts';
import type { Heldout } from '../../compare/heldout.ts';
import { limitSizes, measureLimits, shareOfRoofline } from '../../compare/limits.ts';
import { planOwnPass } from '../../compare/ownPass.ts';
import { createStopwatch } from '../../compare/sampler.ts';
import { scale, summarise } from '../../compare/timing.ts';
import { searchTuning, type TuningSearch } from '../../compare/tune.ts';
import type { Flips } from '../../compare/types.ts';
import { createActivations } from '../../engine/webgpu/activations.ts';
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import type { Gpu } from '../../gpu/types.ts';
import { submittedWorkDone } from '../../gpu/waits.ts';
import { UserError } from '../../model/errors.ts';
import { measureBudget } from './budget.ts';
import { denseItem, groupedItem, type LayerShape, LOADS, layerItem } from './experts.ts';
import { attentionItem, linearItem } from './kernels.ts';
import { type Bench, type Item, measureGroup } from './measure.ts';
import { kernelItems, measureModels, type NamedModel, openModel } from './models.ts';
import { ratiosOf } from './ratios.ts';
import type { Budget, Group, Memory, Report } from './report.ts';

/** Plain data: it crosses into the browser as JSON. */
export interface BenchJob {
  readonly quick: boolean;
  /** Of rows, as group/name; an empty one is all. */
  readonly only: string;
  /** null: search on a GPU, not on a software adapter. */
  readonly search: boolean | null;
  /** The large layer also where it would take minutes. */
  readonly large: boolean;
  /** Names of the models, the MoE first; their bytes are fetched one by one. */
  readonly models: readonly string[];
}

export interface BenchSite {
  readonly found: FoundGpu;
  readonly host: Report['host'];
  /** Of the folder of the shipped models. */
  fetchFile(file: string): Promise<Uint8Array>;
  log(text: string): void;
}

/** Layers that other engines are timed with: see docs/benchmark.md. */
const LAYERS: readonly (readonly [string, LayerShape])[] = [
  ['s-t1', { D: 256, E: 8, K: 2, H: 512, T: 1 }],
  ['m-t1', { D: 512, E: 16, K: 2, H: 1024, T: 1 }],
  ['l-t1', { D: 1024, E: 8, K: 2, H: 2048, T: 1 }],
  ['x-t1', { D: 256, E: 64, K: 8, H: 256, T: 1 }],
  ['s-t128', { D: 256, E: 8, K: 2, H: 512, T: 128 }],
  ['m-t128', { D: 512, E: 16, K: 2, H: 1024, T: 128 }],
  ['x-t128', { D: 256, E: 64, K: 8, H: 256, T: 128 }],
];
/** Three of four experts of 4096 × 14336: 297 MB of int4 weights are read for one token. */
const LARGE: LayerShape = { D: 4096, E: 4, K: 3, H: 14336, T: 1 };
const GROUPED: LayerShape = { D: 512, E: 16, K: 2, H: 1024, T: 128 };
const QUICK_GROUPED: LayerShape = { D: 64, E: 8, K: 2, H: 64, T: 64 };

/** @throws UserError */
export async function runBench(job: BenchJob, site: BenchSite): Promise<Report> {
  const { found, log } = site;
  const { device } = found.gpu;
  const software = found.info.fallback;
  const only = new RegExp(job.only);
  const options = { rounds: job.quick ? 3 : 9 };
  const skipped: Report['skipped'][number][] = [];
  const skip = (what: string, why: string) => skipped.push({ what, why });

  const open = async (name: string, gpu: Gpu) => {
    log(`opening ${name} …`);
    return openModel(name, await site.fetchFile(`${name}.gguf`), { ...found, gpu });
  };
  const [first, ...others] = job.quick ? job.models.slice(0, 1) : job.models;
  let moe = await open(first, found.gpu);
  const search = (job.search ?? !software) ? await searchOn(moe, log) : null;
  if (!search)
    skip('search', job.search === false ? 'not wanted' : 'a software adapter is searched with --search only');
  const gpu: Gpu = { ...found.gpu, tuning: { ...found.gpu.tuning, ...search?.tuning } };
  if (search) moe = await open(first, gpu);
  const models = [moe];
  if (only.test('models')) for (const name of others) models.push(await open(name, gpu));

  const watch = createStopwatch(device);
  try {
    log('limits of the machine …');
    const sizes = job.quick ? { bytes: 2 ** 22, workgroups: 4 } : limitSizes(device, software);
    const limits = await measureLimits(gpu, watch, sizes, options);
    const bench: Bench = { gpu, watch, limits, options, only, log };
    const groups: Group[] = [];
    for (const [id, title, items] of groupsOf(gpu, job.quick)) {
      const group = await measureGroup(bench, id, title, items);
      if (group) groups.push(group);
    }
    if (!software || job.large) groups.push(...present([await largeLayer(bench, skip)]));
    else skip('large/layer', 'a software adapter would need minutes; --large measures it all the same');
    groups.push(...(await modelGroups(bench, models, job.quick)));
    const flips = only.test('flips') ? await measureRounding(moe, site, job.quick) : null;
    const budget = only.test('budget') ? await measureAll(first, { ...found, gpu }, site, job.quick) : null;
    const rows = only.test('models') ? await measureModels(models, modelSizes(job.quick, software), log) : [];
    return {
      moescope: 1,
      date: new Date().toISOString(),
      quick: job.quick,
      host: site.host,
      adapter: {
        name: found.info.name,
        software,
        info: infoOf(device),
        features: found.info.features,
        maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize,
      },
      clock: watch.clock,
      tuning: gpu.tuning,
      search,
      limits,
      submit: await emptySubmits(device),
      groups,
      models: rows,
      flips,
      budget,
      ratios: ratiosOf(groups, rows, software, budget),
      memory: memoryOf(gpu, moe),
      skipped,
    };
  } finally {
    watch.destroy();
  }
}

const present = <T>(values: readonly (T | null)[]): T[] => values.filter((value) => value !== null);

function searchOn({ engine }: NamedModel, log: (text: string) => void): Promise<TuningSearch> {
  log('searching for the quickest kernels …');
  return searchTuning(engine);
}

const modelSizes = (quick: boolean, software: boolean) =>
  quick ? { prompt: 40, tokens: 6, rounds: 2 } : { prompt: 128, tokens: software ? 48 : 192, rounds: software ? 5 : 9 };

function groupsOf(gpu: Gpu, quick: boolean): [string, string, Item[]][] {
  const grouped = quick ? QUICK_GROUPED : GROUPED;
  const types = quick ? (['q4_0'] as const) : (['f32', 'q4_0'] as const);
  const [size, tokens] = quick ? [64, 16] : [1024, 128];
  return [
    [
      'kernels',
      'Kernels',
      [
        ...types.flatMap((type) => [1, tokens].map((count) => linearItem(gpu, type, count, size, size))),
        attentionItem(gpu, 1, quick ? 32 : 1024),
        attentionItem(gpu, quick ? 16 : 128, quick ? 32 : 512),
      ],
    ],
    ...types.map((type): [string, string, Item[]] => [
      `grouped-${type}`,
      `Grouped GEMM, ${type}: what loads cost, beside a dense GEMM of the same FLOPs`,
      [denseItem(gpu, type, grouped), ...Object.keys(LOADS).map((load) => groupedItem(gpu, type, grouped, load))],
    ]),
    [
      'layers',
      'MoE layers, int4',
      (quick ? LAYERS.slice(0, 1) : LAYERS).map(([name, shape]) => layerItem(gpu, 'q4_0', name, shape)),
    ],
  ];
}

async function largeLayer(bench: Bench, skip: (what: string, why: string) => void): Promise<Group | null> {
  const needed = 2 * LARGE.E * LARGE.D * LARGE.H * (18 / 32);
  const most = bench.gpu.device.limits.maxStorageBufferBindingSize;
  if (needed > most) {
    skip('large/layer', `its matrices take ${needed >> 20} MiB, and a shader sees ${most >> 20} MiB at most`);
    return null;
  }
  try {
    const items = [layerItem(bench.gpu, 'q4_0', 'layer', LARGE)];
    return await measureGroup(bench, 'large', 'A large MoE layer, int4: decode from memory', items);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'out-of-memory') throw error;
    skip('large/layer', error.message);
    return null;
  }
}

/** The model's own passes kernel by kernel, and its block beside the dense twins. */
async function modelGroups(bench: Bench, models: readonly NamedModel[], quick: boolean): Promise<Group[]> {
  const [moe] = models;
  const groups: (Group | null)[] = [];
  const passes = [[1, 128], ...(quick ? [] : [[128, 0]])];
  for (const [tokens, position] of passes) {
    const id = tokens === 1 ? 'decode' : 'prefill';
    const title = `${moe.id}: one ${id} pass kernel by kernel, T = ${tokens} at position ${position}`;
    const own = await planOwnPass(moe.engine, bench.gpu, tokens, position);
    groups.push(await measureGroup(bench, id, title, await kernelItems(moe, own, tokens, position)));
    own.destroy();
  }
  for (const tokens of quick ? [1] : [1, 128]) {
    if (!bench.only.test(`block-t${tokens}`)) continue;
    bench.log(`${moe.id}: the block beside its dense twins, T = ${tokens} …`);
    groups.push(await blockGroup(bench, moe, tokens));
  }
  return present(groups);
}

async function blockGroup({ limits }: Bench, { id, engine }: NamedModel, tokens: number): Promise<Group> {
  const { rows, method } = await compareBlock(engine, tokens);
  return {
    id: `block-t${tokens}`,
    title: `${id}: one layer's block beside its dense twins, ${method.weights}, T = ${tokens}`,
    rows: rows.map(({ kind, time: each, flops, bytesRead }) => {
      const time = scale(each, tokens);
      const work = { flops: flops * tokens, bytes: bytesRead };
      const roofline = shareOfRoofline(work, time.median, limits);
      return {
        id: `block-t${tokens}/${kind}`,
        what: kind,
        time,
        wall: null,
        repeats: method.repeats[0],
        work,
        roofline,
        error: null,
      };
    }),
  };
}

/** Of each kind of held-out text the beginning, by the processor and by this device. */
async function measureRounding({ engine }: NamedModel, { fetchFile, log }: BenchSite, quick: boolean): Promise<Flips> {
  log('router flips: the same text in float64, and with fewer bits …');
  const { domains }: Heldout = JSON.parse(new TextDecoder().decode(await fetchFile('heldout.json')));
  const texts = domains.slice(0, quick ? 2 : undefined).map(({ ids }) => ids[0].slice(0, quick ? 8 : 128));
  return measureFlips(engine.model, texts, engine, () => {}, new AbortController().signal);
}

/** The MoE with all its experts there, however they came. */
async function measureAll(name: string, found: FoundGpu, site: BenchSite, quick: boolean): Promise<Budget> {
  site.log(`${name}: all experts there, come on demand and from the start, in turns …`);
  const sizes = { ...modelSizes(quick, found.info.fallback), rounds: quick ? 2 : 21 };
  return measureBudget(await site.fetchFile(`${name}.gguf`), found, sizes);
}

async function emptySubmits(device: GPUDevice) {
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const start = performance.now();
    device.queue.submit([device.createCommandEncoder().finish()]);
    await submittedWorkDone(device);
    times.push(performance.now() - start);
  }
  return summarise(times);
}

/** Beyond weights and KV cache: the buffers of a pass, made once for the longest. */
function memoryOf(gpu: Gpu, model: NamedModel): Memory[] {
  const { config } = model.engine.model;
  return [model.engine.activations.maxTokens, Math.min(512, config.contextLength)].map((tokens) => {
    const { keys, values, ...rest } = createActivations(gpu, config, { maxTokens: tokens, inFlight: 16, cache: 'f32' });
    const buffers = Object.values(rest)
      .flat()
      .filter((each) => each instanceof GPUBuffer);
    const bytes = buffers.reduce((sum, { size }) => sum + size, 0);
    for (const buffer of [...buffers, ...keys, ...values]) buffer.destroy();
    return { what: `${model.id}, passes of up to ${tokens} tokens`, bytes };
  });
}

/** The adapter's own words; their getters are on the prototype. */
function infoOf({ adapterInfo }: GPUDevice): Record<string, string | number | boolean> {
  const info: Record<string, string | number | boolean> = {};
  for (const key in adapterInfo) {
    const value: unknown = adapterInfo[key as keyof GPUAdapterInfo];
    if (['string', 'number', 'boolean'].includes(typeof value)) info[key] = value as string | number | boolean;
  }
  return info;
}

/** A report whose rows are not all right is no report. */
/** Whether nothing but the machine itself was measured. */
export const isEmpty = ({ groups, models, flips, budget }: Report): boolean =>
  groups.length + models.length === 0 && !flips && !budget;

export function wrongRows({ groups, models }: Report): string[] {
  return [
    ...groups.flatMap(({ rows }) => rows.filter(({ time }) => time === null).map(({ id }) => id)),
    ...models.filter(({ error }) => !(error < 1e-3)).map(({ id }) => id),
  ];
}
