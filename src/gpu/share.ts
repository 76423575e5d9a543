/**
 * One GPUDevice for several engines. Each gets a share, which behaves as a device of its own: its destroy() frees what was
 * made through it. Kernels are compiled once for all. The device goes with its last share, and is made anew when it was lost.
 */
import { scopedCalls, standIn } from './refusals.ts';
import { SharedErrors } from './sharedErrors.ts';

interface Common {
  readonly device: Promise<GPUDevice>;
  readonly kernels: Kernels;
  readonly errors: SharedErrors;
  shares: number;
}

/** `api` as it is, but every device of it is a share of one. */
export function shareDevice(api: GPU): GPU {
  let common: Common | null = null;

  function make(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor | undefined): Common {
    const made: Common = {
      device: adapter.requestDevice(descriptor),
      kernels: new Kernels(),
      errors: new SharedErrors(),
      shares: 0,
    };
    const forget = () => {
      if (common === made) common = null;
    };
    made.device.then((device) => device.lost.then(forget), forget);
    return made;
  }

  /** An adapter gives one device only: each share of a device that is there leaves its adapter unused. */
  async function requestDevice(adapter: GPUAdapter, descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
    common ??= make(adapter, descriptor);
    const mine = common;
    mine.shares++;
    const device = await mine.device;
    return share(device, mine, () => {
      if (--mine.shares > 0) return;
      if (common === mine) common = null;
      device.destroy();
    });
  }

  return standIn(api, {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await api.requestAdapter(options);
      if (!adapter) return null;
      return standIn(adapter, { requestDevice: (descriptor) => requestDevice(adapter, descriptor) });
    },
  });
}

/** What is the same for every share, made once: shader modules, layouts, pipelines. */
class Kernels {
  private readonly made = new Map<string, unknown>();
  private readonly numbers = new WeakMap<object, number>();
  private count = 0;

  of(device: GPUDevice) {
    return {
      createShaderModule: (asked) => this.once('module', asked, () => device.createShaderModule(asked)),
      createBindGroupLayout: (asked) => this.once('group', asked, () => device.createBindGroupLayout(asked)),
      createPipelineLayout: (asked) => this.once('layout', asked, () => device.createPipelineLayout(asked)),
      createComputePipelineAsync: (asked) =>
        this.once('pipeline', asked, () => device.createComputePipelineAsync(asked)),
    } satisfies Partial<GPUDevice>;
  }

  /** Made anew unless the very same was asked for before. */
  private once<T extends object>(kind: string, asked: object, make: () => T): T {
    const key = kind + JSON.stringify(asked, (_, value) => this.nameOf(value) ?? value);
    const found = (this.made.get(key) as T | undefined) ?? make();
    if (!this.made.has(key)) {
      this.made.set(key, found);
      if (!(found instanceof Promise)) this.numbers.set(found, ++this.count);
    }
    return found;
  }

  /** What was made here is named by its number: as JSON all of it would look alike. */
  private nameOf(value: unknown): string | undefined {
    const number = typeof value === 'object' && value !== null ? this.numbers.get(value) : undefined;
    return number === undefined ? undefined : `#${number}`;
  }
}

function share(device: GPUDevice, { kernels, errors }: Common, release: () => void): GPUDevice {
  const owned = new Set<GPUBuffer | GPUQuerySet>();
  let giveBack: (info: GPUDeviceLostInfo) => void = () => {};
  const given = new Promise<GPUDeviceLostInfo>((resolve) => {
    giveBack = resolve;
  });
  const own = <T extends GPUBuffer | GPUQuerySet>(made: T): T => {
    owned.add(made);
    // Freed before its time, it must not be kept until the end.
    made.destroy = () => {
      owned.delete(made);
      Object.getPrototypeOf(made).destroy.call(made);
    };
    return made;
  };
  let held = true;
  const { scoped, leave, ...told } = errors.join(device);
  return standIn(device, {
    ...scopedCalls(device, scoped),
    createBuffer: (descriptor) => own(scoped(() => device.createBuffer(descriptor))),
    createQuerySet: (descriptor) => own(scoped(() => device.createQuerySet(descriptor))),
    ...kernels.of(device),
    ...told,
    lost: Promise.race([device.lost, given]),
    destroy: () => {
      if (!held) return;
      held = false;
      leave();
      for (const each of [...owned]) each.destroy();
      giveBack({ reason: 'destroyed', message: 'The share was given back.' } as GPUDeviceLostInfo);
      release();
    },
  });
}
