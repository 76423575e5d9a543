/**
 * What a device refuses of one job. Others use the device while the job waits, and scopes are one stack for all: so each
 * call has scopes of its own, which are closed before anybody else can call.
 */
import type { Gpu } from './types.ts';

export interface Refusals {
  /** For the job's calls. */
  readonly gpu: Gpu;
  /** The first error among the calls so far. Later ones are not looked at. */
  first(): Promise<GPUError | null>;
}

export function watchRefusals(gpu: Gpu): Refusals {
  const { device } = gpu;
  let answers: Promise<GPUError | null>[] | null = [];

  function scoped<T>(call: () => T): T {
    if (!answers) return call();
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    try {
      return call();
    } finally {
      // A device that was lost has nothing to say: whoever waits for it is told elsewhere.
      for (let scope = 0; scope < 2; scope++) answers.push(device.popErrorScope().catch(() => null));
    }
  }

  return {
    gpu: { ...gpu, device: standIn(device, scopedCalls(device, scoped)) },
    async first() {
      const all = answers ?? [];
      answers = null;
      return (await Promise.all(all)).find((error) => error !== null) ?? null;
    },
  };
}

/** The calls of a device that it may refuse without a word, each made inside `scoped`. */
export function scopedCalls(device: GPUDevice, scoped: <T>(call: () => T) => T) {
  return {
    queue: standIn(device.queue, {
      submit: (...asked) => scoped(() => device.queue.submit(...asked)),
      writeBuffer: (...asked: Parameters<GPUQueue['writeBuffer']>) => scoped(() => device.queue.writeBuffer(...asked)),
    }),
    createBuffer: (asked) => scoped(() => device.createBuffer(asked)),
    createBindGroup: (asked) => scoped(() => device.createBindGroup(asked)),
    createQuerySet: (asked) => scoped(() => device.createQuerySet(asked)),
    createCommandEncoder: (asked) => {
      const encoder = device.createCommandEncoder(asked);
      // What was wrong in a pass is said when it is finished.
      const finish = encoder.finish.bind(encoder);
      encoder.finish = (named) => scoped(() => finish(named));
      return encoder;
    },
  } satisfies Partial<GPUDevice>;
}

/** `target` with some of its members replaced. What the browser made must be called on itself, not on a stand-in. */
export function standIn<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (key in replaced) return replaced[key as keyof T];
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (_, key, value) => Reflect.set(target, key, value, target),
  });
}
