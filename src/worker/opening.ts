/** From a request to a running engine: device, self-test, file, weights; and the CPU when WebGPU will not do. */
import { createCpuEngine } from '../engine/cpu/engine.ts';
import { type Engine, UserError } from '../engine/types.ts';
import { findGpu, type NamedGpu } from '../engine/webgpu/adapter.ts';
import { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { expertBytes } from '../engine/webgpu/expertEntries.ts';
import { createWebGpuEngine, type LoadStage } from '../engine/webgpu/load.ts';
import { type SelfTest, selfTest } from '../kernels/selfTest.ts';
import { casesOf } from '../kernels/selfTestOwn.ts';
import { coalesced } from '../model/coalesce.ts';
import { checkCpuMemory } from '../model/fileSize.ts';
import { loadModel, openModel } from '../model/load.ts';
import { partNames } from '../model/parts.ts';
import { blobSource, counted } from '../model/source.ts';
import { residentModel } from '../model/stored.ts';
import type { Model } from '../model/types.ts';
import { Rest } from './arriving.ts';
import { download } from './download.ts';
import { toFault } from './faults.ts';
import { type KeptSource, keepWhole, keptSource } from './kept.ts';
import type { Fault, Opened, OpenRequest, Progress } from './protocol.ts';
import { type Tuned, tunedBy, tuningKey } from './tuned.ts';

export interface Running {
  readonly engine: Engine;
  readonly opened: Opened;
  /** As it was asked for. */
  readonly expertsOnGpu?: number;
  /** What of the model is not here yet. */
  readonly rest: Rest;
}

interface Device {
  readonly found: NamedGpu | null;
  /** Runs while the file arrives and the model's own pipelines compile. */
  readonly test: Promise<SelfTest> | null;
  /** Why there is none. */
  readonly fault: Fault | null;
}

type OnProgress = (progress: Progress) => void;

/** @throws UserError, or the signal's reason when aborted. */
export async function open(
  api: GPU | undefined,
  request: OpenRequest,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Running> {
  const finding =
    request.device === 'cpu' ? Promise.resolve(NO_DEVICE) : findDevice(api, request.tuned ?? {}, onProgress);
  // The model outlives its opening: who opens another afterwards gives up that one alone.
  const life = new AbortController();
  const follow = () => life.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  let read: Read;
  try {
    read = await readModel(request, onProgress, life.signal);
    signal.throwIfAborted();
  } catch (error) {
    finding.then(({ found }) => found?.gpu.device.destroy());
    throw error;
  }
  const { model, kept } = read;
  try {
    const rest = new Rest(kept, life);
    const running = await start(await finding, { model, rest, expertsOnGpu: request.expertsOnGpu }, onProgress, signal);
    const changed = kept.some((copy) => copy.changed)
      ? ['The file on the server has changed: it was fetched anew.']
      : [];
    const notKept = new Set(kept.flatMap((copy) => copy.notKept ?? []));
    const warnings = [...running.opened.warnings, ...notKept, ...changed];
    signal.removeEventListener('abort', follow);
    rest.bring(running.engine);
    return { ...running, opened: { ...running.opened, warnings } };
  } catch (error) {
    for (const copy of kept) copy.close();
    throw error;
  }
}

interface Read {
  readonly model: Model;
  /** What grows while the model is read: one for each file. */
  readonly kept: readonly KeptSource[];
}

/** The same model on a new device, after the old one was lost; on the CPU when there is none to be had. */
export async function reopen(
  api: GPU | undefined,
  { engine: { model }, expertsOnGpu, rest }: Running,
  tuned: Tuned,
): Promise<Running> {
  return start(await findDevice(api, tuned, () => {}), { model, expertsOnGpu, rest });
}

/** The same model on the CPU. */
export function openOnCpu({ engine: { model }, expertsOnGpu, rest }: Running, fault: Fault | null): Promise<Running> {
  return start({ ...NO_DEVICE, fault }, { model, expertsOnGpu, rest });
}

/** Nothing of it is needed any more. */
export function retire({ engine, rest }: Running): void {
  engine.destroy();
  rest.close();
}

/** A second engine beside the one that runs, on a device of the same kind. */
export async function openBeside(
  api: GPU | undefined,
  { engine }: Running,
  { url, bytes, sha256, tuned }: Pick<OpenRequest, 'url' | 'bytes' | 'sha256' | 'tuned'>,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<Engine> {
  const device = engine instanceof WebGpuEngine ? 'auto' : 'cpu';
  const onProgress = ({ stage, done }: Progress) => {
    if (stage === 'download') onBytes(done);
  };
  return (await open(api, { url, bytes, sha256, tuned, device }, onProgress, signal)).engine;
}

const NO_DEVICE: Device = { found: null, test: null, fault: null };

async function findDevice(api: GPU | undefined, tuned: Tuned, onProgress: OnProgress): Promise<Device> {
  try {
    onProgress({ stage: 'device', done: 0, total: 1 });
    const found = await findGpu(api, tunedBy(tuned));
    onProgress({ stage: 'device', done: 1, total: 1 });
    const test = tested(found);
    test.catch(() => {}); // Awaited in start(); until then it must not count as unhandled.
    return { found, test, fault: null };
  } catch (error) {
    return { ...NO_DEVICE, fault: toFault(error) };
  }
}

/** What passed on an adapter with these kernels passes again: another model on it need not wait for the same answer. */
const passed = new Map<string, SelfTest>();

async function tested(found: NamedGpu): Promise<SelfTest> {
  const key = `${tuningKey(found)}|${JSON.stringify(found.gpu.tuning)}`;
  const before = passed.get(key);
  if (before) return before;
  const test = await selfTest(found.gpu);
  if (test.checks.every(({ ok }) => ok)) passed.set(key, test);
  return test;
}

/** The same with what only this model uses; nothing more for one that uses what all do. */
async function testedFor(model: Model, { gpu }: NamedGpu, before: Promise<SelfTest>): Promise<SelfTest> {
  const cases = casesOf(model);
  if (Object.keys(cases).length === 0) return before;
  const [{ milliseconds, checks }, own] = [await before, await selfTest(gpu, cases)];
  return { milliseconds: milliseconds + own.milliseconds, checks: [...checks, ...own.checks] };
}

async function readModel(request: OpenRequest, onProgress: OnProgress, signal: AbortSignal): Promise<Read> {
  const report = (done: number, total: number) => onProgress({ stage: 'download', done, total });
  const url = request.url ?? '';
  // What the list names is fetched whole, by its hash; any other file of a server grows into a copy.
  const ranged = !request.file && request.sha256 === undefined && /^https?:/.test(url);
  const kept = ranged ? await fromServer(partNames(url) ?? [url], report, signal) : [];
  const sources = request.file ? [request.file].flat().map((file) => blobSource(file, signal)) : kept;
  if (sources.length === 0)
    return { model: loadModel(await download(url, { ...request, signal, onProgress: report })), kept };
  const total = sources.reduce((sum, source) => sum + source.bytes, 0);
  const done = sources.map(() => 0);
  const read = sources.map((source, i) =>
    counted(ranged ? coalesced(source) : source, (bytes) => {
      done[i] = Math.min(bytes, source.bytes);
      report(
        done.reduce((sum, each) => sum + each),
        total,
      );
    }),
  );
  report(0, total);
  try {
    return { model: await openModel(read), kept };
  } catch (error) {
    for (const copy of kept) copy.close();
    throw error;
  }
}

/**
 * From their copies, as far as there are any; a server that sends no ranges sends a file whole, into its copy.
 * @returns nothing for a file that can be neither read in part nor kept: it has to be held in memory.
 */
async function fromServer(
  urls: readonly string[],
  report: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<KeptSource[]> {
  const kept: KeptSource[] = [];
  const before = () => kept.reduce((sum, copy) => sum + copy.bytes, 0);
  try {
    for (const url of urls) {
      const whole = (done: number, total: number) => report(before() + done, before() + total);
      const copy = (await keptSource(url, { signal })) ?? (await keepWhole(url, whole, { signal }));
      if (copy) kept.push(copy);
      else if (urls.length > 1) throw onlyWhole(url);
    }
    return kept;
  } catch (error) {
    for (const copy of kept) copy.close();
    throw error;
  }
}

const onlyWhole = (url: string) =>
  new UserError(
    'network',
    `${new URL(url).host} sends only whole files, and none can be kept here, so a model in parts cannot be read from it.`,
    'Download its files with the browser, then choose or drop them here together.',
  );

async function start(
  device: Device,
  { model, expertsOnGpu, rest }: Pick<Running, 'expertsOnGpu' | 'rest'> & { readonly model: Model },
  onProgress: OnProgress = () => {},
  signal?: AbortSignal,
): Promise<Running> {
  let { fault } = device;
  let test: SelfTest | null = null;
  if (device.found && device.test) {
    try {
      const report = (stage: LoadStage, done: number, total: number) => onProgress({ stage, done, total });
      const whole = testedFor(model, device.found, device.test);
      whole.catch(() => {}); // Awaited below, unless the engine fails first.
      const engine = await createWebGpuEngine(model, device.found, {
        onProgress: report,
        cache: model.streamed ? 'f16' : 'f32',
        expertsOnGpu: expertsOnGpu && Math.max(expertsOnGpu, model.config.expertsPerToken),
      });
      onProgress({ stage: 'self-test', done: 0, total: 1 });
      test = await whole;
      onProgress({ stage: 'self-test', done: 1, total: 1 });
      checkResults(test);
      return { engine, opened: describe(engine, test, null, tuningKey(device.found)), expertsOnGpu, rest };
    } catch (error) {
      device.found.gpu.device.destroy();
      signal?.throwIfAborted();
      // A file that cannot be read on a GPU cannot be read without one.
      if (error instanceof UserError && (error.code === 'network' || error.code === 'bad-file')) throw error;
      fault = toFault(error);
    }
  }
  checkCpuMemory(model, fault?.message);
  const engine = createCpuEngine(await residentModel(model));
  return { engine, opened: describe(engine, test, fault, null), expertsOnGpu, rest };
}

/** @throws UserError wrong-results when a kernel does not compute what its twin does. */
function checkResults({ checks }: SelfTest): void {
  const wrong = checks.filter(({ ok }) => !ok).map(({ kernel }) => kernel);
  if (wrong.length === 0) return;
  throw new UserError(
    'wrong-results',
    `WebGPU computes wrong numbers in this browser (${wrong.join(', ')}), so the page runs on the CPU.`,
    'A newer browser or graphics driver may help.',
  );
}

function meanExpertBytes({ weights }: Model): number {
  const routed = weights.layers.filter(({ router }) => router);
  return routed.reduce((sum, layer) => sum + expertBytes(layer), 0) / Math.max(1, routed.length);
}

function describe(engine: Engine, test: SelfTest | null, fallbackReason: Fault | null, key: string | null): Opened {
  const { info, model } = engine;
  const { config, bytes, chat } = model;
  const late = engine instanceof WebGpuEngine ? engine.warning : null;
  const warnings = late === null ? model.warnings : [...model.warnings, late];
  return {
    ...{ info, chat },
    model: {
      name: config.name,
      architecture: config.architecture,
      bytes,
      layers: config.layers,
      width: config.width,
      experts: config.experts,
      expertsPerToken: config.expertsPerToken,
      expertHidden: config.expertHidden,
      vocabulary: config.vocabulary,
      contextLength: config.contextLength,
      parameters: config.parameters,
    },
    warnings,
    // A search runs passes that wait for no expert.
    tuningKey: engine.residency ? null : key,
    expertBytes: meanExpertBytes(model),
    ...(engine.residency && { room: engine.residency.counts.entries }),
    selfTest: test,
    fallbackReason,
  };
}
