/** The engine that runs, and what takes its place: another model, a new device, other kernels, the CPU. */
import { type Engine, type EngineInfo, UserError } from '../engine/types.ts';
import { WebGpuEngine } from '../engine/webgpu/engine.ts';
import type { Tuning } from '../gpu/types.ts';
import { toFault } from './faults.ts';
import { isLoss } from './generation.ts';
import { BACK, Losses } from './losses.ts';
import { open, openBeside, openOnCpu, type Running, reopen, retire } from './opening.ts';
import type { Fault, OpenRequest, Progress } from './protocol.ts';
import type { Tuned } from './tuned.ts';

const NO_RUN = -1;

type Beside = Parameters<typeof openBeside>;

export class EngineHost {
  private current: Running | null = null;
  private tuned: Tuned = {};
  private losses = new Losses();

  /**
   * @param api `navigator.gpu`, or what stands in for it
   * @param taken an engine has taken the place of another, and knows none of the rules yet
   * @param notify what the page is told while `run` goes on
   */
  constructor(
    private readonly api: GPU | undefined,
    private readonly taken: (engine: Engine) => void,
    private readonly notify: (run: number, fault: Fault, info: EngineInfo) => void,
  ) {}

  /** @throws UserError while none is open */
  get running(): Running {
    if (!this.current) throw new UserError('bad-input', 'No model is open yet.', 'Wait for the model to arrive.');
    return this.current;
  }

  get engine(): Engine {
    return this.running.engine;
  }

  /** @throws UserError no-webgpu */
  onGpu(what: string): WebGpuEngine {
    const { engine } = this;
    if (engine instanceof WebGpuEngine) return engine;
    throw new UserError('no-webgpu', `The ${what} times GPU kernels, and this page runs on the CPU.`);
  }

  build(request: OpenRequest, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Running> {
    return open(this.api, request, onProgress, signal);
  }

  /** Another model. */
  replace(running: Running, tuned: Tuned): void {
    this.retire();
    this.current = running;
    this.tuned = tuned;
    this.losses = new Losses();
  }

  /** A second model, for a while. */
  beside(model: Omit<Beside[2], 'tuned'>, onBytes: Beside[3], signal: AbortSignal): ReturnType<typeof openBeside> {
    return openBeside(this.api, this.running, { ...model, tuned: this.tuned }, onBytes, signal);
  }

  /** The same model, on another engine. */
  take(running: Running): void {
    this.current = running;
    running.rest.bring(running.engine);
    this.taken(running.engine);
  }

  rewind(): void {
    this.current?.engine.truncate(0);
  }

  retire(): void {
    if (this.current) retire(this.current);
  }

  loseDevice(): void {
    if (this.current?.engine instanceof WebGpuEngine) this.current.engine.gpu.device.destroy();
  }

  /** What became of a lost device. */
  told(cause: UserError, engine: Engine): Fault {
    return this.losses.told(cause, engine);
  }

  /** A job that a lost device costs only time: it is done again on what replaces it, once. */
  async surely<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (error) {
      await this.makeUpFor(error, false);
      return job();
    }
  }

  /** A job that may have been too much for the device: it is not done again, and what it lost is replaced. */
  async once<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (error) {
      await this.makeUpFor(error, true);
      throw error;
    }
  }

  /** Replaces a lost device, and says so. @throws what was no loss */
  private async makeUpFor(error: unknown, ours: boolean): Promise<void> {
    if (!isLoss(error)) throw error;
    const { engine } = await this.rebuild(error, ours);
    this.notify(NO_RUN, this.told(error, engine), engine.info);
  }

  /**
   * A lost device costs a pause, not the text: a new device the first time, then the CPU until the GPU may be tried again.
   * @param ours a measurement asked too much of it: that does not count.
   */
  async rebuild(cause: UserError, ours = false): Promise<Running> {
    const { running } = this;
    const again = ours || (cause.code === 'device-lost' && this.losses.note());
    running.engine.destroy();
    this.take(again ? await reopen(this.api, running, this.tuned) : await openOnCpu(running, toFault(cause)));
    this.losses.away = cause.code === 'device-lost' && this.engine.info.kind === 'cpu';
    return this.running;
  }

  /** From the CPU to a new device, once it is time, and if there is one. */
  async comeBack(run: number): Promise<void> {
    if (!this.losses.due) return;
    const { engine } = this;
    const fresh = await reopen(this.api, this.running, this.tuned);
    const { info } = fresh.engine;
    this.losses.away = info.kind === 'cpu';
    (this.losses.away ? fresh.engine : engine).destroy();
    if (this.losses.away) return void this.losses.note();
    this.take(fresh);
    this.notify(run, BACK, info);
  }

  /**
   * Goes on with this tuning (null: the default) on a new device, which will read the text so far again.
   * @throws UserError why there is none; then nothing has changed.
   */
  async retune(tuning: Partial<Tuning> | null): Promise<void> {
    const { engine, opened } = this.running;
    if (!opened.tuningKey) return;
    const { [opened.tuningKey]: _, ...others } = this.tuned;
    const tuned = tuning ? { ...others, [opened.tuningKey]: tuning } : others;
    const fresh = await reopen(this.api, this.running, tuned);
    if (!(fresh.engine instanceof WebGpuEngine)) {
      throw fresh.opened.fallbackReason ?? new UserError('no-webgpu', 'There is no second device to go on with.');
    }
    engine.destroy();
    this.tuned = tuned;
    this.take(fresh);
  }
}
