import { defineConfig } from 'vitest/config';
import { posterFacts } from './scripts/posterFacts.ts';
import { repository } from './scripts/repository.ts';
import { sharePages } from './scripts/sharePages.ts';
import {
  compactShaders,
  compactStyles,
  firstPaint,
  preloadImports,
  serviceWorker,
  sharedLater,
  singleFiles,
} from './scripts/vitePlugins.ts';

export default defineConfig({
  // Relative, so that the built folder works at any path.
  base: './',
  define: {
    POSTER_FACTS: JSON.stringify(posterFacts()),
    REPOSITORY: JSON.stringify(repository()),
    SOURCE_ADDRESS: JSON.stringify(process.env.MOESCOPE_SOURCE ?? ''),
  },
  plugins: [
    compactStyles(),
    compactShaders(),
    preloadImports(),
    sharePages(process.env.MOESCOPE_SITE),
    singleFiles({ 'moe-scope': 'src/embed/single.ts', 'moe-scope-worker': 'src/worker/worker.ts' }),
    serviceWorker(),
  ],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: {
      // Beside the page, one MoE layer as a module for other programs; its name is part of what is promised to them.
      input: { index: 'index.html', embed: 'embed.html', 'moe-layer': 'src/engine/webgpu/moeLayer.ts' },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === 'moe-layer' ? 'moe-layer.js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [...firstPaint(), ...sharedLater()] },
      },
    },
  },
  worker: { format: 'es', plugins: () => [compactShaders()] },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/browser/**', 'tests/elements/**', '**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    // One less would leave a processor idle once the tests of the browser are through.
    maxWorkers: '100%',
    // Beside the tests of the browser they get what those leave idle.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
