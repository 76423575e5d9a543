/** The long comparisons of the service: what this machine can do, and what the MoE saves on it. */
import { writeAbreast } from '../compare/abreast.ts';
import type { AbreastLane, AbreastProgress, AbreastRequest } from '../compare/abreastTypes.ts';
import type {
  ComparisonService,
  LayerRequest,
  LayerTiming,
  Probe,
  ProbeRequest,
  Quality,
  QualityModel,
  QualityProgress,
  QualityRequest,
  Sweep,
  SweepRequest,
} from '../compare/contract.ts';
import { measureFlips } from '../compare/flips.ts';
import type { Heldout } from '../compare/heldout.ts';
import { type Limits, limitSizes, measureLimits } from '../compare/limits.ts';
import { overLine } from '../compare/overLine.ts';
import { probeLayer } from '../compare/probe.ts';
import type { PublishedModel } from '../compare/published.ts';
import { timeLayer } from '../compare/publishedLayer.ts';
import { PUBLISHED } from '../compare/publishedTable.ts';
import { readQuality } from '../compare/quality.ts';
import { createStopwatch } from '../compare/sampler.ts';
import { sweep } from '../compare/sweep.ts';
import { type Routes, routesOf } from '../compare/touched.ts';
import type { Flips, LineModel, LineRequest, LineRun } from '../compare/types.ts';
import { Visibility, type WatchedStopwatch, watched } from '../compare/visibility.ts';
import { type Engine, UserError } from '../engine/types.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { download } from './download.ts';
import { isLoss } from './generation.ts';

type OnCount = (done: number, total: number) => void;

/** Of each kind of text: the processor runs them several times. */
const FLIP_TOKENS = 64;

/** What the service lends. */
export interface ComparingSite {
  /** One job at a time; a lost device is rebuilt and the job done again, once. */
  measure<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same, but what the device was lost under is not done again: it may be lost again. */
  time<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The engine that is open. @throws UserError no-webgpu */
  onGpu(what: string): WebGpuEngine;
  /** Does the job with the routers left alone, and puts the interventions back. */
  freely<T>(job: (engine: Engine) => Promise<T>): Promise<T>;
  heldout(url: string, signal: AbortSignal): Promise<Heldout>;
  /** A new engine in the place of one whose device a measurement has lost. */
  recover(cause: UserError): Promise<void>;
  /** A second engine beside the one that is open, of the same kind. */
  beside(model: QualityModel, onBytes: (done: number) => void, signal: AbortSignal): Promise<Engine>;
}

export class Comparing implements ComparisonService {
  private readonly visibility = new Visibility();
  /** Measured once for a device. */
  private readonly measuredLimits = new WeakMap<GPUDevice, Limits>();

  constructor(private readonly site: ComparingSite) {}

  setHidden(hidden: boolean): void {
    this.visibility.set(hidden);
  }

  limits(onProgress: OnCount): Promise<Limits> {
    return this.timed('limits', (engine, watch, signal) => this.limitsOf(engine, watch, onProgress, signal));
  }

  sweep({ tokens, heldoutUrl }: SweepRequest, onProgress: OnCount): Promise<Sweep> {
    return this.timed('sweep', async (engine, watch, signal) => {
      // Of 100: what comes before the steps themselves.
      const before = 10;
      const limits = await this.limitsOf(engine, watch, (done, total) => onProgress((4 * done) / total, 100), signal);
      const routes = await this.routes(heldoutUrl, (done, total) => onProgress(4 + (6 * done) / total, 100), signal);
      const steps: OnCount = (done, total) => onProgress(before + ((100 - before) * done) / total, 100);
      const onLoss = async (cause: UserError) => {
        if (cause.code === 'out-of-memory') return true;
        if (!isLoss(cause)) return false;
        await this.site.recover(cause);
        return true;
      };
      return sweep(engine, { tokens, limits, routes, watch, onProgress: steps, signal, onLoss });
    });
  }

  readQuality(
    { models, ks, text, heldoutUrl }: QualityRequest,
    onProgress: (progress: QualityProgress) => void,
  ): Promise<Quality> {
    return this.site.measure(async (signal) => {
      const heldout = await this.site.heldout(heldoutUrl, signal);
      const open = (model: QualityModel, onBytes: (done: number) => void) => this.site.beside(model, onBytes, signal);
      const visibility = this.visibility;
      return readQuality({ models, ks, text, heldout, open, visibility, onProgress, signal }).catch(asSecondLoss);
    });
  }

