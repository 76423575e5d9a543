/** Newer versions of the page: one that has arrived waits, and takes over when it is asked to, with this page alone. */
import { TAKE_OVER } from './take-over.ts';

const HOUR = 3_600_000;
/** A service worker that may take over does so at once. */
const PATIENCE_MILLISECONDS = 3000;
let looked = 0;
let asked: ServiceWorker | null = null;

const registered = async () => navigator.serviceWorker?.getRegistration();

/**
 * Takes a newer version that has arrived, which reloads the page, or looks for one, once an hour at most. To be called when
 * nobody is there; `isStill` is asked again before the reload.
 */
export async function renew(isStill: () => boolean): Promise<void> {
  try {
    const registration = await registered();
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

/** Calls `tell` once a newer version has arrived and waits for this one to go. */
export async function watchForNewer(tell: () => void): Promise<void> {
  const registration = await registered();
  if (!registration) return;
  const look = () => {
    if (registration.waiting && registration.active) tell();
  };
  const follow = () => registration.installing?.addEventListener('statechange', look);
  registration.addEventListener('updatefound', follow);
  follow();
  look();
}

/** Reloads the page with the version that waits. False while another page of the old version is open. */
export async function takeNewer(): Promise<boolean> {
  const waiting = (await registered())?.waiting;
  if (waiting) {
    const active = new Promise<boolean>((resolve) => {
      waiting.addEventListener('statechange', () => waiting.state === 'activated' && resolve(true));
      setTimeout(resolve, PATIENCE_MILLISECONDS, false);
    });
    waiting.postMessage(TAKE_OVER);
    if (!(await active)) return false;
  }
  location.reload();
  return true;
}
