/** The kernel tests as a page: the same files, bundled, with the browser's own WebGPU in the place of Node's. */
import { resolve } from 'node:path';
import { build } from 'vite';
import { type Server, servePages } from './hosts.ts';

/** What the page tells of its tests. */
export interface Told {
  passed: number;
  /** Name and reason. */
  readonly failed: string[];
  done: boolean;
}

/** What stands in for packages, by name. */
const INSTEAD: Readonly<Record<string, string>> = {
  webgpu: 'export const globals = {}; export const create = () => navigator.gpu;',
  vitest: `
    import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
    for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
    export const expect = chai.expect;
    export * from '@vitest/runner';`,
};

/** Runs the files one after the other, and says how each test ended. */
const page = (files: readonly string[]) => `
  import { startTests } from '@vitest/runner';
  const files = { ${files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(resolve(file))})`).join()} };
  const told = (window.told = { passed: 0, failed: [], done: false });
  const end = (name, { state, errors = [] } = {}) => {
    if (state === 'pass') told.passed++;
    if (state === 'fail') told.failed.push([name, ...errors.map(({ message }) => message)].join(': '));
  };
  const runner = {
    config: {
      root: '/', setupFiles: [], name: '', passWithNoTests: false, allowOnly: false, strictTags: false, tags: [], retry: 0,
      sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' }, maxConcurrency: 1, testTimeout: 300000, hookTimeout: 300000,
    },
    importFile: (file) => files[file](),
    onAfterRunTask: (test) => end(test.name, test.result),
    onAfterRunSuite: (suite) => suite.result?.state === 'fail' && suite.result.errors?.length && end(suite.name, suite.result),
  };
  try {
    await startTests(Object.keys(files), runner);
  } catch (error) {
    told.failed.push(String(error?.stack ?? error));
  }
  told.done = true;`;

/** @param files from the repository's root. */
export async function serveTests(files: readonly string[]): Promise<Server> {
  const entry = '\0tests';
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'instead',
        enforce: 'pre',
        resolveId: (id) => (id === entry || Object.hasOwn(INSTEAD, id) ? `\0${id}` : null),
        load: (id) => (id === `\0${entry}` ? page(files) : (INSTEAD[id.slice(1)] ?? null)),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      rolldownOptions: { input: entry, output: { codeSplitting: false } },
    },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as { output: { code?: string }[] };
  const code = output.map((part) => part.code ?? '').join('\n');
  return servePages({
    '/': { body: '<!doctype html><title>Kernels</title><script type="module" src="tests.js"></script>' },
    '/tests.js': { body: code, type: 'text/javascript' },
  });
}
