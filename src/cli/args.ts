/** The command line: its words, their checks and the help text. */
import { fits, RANGES, type RangeName, readDecimal, wanted } from '../engine/ranges.ts';
import type { Sampling } from '../engine/types.ts';
import type { CacheFormat } from '../kernels/cache.ts';
import { parseOptions, wrong } from './options.ts';

/** A terminal is not read as long as a page. */
const USUAL_TOKENS = 64;

export const HELP = `moe: run a Mixture-of-Experts model (GGUF) from the command line

  npm run -s moe -- --model FILE.gguf --prompt "…" [--tokens 64] [--seed 1]     writes text to stdout
  npm run -s moe -- --model FILE.gguf --ids 1,2,3 --logits OUT.f32              one pass, no drawing

what goes in
  --model FILE         the GGUF file; of a split one any part, the others lie beside it
  --prompt TEXT        the text to continue
  --ids 1,2,3          token ids instead of a text
  --special            read control tokens such as <|end|> in the prompt as tokens
  --chat               the prompt is a question, put into the marks of the file's chat template

how it is written
  --tokens N           tokens to draw at most (${USUAL_TOKENS})
  --seed N             same seed, prompt and device: same text (${RANGES.seed.usual})
  --temperature T      0 is greedy (${RANGES.temperature.usual})
  --top-k K            keep the K likeliest, 0 keeps all (${RANGES.topK.usual})
  --top-p P            keep the likeliest that reach P together (${RANGES.topP.usual})
  --device NAME        webgpu or cpu (webgpu)
  --experts-on-gpu N   of each layer N experts on the GPU at a time, the others fetched when asked for: same text, less memory (all)
  --prefetch           with them: guess a layer ahead what will be asked for
  --kv FORMAT          keys and values in f32 or, on WebGPU, f16: half the memory, rounded (f32)

what comes out
  --json               one JSON object on stdout instead of the text
  --logits FILE        float32 little-endian [T, V] of the prompt or ids; nothing is drawn
  --trace FILE         routing of every position, as docs/trace.md says
  --cache-of TRACE     no model: what a cache of experts would have done with that trace, as a table or --json
  --help

Timings go to stderr. Exit code 2: something you can mend, said in one sentence; 1: a fault of this program.
`;

export interface CacheOptions {
  readonly cacheOf: string;
  readonly json: boolean;
}

export interface CliOptions {
  readonly model: string;
  /** One of the two is set. */
  readonly prompt: string | null;
  readonly ids: readonly number[] | null;
  readonly special: boolean;
  readonly chat: boolean;
  readonly tokens: number;
  readonly sampling: Sampling;
  readonly device: 'webgpu' | 'cpu';
  readonly kv: CacheFormat;
  readonly expertsOnGpu?: number;
  readonly prefetch: boolean;
  readonly json: boolean;
  readonly logits: string | null;
  readonly trace: string | null;
}

function number(option: string, name: RangeName, text: string | undefined, usual: number = RANGES[name].usual): number {
  if (text === undefined) return usual;
  const value = readDecimal(text);
  if (fits(RANGES[name], value)) return value;
  throw wrong(`--${option} needs ${wanted(RANGES[name])}, not "${text.slice(0, 60)}".`);
}

function countOfExperts(text: string | undefined): number | undefined {
  if (text === undefined || text === 'all') return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw wrong(`--experts-on-gpu needs a whole number from 1 on, or all, not "${text.slice(0, 60)}".`);
  return Number(text);
}

function idList(text: string): number[] {
  return text.split(',').map((part) => {
    if (!/^\s*\d+\s*$/.test(part))
      throw wrong(`--ids needs token ids with commas between them, not "${text.slice(0, 60)}".`);
    return Number(part);
  });
}

const STRINGS =
  'cache-of model prompt ids tokens seed temperature top-k top-p device kv experts-on-gpu logits trace'.split(' ');
const FLAGS = ['special', 'chat', 'prefetch', 'json', 'help'];
const OPTIONS = Object.fromEntries([
  ...STRINGS.map((name) => [name, { type: 'string' as const }]),
  ...FLAGS.map((name) => [name, { type: 'boolean' as const }]),
]);

/** Options of a command line, or 'help'. Throws UserError('bad-input'). */
export function parseCommandLine(argv: readonly string[]): CliOptions | CacheOptions | 'help' {
  const values = parseOptions(argv, OPTIONS) as Record<string, string | boolean | undefined>;
  if (values.help || argv.length === 0) return 'help';
  const text = (name: string) => values[name] as string | undefined;
  const cacheOf = text('cache-of');
  if (cacheOf !== undefined) {
    const others = Object.keys(values).filter((name) => values[name] && name !== 'cache-of' && name !== 'json');
    if (others.length > 0) throw wrong(`--cache-of goes with --json alone, not with --${others[0]}.`);
    return { cacheOf, json: values.json === true };
  }
  const model = text('model');
  if (!model) throw wrong('--model is missing: which GGUF file?');
  const prompt = text('prompt') ?? null;
  const ids = text('ids');
  if ((prompt === null) === (ids === undefined)) throw wrong('Give either --prompt or --ids.');
  if (values.chat && prompt === null) throw wrong('--chat goes with --prompt, not with --ids.');
  const device = text('device') ?? 'webgpu';
  if (device !== 'webgpu' && device !== 'cpu') throw wrong(`--device is webgpu or cpu, not "${device}".`);
  const kv = text('kv') ?? 'f32';
  if (kv !== 'f32' && kv !== 'f16') throw wrong(`--kv is f32 or f16, not "${kv}".`);
  if (kv === 'f16' && device === 'cpu')
    throw wrong('The CPU keeps keys and values in full precision: --kv f16 goes without --device cpu.');
  const expertsOnGpu = countOfExperts(text('experts-on-gpu'));
  if (expertsOnGpu !== undefined && device === 'cpu')
    throw wrong('The CPU has all experts in memory: --experts-on-gpu goes without --device cpu.');
  if (values.prefetch && expertsOnGpu === undefined)
    throw wrong('--prefetch goes with --experts-on-gpu: all experts are on the GPU without it.');
  return {
    model,
    prompt,
    ids: ids === undefined ? null : idList(ids),
    special: values.special === true,
    chat: values.chat === true,
    tokens: number('tokens', 'length', text('tokens'), USUAL_TOKENS),
    sampling: {
      temperature: number('temperature', 'temperature', text('temperature')),
      topK: number('top-k', 'topK', text('top-k')),
      topP: number('top-p', 'topP', text('top-p')),
      seed: number('seed', 'seed', text('seed')),
    },
    device,
    kv,
    expertsOnGpu,
    prefetch: values.prefetch === true,
    json: values.json === true,
    logits: text('logits') ?? null,
    trace: text('trace') ?? null,
  };
}
