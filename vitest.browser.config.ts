import { defineConfig } from 'vitest/config';

/** Those that measure: time, frames, memory, a line's speed. They have the processor, which stands in for the GPU, to themselves. */
const MEASURING =
  `abreast comparing firstPaint hostile measuring memory onDemand overLine scale training trainingFaults writing`
    .split(' ')
    .map((name) => `tests/browser/${name}.test.ts`);

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
      {
        extends: true,
        test: {
          name: 'two at once',
          include: ['tests/browser/**/*.test.ts', 'tests/elements/elements.test.ts'],
          // Pictures to look at, taken only when a folder for them is named.
          exclude: [...MEASURING, ...(process.env.MOESCOPE_SHOTS ? [] : ['tests/browser/gallery.test.ts'])],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'one at a time', include: MEASURING, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
