import { defineConfig } from 'vitest/config';

/**
 * Those that mostly wait, for the page's own delays above all, and measure no time: two at once. The others, whose pages compute
 * on the processor that stands in for the GPU, have it to themselves.
 */
const WAITING =
  `accessible address chat columns elsewhere exchange faults firstScreen guest keyboard kinds models offline package
  playlist proof runs scenes scripts split staticHosts tour workerFaults`
    .split(/\s+/)
    .map((name) => `tests/browser/${name}.test.ts`)
    .concat('tests/elements/elements.test.ts');

/** The built page in a real browser. `MOESCOPE_URL` tests a page that is served elsewhere instead of dist/. */
export default defineConfig({
  test: {
    globalSetup: 'tests/browser/serve.ts',
    environment: 'node',
    pool: 'forks',
    // A condition is waited for as long as a slow machine needs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      { extends: true, test: { name: 'two at once', include: WAITING, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'one at a time',
          include: ['tests/browser/**/*.test.ts'],
          // Pictures to look at, taken only when a folder for them is named.
          exclude: [...WAITING, ...(process.env.MOESCOPE_SHOTS ? [] : ['tests/browser/gallery.test.ts'])],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
