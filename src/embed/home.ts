/** Where the element comes from: set once, by the entry that defines it. */
import { filesAreAt } from '../state/models/catalog.ts';
import { EngineWorker } from '../state/worker/engine-worker.ts';

export interface Home {
  /** The folder of models/, recordings/ and the whole page; null where a bundler has moved the script away from it. */
  readonly folder: string | null;
  /** The worker that comes with the element, used where no `worker-url` names another. */
  readonly createWorker: () => Worker | Promise<Worker>;
}

/** Where docs/embedding.md has the folder copied to when a bundler takes the script. */
const BUNDLED_FOLDER = '/moescope/';
const MISSING = 'Copy the folder of the package there, or name the one that has it: <moe-scope folder="…">.';

let home: Home | null = null;
let folder: string | null = null;
let workerUrl: string | null = null;
let forbidden = false;
const engineWorker = new EngineWorker(
  () => (workerUrl ? workerFrom(workerUrl) : home!.createWorker()),
  (reason) => (forbidden ? FORBIDDEN : reason),
);

const FORBIDDEN =
  'This page’s Content-Security-Policy forbids it: allow worker-src blob:, or name a script of this site in worker-url.';

document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  if (effectiveDirective === 'worker-src') forbidden = true;
});

export function settle(place: Home): void {
  home = place;
  filesAreAt(ownFolder(), MISSING);
}

/** Where the files are looked for when no element names a folder. */
const ownFolder = (): string => home!.folder ?? new URL(BUNDLED_FOLDER, document.baseURI).href;

const asFolder = (url: string): string => new URL(url.replace(/\/?$/, '/'), document.baseURI).href;

/** Where the whole page is, for an element that may name the folder itself. */
export const pageUrl = (own: string | null): string => folder ?? (own ? asFolder(own) : ownFolder());

/** The folder of all elements on this page. The first element that starts chooses. */
export function useFolder(own: string | null): void {
  folder ??= own ? asFolder(own) : ownFolder();
  filesAreAt(folder, MISSING);
}

/** The one worker of all elements on this page. The first element that starts chooses its script. */
export function engineWorkerOf(url: string | null): EngineWorker {
  workerUrl ??= url && new URL(url, document.baseURI).href;
  return engineWorker;
}

/**
 * A worker from any address: the script of another origin, which no worker may be, is read and made one of this page's own.
 * A sandboxed frame without an origin has only others; in Chrome it may have no module workers, so the script is a plain one.
 * @throws Error when the script cannot be had.
 */
export async function workerFrom(url: string): Promise<Worker> {
  const name = 'engine';
  if (new URL(url).origin === self.origin) return new Worker(url, { type: 'module', name });
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The worker script could not be loaded: the server answered ${response.status}.`);
  return new Worker(URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' })), { name });
}
