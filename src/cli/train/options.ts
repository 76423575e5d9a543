/** The command line of `npm run train`. */

import type { PainterShape } from '../../reference/painter/shape.ts';
import type { TextShape } from '../../reference/text/shape.ts';
import { TEXT_SHAPE, TEXTS } from '../../train/text/types.ts';
import { type Balance, DEFAULT_SETTINGS, DEFAULT_SHAPE, MOST_EXPERTS, type Model } from '../../train/types.ts';
import { parseOptions, wrong } from '../options.ts';

export const TRAIN_HELP = `train: teach a small Mixture of Experts, or its dense twin, to paint a picture or to write

  npm run -s train -- --task painter --model moe [--steps 1000] [--seed 0] [--json]
  npm run -s train -- --task text [--text a.txt --text b.txt] [--model moe] [--json]

what is trained
  --task NAME          painter: (x, y) → colour, on one picture; text: the next character
  --model NAME         moe; dense-active: as much work for each pixel or character; dense-total: as many parameters (moe)
  --experts N          ${DEFAULT_SHAPE.experts}       --k N   experts of a pixel, ${DEFAULT_SHAPE.k}; of a character, ${TEXT_SHAPE.k}
  --hidden N           width of an expert (${DEFAULT_SHAPE.hidden})

the painter
  --octaves N          how finely a place is described (${DEFAULT_SHAPE.octaves})
  --router WHAT        place or features: what the router reads (place)
  --picture FILE       a binary PPM; without it, the cat drawn for this project
  --size N             of the drawn picture (256)
  --out FILE           the painting, as PPM

the text
  --text FILE          one kind of text, UTF-8; a file with lines “=== NAME ===” has several. Again and again; without it,
                       what the shipped MoE wrote
  --context N          characters read at once (${TEXT_SHAPE.context})     --heads N   of attention (${TEXT_SHAPE.heads})
  --write N            so many characters of each kind at the end (0)     --temperature T   (0.7)

how
  --steps N            (1000)          --batch N   pixels or characters of a step (4096)
  --seed N             same seed and device: same numbers (0)
  --rate R             (${DEFAULT_SETTINGS.rate}); falls over the last 30 % of the steps
  --constant           the rate does not fall
  --balance NAME       aux: a balancing loss; bias: loss-free; none (aux)
  --device NAME        webgpu: Node's; browser: a headless browser's; cpu: without a GPU (webgpu)

what comes out
  --every N            steps between two readings (100)
  --json               one JSON object on stdout
`;

interface Job {
  readonly model: Model;
  readonly steps: number;
  readonly seed: number;
  readonly rate: number;
  readonly constant: boolean;
  readonly balance: Balance;
  readonly device: 'webgpu' | 'browser' | 'cpu';
  readonly every: number;
  readonly json: boolean;
}

export interface PainterJob extends Job {
  readonly task: 'painter';
  readonly shape: PainterShape;
  readonly picture: string | null;
  readonly size: number;
  /** Pixels of a step. */
  readonly batch: number;
  readonly out: string | null;
}

export interface TextJob extends Job {
  readonly task: 'text';
  readonly shape: Omit<TextShape, 'characters'>;
  readonly files: readonly string[];
  /** Texts of a step. */
  readonly texts: number;
  readonly write: number;
  readonly temperature: number;
}

const SHARED = 'task model experts k hidden steps batch seed rate balance device every'.split(' ');
const OWN = {
  painter: 'octaves router picture size out'.split(' '),
  text: 'context heads write temperature'.split(' '),
};
const OPTIONS = {
  ...Object.fromEntries([...SHARED, ...OWN.painter, ...OWN.text].map((name) => [name, { type: 'string' as const }])),
  ...Object.fromEntries(['constant', 'json', 'help'].map((name) => [name, { type: 'boolean' as const }])),
  text: { type: 'string' as const, multiple: true },
};

type Values = Record<string, string | boolean | string[] | undefined>;

/** Reads one option after the other. */
class Reader {
  constructor(readonly values: Values) {}

  text(name: string): string | undefined {
    return this.values[name] as string | undefined;
  }

