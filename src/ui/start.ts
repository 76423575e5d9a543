/** Puts the page together around a client of the engine. */
import { pageAddress } from '../state/address/place.ts';
import type { Client } from '../state/client.ts';
import { Session } from '../state/session.ts';
import { Appearance } from '../state/theme.ts';
import './moe-page.ts';
import type { MoePage } from './moe-page.ts';

export function start(client: Client, page: MoePage): Session {
  const appearance = new Appearance(true);
  appearance.wear(document.documentElement);
  const place = { address: pageAddress, appearance, device: 'auto', guest: false, measures: true } as const;
  const session = new Session(client, place);
  page.session = session;
  void session.start();
  return session;
}
