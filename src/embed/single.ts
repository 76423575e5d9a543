/**
 * moe-scope.js: the element as one file, its worker inside. Imported where there is no DOM it does nothing; a second copy on
 * the same page leaves the first one alone.
 */
import EngineWorker from '../worker/worker.ts?worker&inline';

const here = import.meta.url;

if (typeof customElements !== 'undefined' && !customElements.get('moe-scope')) {
  void import('./define.ts').then(({ define }) =>
    define({ folder: new URL('.', here).href, createWorker: () => new EngineWorker({ name: 'engine' }) }),
  );
}
