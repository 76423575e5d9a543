import { defineConfig } from 'vitest/config';

/** The built page in a real browser. `MOESCOPE_URL` tests a page that is served elsewhere instead of dist/. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    // Pictures to look at, taken only when a folder for them is named.
    exclude: process.env.MOESCOPE_SHOTS ? [] : ['tests/browser/gallery.test.ts'],
    globalSetup: 'tests/browser/serve.ts',
    environment: 'node',
    pool: 'forks',
    // One browser at a time: they would share the processor that stands in for the GPU.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A condition is waited for as long as a slow machine needs.
    expect: { poll: { timeout: 30_000 } },
  },
});
