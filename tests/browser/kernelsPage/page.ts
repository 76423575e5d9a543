/** Runs one file of the kernel tests in this page, `?file=plan.test.ts`, and tells how each test went. */
import { startTests, type Task, type VitestRunner } from '@vitest/runner';

const files = import.meta.glob('../../kernels/*.test.ts');
const file = `../../kernels/${new URLSearchParams(location.search).get('file')}`;

export interface Run {
  /** What failed, and why. */
  readonly failures: string[];
  passed: number;
  over: boolean;
}

const run: Run = { failures: [], passed: 0, over: false };
Object.assign(globalThis, { run });

const tell = ({ name, suite, result }: Task) => {
  if (result?.state === 'pass') run.passed++;
  const said = result?.errors?.map(({ message }) => message).join('\n');
  if (result?.state === 'fail') run.failures.push([suite?.name, name, said].filter(Boolean).join(': '));
};

const runner: VitestRunner = {
  config: {
    root: '/',
    name: 'firefox',
    setupFiles: [],
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: false,
  },
  importFile: (path) => files[path](),
  onAfterRunTask: tell,
};

try {
  // A file that cannot be read, and hooks of its own, fail with it.
  for (const { name, result } of await startTests([file], runner))
    for (const { message } of result?.errors ?? []) run.failures.push(`${name}: ${message}`);
} catch (error) {
  run.failures.push(String(error));
}
run.over = true;
