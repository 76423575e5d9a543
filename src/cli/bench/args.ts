/** The command line of the benchmark. */
import { parseOptions, wrong } from '../options.ts';

export const HELP = `bench: time this project's kernels and models on this machine, each result checked first

  npm run -s bench                              headless Chromium, on the GPU if there is one
  npm run -s bench -- --runtime node            Node and Dawn, where there is no browser
  npm run -s bench -- --json OUT.json           the data as well as the table
  npm run -s bench -- --peers                   other engines in the same browser, in turns with this one

what is timed
  --only REGEX         rows whose group/name matches, such as 'grouped' or 'kernels/gemm f32'; also 'models', 'flips' (of
                       routers, by rounding) and 'budget' (all experts there, come on demand)
  --quick              small shapes, three rounds, the MoE alone: does it run? The numbers mean little
  --large              the large layer on a software adapter too (minutes, 2 GB)
  --search             search for the quickest kernels first (the default on a GPU)
  --no-search          do not (the default on a software adapter)
  --rounds N           of the peers (3)

where
  --runtime NAME       browser or node (browser)

what comes out
  --json FILE          everything that was measured, as JSON
  --help

Environment: CHROMIUM_PATH, CHROMIUM_ARGS, MOESCOPE_SOFTWARE=1 (the software adapter even where there is a GPU).
Progress goes to stderr. Exit code 3: a result was wrong; 2: something you can mend; 1: a fault of this program.
How it is measured, and what was: docs/benchmark.md.
`;

export interface BenchOptions {
  readonly runtime: 'browser' | 'node';
  readonly json: string | null;
  readonly only: string;
  readonly quick: boolean;
  readonly large: boolean;
  readonly search: boolean | null;
  readonly peers: boolean;
  readonly rounds: number;
}

const OPTIONS = {
  runtime: { type: 'string' },
  json: { type: 'string' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean' },
  large: { type: 'boolean' },
  search: { type: 'boolean' },
  peers: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Options of a command line, or 'help'. @throws UserError bad-input */
export function parseBenchOptions(argv: readonly string[]): BenchOptions | 'help' {
  const values = parseOptions(argv, OPTIONS);
  if (values.help) return 'help';
  const { runtime = 'browser', only = '', rounds = '3', json = null, search = null } = values;
  if (runtime !== 'browser' && runtime !== 'node') throw wrong(`--runtime is browser or node, not "${runtime}".`);
  try {
    new RegExp(only);
  } catch {
    throw wrong(`--only needs a regular expression, not "${only}".`);
  }
  if (!/^[1-9]\d{0,2}$/.test(rounds)) throw wrong(`--rounds needs a whole number from 1 to 999, not "${rounds}".`);
  const { quick = false, large = false, peers = false } = values;
  if (peers && runtime === 'node') throw wrong('The peers run in a browser: --peers goes without --runtime node.');
  return { runtime, json, only, quick, large, search, peers, rounds: Number(rounds) };
}
