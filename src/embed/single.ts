/**
 * moe-scope.js: the element as one file, its worker inside. Imported where there is no DOM it does nothing; a second copy on
 * the same page leaves the first one alone and says so.
 */
import { version } from '../../package.json';
import EngineWorker from '../worker/worker.ts?worker&inline';

/** The package has a copy for bundlers where this is undefined: there it would be a path of the machine that builds. */
const here: string | undefined = import.meta.url;
const { customElements: registry } = globalThis;

if (registry) {
  const first = registry.get('moe-scope') as { readonly version?: string } | undefined;
  if (first) {
    console.info(
      `moescope ${version}${here ? ` from ${here}` : ''} is left unused: this page has <moe-scope> ${first.version ?? 'of another make'} already.`,
    );
  } else {
    void import('./define.ts').then(({ define }) =>
      define({
        // Not new URL('.', here): put together, that is what bundlers take for a file to be brought along.
        folder: here ? here.replace(/[?#].*$/, '').replace(/[^/]*$/, '') : null,
        createWorker: () => new EngineWorker({ name: 'engine' }),
      }),
    );
  }
}
