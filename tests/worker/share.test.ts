/** Several services on one device: what each frees, when the device goes, and what a loss does to all of them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shareDevice } from '../../src/gpu/share.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

const instance = createInstance();
const file = new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]);
const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };

/** As the instance, and counts the devices it gives. */
function counting() {
  const devices: GPUDevice[] = [];
  const api = {
    requestAdapter: async () => {
      const adapter = await instance.requestAdapter();
      const { features, limits, info } = adapter!;
      const requestDevice = async (descriptor: GPUDeviceDescriptor) => {
        const device = await adapter!.requestDevice(descriptor);
        devices.push(device);
        return device;
      };
      return { features, limits, info, requestDevice };
    },
  };
  return { devices, api: shareDevice(api as unknown as GPU) };
}

/** A device that is lost maps no buffer. */
const isAlive = (device: GPUDevice) =>
  device
    .createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ })
    .mapAsync(GPUMapMode.READ)
    .then(
      () => true,
      () => false,
    );

describe('a shared device', () => {
  const channels: MessageChannel[] = [];
  afterEach(() => {
    for (const { port1, port2 } of channels.splice(0)) {
      port1.close();
      port2.close();
    }
  });

  async function opened(api: GPU): Promise<Service> {
    const channel = new MessageChannel();
    channels.push(channel);
    channel.port2.onmessage = ({ data }) => channel.port2.postMessage({ type: 'ack', run: data.run });
    const service = new Service(api);
    service.connect(channel.port1);
    await service.open({ file, device: 'auto' }, () => {});
    return service;
  }
  const write = (service: Service) => service.generate({ run: 1, prompt: 'hello', maxTokens: 6, sampling });

  it('is one for all, writes for all at once, and goes with the last of them', async () => {
    const { api, devices } = counting();
    const services = await Promise.all([opened(api), opened(api)]);
    expect(devices.length).toBe(1);
    const ends = await Promise.all(services.map(write));
    expect(ends.map(({ generated }) => generated)).toEqual([6, 6]);
    await services[0].close();
    expect(await isAlive(devices[0])).toBe(true);
    expect(await write(services[1])).toMatchObject({ generated: 6 });
    await services[1].close();
    expect(await devices[0].lost).toMatchObject({ reason: 'destroyed' });
    expect(await isAlive(devices[0])).toBe(false);
  });

  it('is made anew, once, when it is lost to all', async () => {
    const { api, devices } = counting();
    const services = await Promise.all([opened(api), opened(api)]);
    devices[0].destroy();
    const ends = await Promise.all(services.map(write));
    expect(ends.map(({ generated }) => generated)).toEqual([6, 6]);
    expect(devices.length).toBe(2);
    expect(await isAlive(devices[1])).toBe(true);
    for (const service of services) await service.close();
  });

  it('tells an error that no scope caught to the share that made it, and to no other', async () => {
    const { api } = counting();
    const share = async () => (await api.requestAdapter())!.requestDevice() as Promise<GPUDevice>;
    const [one, other] = [await share(), await share()];
    const heard: string[] = [];
    for (const [name, each] of Object.entries({ one, other }))
      each.addEventListener('uncapturederror', (event) => {
        event.preventDefault();
        heard.push(name);
      });
    const wrong = (device: GPUDevice) => device.createBuffer({ size: 16, usage: 0 });
    /** Twice, so that of what is told to both something comes before the second is told. */
    const told = async (device: GPUDevice) => {
      wrong(device);
      wrong(device);
      await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(2), { timeout: 60_000, interval: 5 });
      return heard.splice(0);
    };
    expect(await told(other)).toEqual(['other', 'other']);
    expect(await told(one)).toEqual(['one', 'one']);
    // A scope of its own catches its own.
    other.pushErrorScope('validation');
    wrong(other);
    expect(await other.popErrorScope()).not.toBeNull();
    other.destroy();
    expect(await told(one)).toEqual(['one', 'one']);
    one.destroy();
  });

  it('frees the buffers of the share that is given back', async () => {
    const { api } = counting();
    const [one, other] = await Promise.all(
      [0, 1].map(async () => (await api.requestAdapter())!.requestDevice() as Promise<GPUDevice>),
    );
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const [freed, kept] = [one, other].map((share) => share.createBuffer({ size: 16, usage }));
    one.destroy();
    expect((await one.lost).reason).toBe('destroyed');
    other.pushErrorScope('validation');
    other.queue.writeBuffer(kept, 0, new Uint32Array(4));
    expect(await other.popErrorScope()).toBeNull();
    other.pushErrorScope('validation');
    const encoder = other.createCommandEncoder();
    encoder.copyBufferToBuffer(freed, 0, kept, 0, 16);
    other.queue.submit([encoder.finish()]);
    expect((await other.popErrorScope())?.message).toMatch(/destroyed/);
    other.destroy();
  });
});
