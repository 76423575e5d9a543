/** The choice among candidates, with a clock that is wound by hand: what is chosen, and what never is. */
import { describe, expect, it } from 'vitest';
import { interleave, type Stopwatch, type Workload } from '../../src/compare/sampler.ts';
import { type Contender, searchFamily } from '../../src/compare/search.ts';
import { UserError } from '../../src/model/errors.ts';

/** A repetition of a trial costs what its name says, in milliseconds; `drift` grows with every run. */
function handClock(costs: Map<Workload, number>, clock: Stopwatch['clock'] = 'timestamps', drift = 0): Stopwatch {
  let runs = 0;
  return {
    clock,
    async run(work, repeats) {
      const submit = clock === 'wall' ? 5 : 0;
      const milliseconds = submit + repeats * costs.get(work)! * (1 + drift * runs++);
      return { milliseconds, wall: milliseconds + 1 };
    },
    destroy() {},
  };
}

const costs = new Map<Workload, number>();
function contender(name: string, cost: number, values: readonly number[] | null = [1, -2, 3]): Contender {
  return {
    name,
    tuning: { lanes: cost },
    prepare: async () => {
      if (!values) throw new Error('The kernel does not compile.');
      const trial = { encode() {}, destroy() {}, result: async () => Float32Array.from(values) };
      costs.set(trial, cost);
      return trial;
    },
  };
}

const search = (...contenders: Contender[]) =>
  searchFamily({ family: 'gemv', work: 'a step', contenders }, handClock(costs, 'timestamps', 0.001));

it.each([
  ['stands still', 0],
  ['runs backwards', null],
])('a clock that %s never makes a submit grow until a driver minds', async (_, milliseconds) => {
  let longest = 0;
  const watch: Stopwatch = {
    clock: 'timestamps',
    async run(_, repeats) {
      longest = Math.max(longest, 2 * repeats);
      return { milliseconds, wall: 2 * repeats };
    },
    destroy() {},
  };
  await expect(interleave(watch, [{ encode() {} }])).rejects.toMatchObject({ code: 'no-clock' });
  expect(longest).toBeLessThanOrEqual(1100);
});

describe('the search', () => {
  it('takes the faster of two, whichever stands first', async () => {
    expect(await search(contender('slow', 4), contender('quick', 3))).toMatchObject({
      chosen: 'quick',
      tuning: { lanes: 3 },
    });
    expect(await search(contender('quick', 3), contender('slow', 4))).toMatchObject({ chosen: 'quick' });
  });

  it('leaves what stands where the difference is within the noise', async () => {
    const { chosen, candidates } = await search(contender('standing', 2.0005), contender('other', 2));
    expect(chosen).toBe('standing');
    expect(candidates.every(({ time }) => time!.samples > 1)).toBe(true);
  });

  it('never takes one that is wrong, not a number, or does not compile, however quick', async () => {
    const { chosen, candidates } = await search(
      contender('right', 9),
      contender('wrong', 1, [1, -2, 3.1]),
      contender('nan', 1, [1, Number.NaN, 3]),
      contender('short', 1, [1, -2]),
      contender('broken', 1, null),
    );
    expect(chosen).toBe('right');
    expect(candidates.map(({ time }) => time !== null)).toEqual([true, false, false, false, false]);
    expect(candidates[1].error).toBeCloseTo(0.1 / 3);
    expect(candidates[4].error).toBeNull();
  });

  it('stays with the default where that cannot even be prepared: nothing could be checked against it', async () => {
    const { chosen, tuning, candidates } = await search(contender('default', 7, null), contender('other', 1));
    expect([chosen, tuning]).toEqual(['default', { lanes: 7 }]);
    expect(candidates.every(({ time }) => time === null)).toBe(true);
  });

  it('times the hopeless once', async () => {
    const { candidates } = await search(contender('quick', 1), contender('hopeless', 2));
    expect(candidates.map(({ time }) => time!.samples)).toEqual([7, 1]);
  });

  it('ends with the device, and when it is cancelled', async () => {
    const lost = { ...contender('x', 1), prepare: () => Promise.reject(new UserError('device-lost', 'Gone.')) };
    await expect(search(contender('default', 1), lost)).rejects.toMatchObject({ code: 'device-lost' });
    const family = { family: 'gemv', work: '', contenders: [contender('default', 1)] } as const;
    await expect(searchFamily(family, handClock(costs), AbortSignal.abort('enough'))).rejects.toBe('enough');
  });
});

describe('the sampler', () => {
  const works = [{ encode() {} }, { encode() {} }];
  const timed = new Map<Workload, number>([
    [works[0], 0.5],
    [works[1], 3],
  ]);

  it('repeats until a sample is long, and tells the wall clock apart', async () => {
    const [quick, slow] = await interleave(handClock(timed), works, { rounds: 4 });
    expect([quick.repeats, slow.repeats]).toEqual([64, 8]);
    expect(quick.time).toEqual({ median: 0.5, spread: 0, samples: 4, low: 0.5, high: 0.5 });
    expect(slow.wall.median).toBeCloseTo(3 + 1 / 8);
  });

  it('takes the cost of a submit out of wall times', async () => {
    const [quick] = await interleave(handClock(timed, 'wall'), works);
    expect(quick.time.median).toBeCloseTo(0.5);
    expect(quick.wall.median).toBeGreaterThan(0.5);
  });

  it('measures on a busy machine, which interrupts three runs of ten for longer than a sample', async () => {
    let state = 1;
    const random = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const calm = handClock(timed, 'wall');
    const busy: Stopwatch = {
      ...calm,
      async run(work, repeats) {
        const { milliseconds } = await calm.run(work, repeats);
        const interrupted = milliseconds! + 2 * random() + (random() < 0.3 ? 20 + 40 * random() : 0);
        return { milliseconds: interrupted, wall: interrupted };
      },
    };
    const medians: number[] = [];
    for (let trial = 0; trial < 300; trial++) medians.push((await interleave(busy, works))[0].time.median);
    const middle = medians.sort((a, b) => a - b)[150];
    expect(middle).toBeGreaterThan(0.45);
    expect(middle).toBeLessThan(0.55);
  });

  it('does not take slow submits for work', async () => {
    const slow: Stopwatch = {
      ...handClock(timed, 'wall'),
      run: async (work, repeats) => ({ milliseconds: 40 + repeats * timed.get(work)!, wall: 0 }),
    };
    const [quick] = await interleave(slow, works);
    expect(quick.repeats).toBe(64);
    expect(quick.time.median).toBeCloseTo(0.5);
  });

  it('gives up on a clock that stands still', async () => {
    const stopped = { ...handClock(timed), run: async () => ({ milliseconds: null, wall: 1 }) };
    await expect(interleave(stopped, works)).rejects.toMatchObject({ code: 'no-clock' });
  });

  it('obeys a cancel between samples', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort('enough');
    const { signal } = controller;
    await expect(interleave(handClock(timed), works, { onProgress, signal })).rejects.toBe('enough');
  });
});
