/** Puts the page together around a client of the engine. */
import type { Client } from '../state/client.ts';
import { Session } from '../state/session.ts';
import './moe-page.ts';
import type { MoePage } from './moe-page.ts';

export function start(client: Client, page: MoePage): Session {
  const session = new Session(client);
  page.session = session;
  void session.start();
  return session;
}
