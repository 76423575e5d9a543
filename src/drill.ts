/** Drills for the page's own fault paths. */

import type { Session } from './state/session/session.ts';
import type { Client } from './state/worker/client.ts';

/**
 * Takes the GPU away: with `?drill=lose-device` once the live text has begun, with `?drill=sleep` while it is held, as when
 * a laptop is shut in the middle of a talk.
 */
export function drill(session: Session, client: Client): void {
  const held = new URLSearchParams(location.search).get('drill') === 'sleep';
  const timer = setInterval(() => {
    if (session.source.get().kind !== 'live' || session.trace.generated() < 12) return;
    if (held && session.phase.get() !== 'paused') return;
    clearInterval(timer);
    console.info('The GPU is taken away.');
    client.loseDevice();
  }, 50);
}
