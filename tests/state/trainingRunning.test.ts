/** A race on the page whose worker dies: what is said, and what its buttons still do. */
import { expose } from 'comlink';
import { expect, it, vi } from 'vitest';
import type { Session } from '../../src/state/session/session.ts';
import { Race } from '../../src/state/training/race.ts';
import { TextRace } from '../../src/state/training/text.ts';
import type { Guest } from '../../src/state/worker/engine-worker.ts';

vi.stubGlobal('document', { hidden: false });

function racing<R extends Race | TextRace>(Kind: new (session: Session) => R) {
  const asked: string[] = [];
  const guests: Guest[] = [];
  const ports: MessagePort[] = [];
  const noted = (name: string, answer?: unknown) => async () => {
    asked.push(name);
    return answer;
  };
  const service = {
    ...{ prepare: noted('prepare', { runners: [] }), file: noted('file', new Blob(['weights'])) },
    ...{ set: noted('set'), resume: noted('resume'), pause: noted('pause'), finish: noted('finish') },
  };
  const enter = (guest: Guest) => {
    const { port1, port2 } = new MessageChannel();
    guests.push(guest);
    ports.push(port1, port2);
    expose(service, port2);
    return { port: port1, leave: () => {} };
  };
  const session = {
    ...{ training: { get: () => null, choose: () => {} }, place: { device: 'auto' } },
    client: { engineWorker: async () => ({ enter }) },
  } as unknown as Session;
  return {
    ...{ race: new Kind(session), asked, guests },
    end: () => {
      for (const port of ports) port.close();
    },
  };
}

it('has nothing to finish or save once its worker is dead, says so, and begins anew', async () => {
  const { race, asked, guests, end } = racing(Race);
  expect(race.holds.get()).toBe(false);
  await race.start();
  expect(race.holds.get()).toBe(true);
  expect(await (await race.file()).text()).toBe('weights');
  guests[0].failed('The browser has ended it.');
  expect(race.phase.get()).toBe('failed');
  expect(race.fault.get()?.message).toBe(
    'The training has stopped, and its weights are lost: “Train” begins with new ones.',
  );
  expect(race.holds.get()).toBe(false);

  asked.length = 0;
  await race.finish();
  expect(race.phase.get()).toBe('failed');
  await expect(race.file()).rejects.toMatchObject({ code: 'bad-input' });
  expect([asked, guests.length]).toEqual([[], 1]);
  await race.toggle();
  expect([asked, guests.length, race.phase.get(), race.holds.get()]).toEqual([['prepare', 'resume'], 2, 'going', true]);
  end();
});

it('goes on with what it learns where a text that was brought is too short', async () => {
  const { race, asked, end } = racing(TextRace);
  expect(race.take([{ name: 'own', text: 'a text of my own. '.repeat(50) }])).toBe(true);
  await vi.waitFor(() => expect(race.phase.get()).toBe('going'));
  asked.length = 0;
  for (const text of ['milk, bread', `${'a text of my own. '.repeat(50)}\n=== note ===\nmilk`])
    expect(race.take([{ name: 'note', text }])).toBe(false);
  expect(race.fault.get()?.message).toMatch(/^The text “note” has 4 characters; 650 are needed\.$/);
  expect([asked, race.phase.get(), race.holds.get()]).toEqual([[], 'going', true]);
  expect(race.texts.get().map(({ name }) => name)).toEqual(['own']);
  end();
});
