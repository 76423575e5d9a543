/** One worker for several sessions: when it is made, when it ends, whom a failure is told. */
import { describe, expect, it } from 'vitest';
import { OwnAddress } from '../../src/state/address/place.ts';
import { EngineWorker } from '../../src/state/worker/engine-worker.ts';

class FakeWorker {
  onerror: ((event: { message: string }) => void) | null = null;
  readonly ports: MessagePort[] = [];
  ended = false;
  postMessage(_: string, [port]: MessagePort[]): void {
    this.ports.push(port);
  }
  addEventListener(): void {}
  terminate(): void {
    this.ended = true;
  }
}

const guest = (failed: (reason: string) => void = () => {}) => ({ failed, silent: () => {} });
const settled = () => new Promise((resolve) => setTimeout(resolve));

function engineWorker() {
  const workers: FakeWorker[] = [];
  const made = new EngineWorker(
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker as unknown as Worker;
    },
    (reason) => `explained: ${reason}`,
  );
  return { made, workers };
}

describe('the engineWorker', () => {
  it('makes a worker for the first, keeps it for the others, ends it with the last', async () => {
    const { made, workers } = engineWorker();
    const seats = [made.enter(guest()), made.enter(guest())];
    await settled();
    expect(workers.map(({ ports }) => ports.length)).toEqual([2]);
    seats[0].leave();
    await settled();
    expect(workers[0].ended).toBe(false);
    seats[1].leave();
    await settled();
    expect(workers[0].ended).toBe(true);
    const again = made.enter(guest());
    await settled();
    expect(workers.length).toBe(2);
    again.leave();
    for (const port of [...seats, again].map(({ port }) => port)) port.close();
    for (const port of workers.flatMap(({ ports }) => ports)) port.close();
  });

  it('tells everybody who is there why it failed', async () => {
    const { made, workers } = engineWorker();
    const told: string[] = [];
    const one = made.enter(guest((reason) => told.push(`one ${reason}`)));
    const two = made.enter(guest((reason) => told.push(`two ${reason}`)));
    await settled();
    two.leave();
    workers[0].onerror?.({ message: 'gone' });
    expect(told).toEqual(['one explained: gone']);
    const three = made.enter(guest());
    await settled();
    expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
    const ports = workers.flatMap(({ ports }) => ports);
    for (const port of [one.port, two.port, three.port, ...ports]) port.close();
  });

  it('tells that a worker could not even be made', async () => {
    const told: string[] = [];
    const made = new EngineWorker(() => Promise.reject(new Error('no script')));
    const entry = made.enter(guest((reason) => told.push(reason)));
    await settled();
    expect(told).toEqual(['no script']);
    entry.leave();
    await settled();
    entry.port.close();
  });
});

describe('an element’s own address', () => {
  it('tells its element what the session writes, and its session what the element follows', () => {
    const heard: string[] = [];
    const address = new OwnAddress(
      () => 'https://example.org/moe/',
      () => heard.push(`written ${address.read()}`),
    );
    const stop = address.follow(() => heard.push(`followed ${address.read()}`));
    address.write('seed=1');
    address.write('seed=1');
    address.go('seed=2');
    address.go('seed=2');
    stop();
    address.go('seed=3');
    expect(heard).toEqual(['written seed=1', 'followed seed=2']);
    expect(address.link('#seed=3')).toBe('https://example.org/moe/#seed=3');
  });
});
