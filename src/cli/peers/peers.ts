/** `bench --peers`: installs the other engines when they are first asked for, and times them in one browser. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { UserError } from '../../model/errors.ts';
import type { BenchOptions } from '../bench/args.ts';
import { sendFile, sendFolder, withPage } from '../browser.ts';
import type { Host } from '../host.ts';
import { describeJob, LAYER_PEERS, MATMUL_PEERS, type PeerJob, peerJobs } from './configs.ts';
import { PEERS_PATH } from './contender.ts';
import { PEERS_MODEL } from './pageProtocol.ts';
import { peerRatios } from './ratios.ts';
import type { PeerConfig, PeerModelRow, PeersReport } from './report.ts';

const PACKAGES = ['onnxruntime-web', '@wllama/wllama', '@tensorflow/tfjs-backend-webgpu'];
/** A contender that hangs (a browser's GPU process may) must not hold up the others. */
const PATIENCE = 240_000;

/** The folder with the other engines' packages; @throws UserError network where they cannot be installed. */
async function install(host: Host): Promise<string> {
  const folder = join(host.root, 'bench/peers');
  const modules = join(folder, 'node_modules');
  if (PACKAGES.every((name) => existsSync(join(modules, name, 'package.json')))) return modules;
  host.err('installing the other engines into bench/peers …\n');
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await promisify(execFile)(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0] ?? String(error);
    throw new UserError('network', `The other engines could not be installed: ${said}`, 'Run npm ci in bench/peers.');
  }
  return modules;
}

async function versionsOf(modules: string): Promise<Record<string, string>> {
  const version = async (name: string) =>
    [name, JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8')).version] as const;
  return Object.fromEntries(await Promise.all(PACKAGES.map(version)));
}

/** Each job in a page of its own: what one leaves behind does not weigh on the next. */
export async function runPeers(options: BenchOptions, host: Host): Promise<PeersReport> {
  const modules = await install(host);
  const routes = {
    [PEERS_MODEL]: await sendFile(join(host.root, 'public/models/moe.gguf')),
    [PEERS_PATH]: sendFolder(modules),
  };
  return withPage(host, new URL('./page.html', import.meta.url), routes, async (first, browser) => {
    const url = first.url();
    const inPage = async <T>(what: string, act: (page: Page) => Promise<T>): Promise<T> => {
      host.err(`${what} …\n`);
      const page = await browser.newPage();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no result in ${PATIENCE / 1000} s`)), PATIENCE);
      });
      try {
        await page.goto(url);
        await page.waitForFunction('window.moePeers !== undefined');
        return await Promise.race([act(page), late]);
      } finally {
        clearTimeout(timer);
        await page.close().catch(() => {});
      }
    };
    const adapter = await inPage('adapter', (page) => page.evaluate(() => window.moePeers!.adapter()));
    const { software } = adapter;
    const tuning =
      (options.search ?? !software)
        ? await inPage('search', (page) => page.evaluate(() => window.moePeers!.search()))
        : {};
    const { rounds, only } = options;
    const settings = { rounds, only, tuning };
    const configs: PeerConfig[] = [];
    for (const job of peerJobs(software).filter((each) => isWanted(each, only))) {
      configs.push(
        await inPage(`${job.id}: ${describeJob(job)}`, (page) =>
          page.evaluate(([wanted, how]) => window.moePeers!.compare(wanted, how), [job, settings] as const),
        ).catch((error: Error) => failedConfig(job, error)),
      );
    }
    const isModelWanted = ['ours', 'wllama'].some((peer) => new RegExp(only).test(`model/${peer}`));
    const rows = isModelWanted
      ? await inPage('the shipped model', (page) =>
          page.evaluate((how) => window.moePeers!.models(how), settings),
        ).catch((error: Error): PeerModelRow[] => [
          { peer: 'all', ranOn: '', prefill: null, decode: null, note: `failed: ${error.message.slice(0, 300)}` },
        ])
      : [];
    return {
      moescopePeers: 1,
      date: new Date().toISOString(),
      host: {
        runtime: 'browser',
        version: `Chromium ${browser.version()}`,
        platform: `${process.platform} ${process.arch}`,
      },
      adapter,
      tuning,
      versions: await versionsOf(modules),
      configs,
      model:
        rows.length > 0 ? { what: 'public/models/moe.gguf, 64 tokens drawn after a prompt of about 128', rows } : null,
      ratios: peerRatios(configs, rows),
    };
  });
}

const peersOf = ({ kind }: PeerJob): readonly string[] => (kind === 'matmul' ? MATMUL_PEERS : LAYER_PEERS);

const isWanted = (job: PeerJob, only: string) =>
  peersOf(job).some((peer) => new RegExp(only).test(`${job.id}/${peer}`));

const failedConfig = (job: PeerJob, { message }: Error): PeerConfig => ({
  id: job.id,
  what: describeJob(job),
  rows: [{ peer: 'all', time: null, error: null, note: `failed: ${message.slice(0, 300)}` }],
});
