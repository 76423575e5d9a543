/** The command `bench`: reads the command line, runs the benchmark where it says, prints a table and writes the data. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../model/errors.ts';
import { answered } from '../answer.ts';
import { sendFile, withPage } from '../browser.ts';
import { runCommand, writeOut } from '../command.ts';
import type { Host } from '../host.ts';
import { openNodeGpu } from '../nodeGpu.ts';
import { runPeers } from '../peers/peers.ts';
import { peersTable } from '../peers/table.ts';
import { type BenchOptions, HELP, parseBenchOptions } from './args.ts';
import { BENCH_MODELS } from './pageProtocol.ts';
import type { Report } from './report.ts';
import { type BenchJob, isEmpty, runBench, wrongRows } from './run.ts';
import { table } from './table.ts';

/** The shipped models: the MoE and its dense twins. */
const MODELS = ['moe', 'dense-active', 'dense-total'];
const WRONG = 3;

const platform = `${process.platform} ${process.arch}`;
const pathOf = (host: Host, file: string) => join(host.root, 'public/models', file);

async function inNode(host: Host, job: BenchJob): Promise<Report | number> {
  const found = await openNodeGpu(host);
  if (!found) {
    const code = await host.restart?.();
    if (code !== undefined) return code;
    throw new UserError(
      'no-webgpu',
      'Node finds no WebGPU device: no Vulkan driver.',
      'Run it in the browser instead.',
    );
  }
  return runBench(job, {
    found,
    host: { runtime: 'node', version: process.version, platform },
    fetchFile: async (file) => new Uint8Array(await readFile(pathOf(host, file))),
    log: (text) => host.err(`${text}\n`),
  });
}

async function inBrowser(host: Host, job: BenchJob): Promise<Report> {
  const routes = Object.fromEntries(
    await Promise.all(
      [...job.models.map((name) => `${name}.gguf`), 'heldout.json'].map(
        async (file) => [BENCH_MODELS + file, await sendFile(pathOf(host, file))] as const,
      ),
    ),
  );
  return withPage(host, new URL('./page.html', import.meta.url), routes, async (page, browser) => {
    await page.exposeFunction('moeLog', (text: string) => host.err(`${text}\n`));
    await page.waitForFunction('window.moeBench !== undefined');
    const where = { runtime: 'browser' as const, version: `Chromium ${browser.version()}`, platform };
    const answer = await page.evaluate(([wanted, at]) => window.moeBench!(wanted, at), [job, where] as const);
    return answered(answer).report;
  });
}

async function run(options: BenchOptions, host: Host): Promise<number> {
  const { json, runtime, quick, only, search, large } = options;
  // Made now, so that a place that cannot be written is found before the work is done.
  if (json !== null) await writeOut(json, '');
  const save = async (data: object) => {
    if (json !== null) await writeOut(json, `${JSON.stringify(data, null, 1)}\n`);
  };
  if (options.peers) {
    const report = await runPeers(options, host);
    await save(report);
    host.out(peersTable(report));
    return 0;
  }
  const job = { quick, only, search, large, models: MODELS };
  const report = runtime === 'node' ? await inNode(host, job) : await inBrowser(host, job);
  if (typeof report === 'number') return report;
  await save(report);
  host.out(table(report));
  if (isEmpty(report))
    throw new UserError('bad-input', `Nothing that runs here is called “${only}”.`, 'Without --only all is run.');
  const wrong = wrongRows(report);
  if (wrong.length === 0) return 0;
  host.err(`Wrong results, so not timed: ${wrong.join(', ')}.\n`);
  return WRONG;
}

/** Runs a command line; returns the exit code. */
export function main(argv: readonly string[], host: Host): Promise<number> {
  return runCommand('bench', host, async () => {
    const options = parseBenchOptions(argv);
    if (options !== 'help') return run(options, host);
    host.out(HELP);
    return 0;
  });
}
