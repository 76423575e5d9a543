/** What was measured of one model is not shown for another, however a measurement of that one ends. */
import { expect, it } from 'vitest';
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
