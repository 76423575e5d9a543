/** Puts the page together around a client of the engine. */
import { pageAddress } from '../state/address/place.ts';
import type { Client } from '../state/client.ts';
import { Session } from '../state/session.ts';
import { Appearance } from '../state/theme.ts';
import { MoePage } from './moe-page.ts';
import { narrow } from './screen.ts';

/** @param arriving what stands in the page's place until then */
export function start(client: Client, arriving: Element): Session {
  const appearance = new Appearance(true);
  appearance.wear(document.documentElement);
  const place = { address: pageAddress, appearance, device: 'auto', narrow, guest: false, measures: true } as const;
  const page = new MoePage();
  page.session = new Session(client, place);
  arriving.replaceWith(page);
  void page.session.start();
  return page.session;
}
