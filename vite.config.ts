import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Relative, so that the built folder works at any path.
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: {
      // Beside the page, one MoE layer as a module for other programs; its name is part of what is promised to them.
      input: { index: 'index.html', 'moe-layer': 'src/engine/webgpu/moeLayer.ts' },
      preserveEntrySignatures: 'exports-only',
      output: { entryFileNames: ({ name }) => (name === 'moe-layer' ? 'moe-layer.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/browser/**', '**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
