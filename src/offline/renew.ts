/** Newer versions for a page that is never closed. */
import { TAKE_OVER } from './take-over.ts';

const HOUR = 3_600_000;
let looked = 0;
let asked: ServiceWorker | null = null;

/**
 * Takes a newer version that has arrived, which reloads the page, or looks for one, once an hour at most. To be called when
 * nobody is there; `isStill` is asked again before the reload.
 */
export async function renew(isStill: () => boolean): Promise<void> {
  try {
    const workers = navigator.serviceWorker;
    const registration = await workers?.getRegistration();
    const waiting = registration?.waiting;
    if (waiting) {
      if (waiting !== asked) {
        asked = waiting;
        const reload = () => {
          if (waiting.state === 'activated' && isStill()) location.reload();
        };
        waiting.addEventListener('statechange', reload);
      }
      waiting.postMessage(TAKE_OVER);
    } else if (Date.now() - looked > HOUR) {
      looked = Date.now();
      await registration?.update();
    }
  } catch {
    // No network, or not allowed here: the version that runs goes on.
  }
}