  oneOf<T extends string>(name: string, list: readonly T[], usual: T): T {
    const found = list.find((each) => each === (this.text(name) ?? usual));
    if (!found) throw wrong(`--${name} is one of ${list.join(', ')}, not "${this.text(name)?.slice(0, 60)}".`);
    return found;
  }

  whole(name: string, usual: number, low: number, high: number, multiple = 1): number {
    const value = Number(this.text(name) ?? usual);
    if (Number.isInteger(value) && value >= low && value <= high && value % multiple === 0) return value;
    const of = multiple > 1 ? `, a multiple of ${multiple}` : '';
    throw wrong(`--${name} needs a whole number from ${low} to ${high}${of}, not "${this.text(name)?.slice(0, 60)}".`);
  }

  number(name: string, usual: number, high: number, from: 'above 0 and up' | 'from 0'): number {
    const value = Number(this.text(name) ?? usual);
    if (value <= high && (value > 0 || (value === 0 && from === 'from 0'))) return value;
    throw wrong(`--${name} needs a number ${from} to ${high}, not "${this.text(name)?.slice(0, 60)}".`);
  }
}

/** @throws UserError bad-input */
export function parseTrain(argv: readonly string[]): PainterJob | TextJob | 'help' {
  const values = parseOptions(argv, OPTIONS) as Values;
  if (values.help || argv.length === 0) return 'help';
  const read = new Reader(values);
  const task = read.oneOf('task', ['painter', 'text'], 'painter');
  const other = task === 'text' ? OWN.painter : [...OWN.text, 'text'];
  const misplaced = other.find((name) => values[name] !== undefined);
  if (misplaced) throw wrong(`--${misplaced} means nothing to --task ${task}.`);
  const experts = read.whole('experts', DEFAULT_SHAPE.experts, 1, MOST_EXPERTS);
  const usualK = task === 'text' ? TEXT_SHAPE.k : DEFAULT_SHAPE.k;
  const block = {
    experts,
    k: read.whole('k', Math.min(usualK, experts), 1, Math.min(8, experts)),
    hidden: read.whole('hidden', DEFAULT_SHAPE.hidden, 4, 512, 4),
  };
  const job: Job = {
    model: read.oneOf('model', ['moe', 'dense-active', 'dense-total'], 'moe'),
    steps: read.whole('steps', 1000, 1, 1_000_000),
    seed: read.whole('seed', 0, 0, 2 ** 32 - 1),
    rate: read.number('rate', DEFAULT_SETTINGS.rate, 10, 'above 0 and up'),
    constant: values.constant === true,
    balance: read.oneOf('balance', ['aux', 'bias', 'none'], 'aux'),
    device: read.oneOf('device', ['webgpu', 'browser', 'cpu'], 'webgpu'),
    every: read.whole('every', 100, 1, 1_000_000),
    json: values.json === true,
  };
  return task === 'text' ? textJob(read, job, block) : painterJob(read, job, block);
}

type Block = Pick<PainterShape, 'experts' | 'k' | 'hidden'>;

function painterJob(read: Reader, job: Job, block: Block): PainterJob {
  return {
    ...job,
    task: 'painter',
    shape: {
      ...DEFAULT_SHAPE,
      ...block,
      octaves: read.whole('octaves', DEFAULT_SHAPE.octaves, 1, 12),
      routerReads: read.oneOf('router', ['place', 'features'], 'place'),
    },
    picture: read.text('picture') ?? null,
    size: read.whole('size', 256, 8, 2048),
    batch: read.whole('batch', 4096, 1, 65536),
    out: read.text('out') ?? null,
  };
}

function textJob(read: Reader, job: Job, block: Block): TextJob {
  const files = (read.values.text ?? []) as string[];
  const context = read.whole('context', TEXT_SHAPE.context, 2, 1024);
  const heads = Number(read.oneOf('heads', ['1', '2', '4', '8', '16'], `${TEXT_SHAPE.heads}` as '4'));
  return {
    ...job,
    task: 'text',
    shape: { ...TEXT_SHAPE, ...block, context, heads },
    files,
    texts: read.whole('batch', TEXTS * context, context, 65536, context) / context,
    write: read.whole('write', 0, 0, 1000),
    temperature: read.number('temperature', 0.7, 10, 'from 0'),
  };
}