  writeAbreast(
    { heldoutUrl, ...asked }: AbreastRequest,
    onProgress: (progress: AbreastProgress) => void,
  ): Promise<readonly AbreastLane[]> {
    return this.site.measure(async (signal) => {
      const heldout = await this.site.heldout(heldoutUrl, signal);
      const open = (model: QualityModel, onBytes: (done: number) => void) => this.site.beside(model, onBytes, signal);
      const visibility = this.visibility;
      return writeAbreast({ ...asked, heldout, open, visibility, onProgress, signal }).catch(asSecondLoss);
    });
  }

  probe({ id, precision }: ProbeRequest): Promise<Probe> {
    return this.site.measure(async (signal) => {
      const model = published(id);
      const gpu = () => this.site.onGpu('probe').gpu;
      const onLoss = async () => {
        await this.site.recover(new UserError('device-lost', 'This layer was too much for the GPU, which was lost.'));
        return gpu();
      };
      return probeLayer(gpu(), model, precision, { signal, onLoss });
    });
  }

  /** A layer that the GPU gives up under costs the measurement, and never the text. */
  publishedLayer({ id, ...asked }: LayerRequest, onProgress: OnCount): Promise<LayerTiming> {
    return this.timed('published layer', async (engine, watch, signal) => {
      const model = published(id);
      // Of 100: what a layer that is loaded has behind it.
      const onLimit: OnCount = (done, total) => onProgress((8 * done) / total, 100);
      const limits = await this.limitsOf(engine, watch, onLimit, signal);
      const { gpu, info } = engine;
      const onLoss = (cause: UserError) => this.site.recover(cause);
      const options = { ...asked, gpu, info, watch, limits, onProgress, signal, onLoss };
      return timeLayer(model, options).catch(async (error) => {
        if (!isLoss(error)) throw error;
        await onLoss(error);
        throw new UserError(
          'out-of-memory',
          'This layer was too much for the GPU, which was lost.',
          'Take a smaller slice.',
        );
      });
    });
  }

  flips(heldoutUrl: string, onProgress: OnCount): Promise<Flips> {
    return this.site.measure(async (signal) => {
      const { domains } = await this.site.heldout(heldoutUrl, signal);
      const texts = domains.map(({ ids: [ids] }) => ids.slice(0, FLIP_TOKENS));
      return this.site.freely((engine) => {
        const device = engine.info.kind === 'webgpu' ? engine : null;
        return measureFlips(engine.model, texts, device, onProgress, signal);
      });
    });
  }

  overLine(request: LineRequest, onProgress: (runs: readonly LineRun[]) => void): Promise<LineRun[]> {
    return this.site.time((signal) => {
      const { gpu, info } = this.site.onGpu('comparison');
      const fetchFile = ({ url, ...known }: LineModel) => download(url, { ...known, signal, onProgress: () => {} });
      return overLine({ ...request, found: { gpu, info }, fetchFile, onProgress, signal });
    });
  }

  private async routes(url: string | undefined, onProgress: OnCount, signal: AbortSignal): Promise<Routes> {
    if (url === undefined) return [];
    const heldout = await this.site.heldout(url, signal);
    return this.site.freely((engine) => routesOf(engine, heldout, onProgress, signal));
  }

  private async limitsOf(
    { gpu, info }: WebGpuEngine,
    watch: WatchedStopwatch,
    onProgress: OnCount,
    signal: AbortSignal,
  ): Promise<Limits> {
    const known = this.measuredLimits.get(gpu.device);
    if (known) return known;
    const measured = await measureLimits(gpu, watch, limitSizes(gpu.device, info.fallback), { onProgress, signal });
    this.measuredLimits.set(gpu.device, measured);
    return measured;
  }

  private timed<T>(
    what: string,
    job: (engine: WebGpuEngine, watch: WatchedStopwatch, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.site.time(async (signal) => {
      const engine = this.site.onGpu(what);
      const stopwatch = createStopwatch(engine.gpu.device, (coming) => engine.arrival(coming));
      const watch = watched(stopwatch, this.visibility, signal);
      try {
        return await job(engine, watch, signal);
      } finally {
        watch.destroy();
      }
    });
  }
}

/** The device of a second engine was lost: the text's own still stands and is not to be rebuilt. */
function asSecondLoss(error: unknown): never {
  if (!isLoss(error)) throw error;
  throw new UserError('out-of-memory', 'The graphics device gave up beside the open model.', 'Close other tabs.');
}

/** @throws UserError bad-input */
function published(id: string): PublishedModel {
  const model = PUBLISHED.find((each) => each.id === id);
  if (!model) throw new UserError('bad-input', `There is no published model “${id}” in the table.`);
  return model;
}
