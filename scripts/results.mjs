// npm run -s results: checks the cards in results/, writes public/results.json and the table in docs/benchmark.md, and prints it.
import { readFileSync, writeFileSync } from 'node:fs';
import { runnerImport } from 'vite';

const { module } = await runnerImport('scripts/results.ts', { configFile: false, logLevel: 'error' });
try {
  const results = module.readResults('results');
  const document = module.withTable(readFileSync('docs/benchmark.md', 'utf8'), results);
  writeFileSync('docs/benchmark.md', document);
  writeFileSync('public/results.json', module.pageFile(results));
  process.stdout.write(`${module.tableOf(results)}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
