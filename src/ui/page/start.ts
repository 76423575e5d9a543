/** Puts the page together around a client of the engine. */
import { pageAddress } from '../../state/address/place.ts';
import { Appearance } from '../../state/page/theme.ts';
import { Session } from '../../state/session/session.ts';
import type { Client } from '../../state/worker/client.ts';
import { narrow } from '../kit/screen.ts';
import { MoePage } from './moe-page.ts';

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
