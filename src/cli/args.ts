/** The command line: its words, their checks and the help text. */
import { parseArgs } from 'node:util';
import type { Sampling } from '../engine/types.ts';
import type { CacheFormat } from '../kernels/cache.ts';
import { UserError } from '../model/errors.ts';

export const HELP = `moe: run a Mixture-of-Experts model (GGUF: qwen3moe, qwen3, olmoe, granitemoe) from the command line

  npm run -s moe -- --model FILE.gguf --prompt "…" [--tokens 64] [--seed 1]     writes text to stdout
  npm run -s moe -- --model FILE.gguf --ids 1,2,3 --logits OUT.f32              one pass, no drawing

what goes in
  --model FILE         the GGUF file
  --prompt TEXT        the text to continue
  --ids 1,2,3          token ids instead of a text
  --special            read control tokens such as <|end|> in the prompt as tokens

how it is written
  --tokens N           tokens to draw at most (64)
  --seed N             same seed, prompt and device: same text (1)
  --temperature T      0 is greedy (0.8)
  --top-k K            keep the K likeliest, 0 keeps all (40)
  --top-p P            keep the likeliest that reach P together (0.95)
  --device NAME        webgpu or cpu (webgpu)
  --kv FORMAT          keys and values in f32 or, on WebGPU, f16: half the memory, rounded (f32)

what comes out
  --json               one JSON object on stdout instead of the text
  --logits FILE        float32 little-endian [T, V] of the prompt or ids; nothing is drawn
  --trace FILE         routing of every position, as docs/trace.md says
  --help

Timings go to stderr. Exit code 2: something you can mend, said in one sentence; 1: a fault of this program.
`;

export interface CliOptions {
  readonly model: string;
  /** One of the two is set. */
  readonly prompt: string | null;
  readonly ids: readonly number[] | null;
  readonly special: boolean;
  readonly tokens: number;
  readonly sampling: Sampling;
  readonly device: 'webgpu' | 'cpu';
  readonly kv: CacheFormat;
  readonly json: boolean;
  readonly logits: string | null;
  readonly trace: string | null;
}

const wrong = (message: string) => new UserError('bad-input', message, 'Run with --help to see all options.');

function number(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw wrong(`--${name} needs a number, not "${text}".`);
  return value;
}

function idList(text: string): number[] {
  return text.split(',').map((part) => {
    if (!/^\s*\d+\s*$/.test(part))
      throw wrong(`--ids needs token ids with commas between them, not "${text.slice(0, 60)}".`);
    return Number(part);
  });
}

const STRINGS = [
  'model',
  'prompt',
  'ids',
  'tokens',
  'seed',
  'temperature',
  'top-k',
  'top-p',
  'device',
  'kv',
  'logits',
  'trace',
];
const FLAGS = ['special', 'json', 'help'];
const OPTIONS = Object.fromEntries([
  ...STRINGS.map((name) => [name, { type: 'string' as const }]),
  ...FLAGS.map((name) => [name, { type: 'boolean' as const }]),
]);

function parse(argv: readonly string[]): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values as Record<string, string | boolean>;
  } catch (error) {
    throw wrong(`${(error as Error).message.split(/[.\n]/)[0]}.`);
  }
}

/** Options of a command line, or 'help'. Throws UserError('bad-input'). Sampling values are checked by the engine. */
export function parseCommandLine(argv: readonly string[]): CliOptions | 'help' {
  const values = parse(argv);
  if (values.help || argv.length === 0) return 'help';
  const text = (name: string) => values[name] as string | undefined;
  const model = text('model');
  if (!model) throw wrong('--model is missing: which GGUF file?');
  const prompt = text('prompt') ?? null;
  const ids = text('ids');
  if ((prompt === null) === (ids === undefined)) throw wrong('Give either --prompt or --ids.');
  const device = text('device') ?? 'webgpu';
  if (device !== 'webgpu' && device !== 'cpu') throw wrong(`--device is webgpu or cpu, not "${device}".`);
  const kv = text('kv') ?? 'f32';
  if (kv !== 'f32' && kv !== 'f16') throw wrong(`--kv is f32 or f16, not "${kv}".`);
  if (kv === 'f16' && device === 'cpu')
    throw wrong('The CPU keeps keys and values in full precision: --kv f16 goes without --device cpu.');
  const tokens = number('tokens', text('tokens'), 64);
  if (!Number.isInteger(tokens) || tokens < 1) throw wrong(`--tokens needs a whole number from 1 up, not ${tokens}.`);
  return {
    model,
    prompt,
    ids: ids === undefined ? null : idList(ids),
    special: values.special === true,
    tokens,
    sampling: {
      temperature: number('temperature', text('temperature'), 0.8),
      topK: number('top-k', text('top-k'), 40),
      topP: number('top-p', text('top-p'), 0.95),
      seed: number('seed', text('seed'), 1),
    },
    device,
    kv,
    json: values.json === true,
    logits: text('logits') ?? null,
    trace: text('trace') ?? null,
  };
}
