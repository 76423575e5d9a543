/** Whose weights the page counts: of a recording that an author names those of its own card, never the shipped model's. */
import { expect, it, vi } from 'vitest';
import { OwnAddress } from '../../src/state/address/place.ts';
import type { Catalog } from '../../src/state/models/model-list.ts';
import type { Client } from '../../src/state/worker/client.ts';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }));
vi.stubGlobal('navigator', { gpu: {} });
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
const SHIPPED = { total: 1000, active: 400 };
const OLMOE = { total: 6.92e9, active: 1.3e9 };
const device = { kind: 'webgpu', name: 'a device', fallback: false, features: [] } as const;

it.each([
  ['the page’s own recording', null, null, SHIPPED],
  ['another recording with a card', 'https://blog.test/run.json', { parameters: OLMOE }, OLMOE],
  ['another recording without one', 'https://blog.test/run.json', null, null],
])('%s', async (_, recording, card, parameters) => {
  const { Appearance } = await import('../../src/state/page/theme.ts');
  const { Session } = await import('../../src/state/session/session.ts');
  const client = { onMessage: () => {}, onFailure: () => {}, onSilence: () => {} } as unknown as Client;
  const address = new OwnAddress(
    () => 'https://models.test/',
    () => {},
  );
  const place = {
    appearance: new Appearance(false),
    address,
    narrow: { get: () => false },
    guest: true,
    measures: true,
  };
  const session = new Session(client, { ...place, device: 'recorded', recording });
  session.models.list({ default: 'moe', models: [{ id: 'moe', parameters: SHIPPED }] } as unknown as Catalog);
  const source = { model: 'OLMoE', architecture: 'olmoe', device, created: '', sampling: null } as const;
  session.shown.play({ kind: 'recorded', ...source, card });
  expect(session.parameters.get()).toEqual(parameters);
});
