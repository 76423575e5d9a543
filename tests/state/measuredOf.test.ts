/** What was measured of one model is not shown for another, however a measurement of that one ends. */
import { expect, it } from 'vitest';
import { Measured } from '../../src/state/saves/measure.ts';
import { MeasuredOf } from '../../src/state/saves/measured-of.ts';

const cancelled = () => Promise.reject({ code: 'cancelled', message: 'Cancelled.', hint: '' });

it('belongs to what it was measured of', async () => {
  const measured = new MeasuredOf<number>();
  const [a, b] = [{}, {}];
  measured.turnTo(a);
  await measured.run('measuring', async () => 1);
  expect([measured.known(a), measured.known(b)]).toEqual([{ state: 'done', result: 1 }, { state: 'none' }]);
  measured.turnTo(a);
  await measured.run('measuring', cancelled);
  expect(measured.known(a)).toEqual({ state: 'done', result: 1 });
  measured.turnTo(b);
  await measured.run('measuring', cancelled);
  expect([measured.known(a), measured.known(b)]).toEqual([{ state: 'none' }, { state: 'none' }]);
});

it('is seen to run whatever it is of', async () => {
  const measured = new MeasuredOf<number>();
  let end = (_: number) => {};
  const running = measured.run('measuring', () => new Promise((done) => (end = done)));
  expect(measured.known({}).state).toBe('running');
  end(1);
  await running;
});

it.each([
  ['ends', () => Promise.resolve(2)],
  ['fails', () => Promise.reject(new Error('No.'))],
  ['is cancelled', cancelled],
])('that is forgotten while it runs stays forgotten when it %s', async (_, end) => {
  const measured = new Measured<number>();
  await measured.run('measuring', async () => 1);
  const running = measured.run('measuring', async (onProgress) => {
    measured.forget();
    onProgress(1, 2);
    return end();
  });
  expect(measured.get().state).toBe('none');
  await running;
  expect(measured.get().state).toBe('none');
  await measured.run('measuring', async () => 3);
  expect(measured.get()).toEqual({ state: 'done', result: 3 });
});
