/** The slow suite: many damaged and hostile inputs, and how long the worst of them hold the page up. */
import type { Host } from '../../src/cli/host.ts';
import { demand } from './demand.ts';
import { headers } from './headers.ts';
import { links } from './links.ts';
import { memory } from './memory.ts';
import { models } from './models.ts';
import { page } from './page.ts';
import { runSuite } from './random.ts';
import { real } from './real.ts';
import { GRANITE, OLMOE, shapedFile } from './shapes.ts';
import { traces } from './traces.ts';
import { training } from './training.ts';

const HELP = `npm run slow [-- --seed N] [--part P]   P: what part of the cases is run, from 0 to 1 (1); --only NAME: one suite\n`;

/** The exit code: 0 where nothing failed. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const option = (name: string) => {
    const at = argv.indexOf(`--${name}`);
    return at < 0 ? null : argv[at + 1];
  };
  if (argv.includes('--help')) {
    host.out(HELP);
    return 0;
  }
  const seed = Number(option('seed') ?? 1);
  const part = Number(option('part') ?? 1);
  const only = option('only');
  const of = (count: number) => Math.ceil(count * part);
  const suites = [traces(of(15_000)), memory, links(of(6_000)), models(of(25_000)), headers(of(100_000))];
  let failures = 0;
  for (const suite of suites) if (!only || suite.name.startsWith(only)) failures += await runSuite(suite, seed);
  if (!only || only === 'real') failures += await real(host, shapedFile(GRANITE));
  // By its name alone: a processor that plays GPU holds its 4 GB in memory.
  if (only === 'olmoe') failures += await real(host, shapedFile(OLMOE));
  if (!only || only === 'training') failures += await training(host, part);
  if (!only || only === 'demand') failures += await demand(host);
  if (!only || only === 'page') failures += await page(host);
  console.log(`${failures} failures in all`);
  return failures === 0 ? 0 : 1;
}
