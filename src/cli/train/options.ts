/** The command line of `npm run train`. */

import type { PainterShape } from '../../reference/painter/shape.ts';
import { type Balance, DEFAULT_SETTINGS, DEFAULT_SHAPE, MOST_EXPERTS, type Model } from '../../train/types.ts';
import { parseOptions, wrong } from '../options.ts';

export const TRAIN_HELP = `train: teach a small Mixture of Experts, or its dense twin, to paint a picture

  npm run -s train -- --task painter --model moe [--steps 1000] [--seed 0] [--json]

what is trained
  --task painter       (x, y) → colour, on one picture
  --model NAME         moe; dense-active: as much work for each pixel; dense-total: as many parameters (moe)
  --experts N          ${DEFAULT_SHAPE.experts}       --k N   experts of a pixel, ${DEFAULT_SHAPE.k}       --hidden N   width of an expert, ${DEFAULT_SHAPE.hidden}
  --octaves N          how finely a place is described (${DEFAULT_SHAPE.octaves})
  --router WHAT        place or features: what the router reads (place)
  --picture FILE       a binary PPM; without it, the cat drawn for this project
  --size N             of the drawn picture (256)

how
  --steps N            (1000)          --batch N   pixels of a step (4096)
  --seed N             same seed and device: same numbers (0)
  --rate R             (${DEFAULT_SETTINGS.rate}); falls over the last 30 % of the steps
  --constant           the rate does not fall
  --balance NAME       aux: a balancing loss; bias: loss-free; none (aux)
  --device NAME        webgpu or cpu (webgpu)

what comes out
  --every N            steps between two readings (100)
  --out FILE           the painting, as PPM
  --json               one JSON object on stdout
`;

export interface TrainJob {
  readonly model: Model;
  readonly shape: PainterShape;
  readonly picture: string | null;
  readonly size: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly rate: number;
  readonly constant: boolean;
  readonly balance: Balance;
  readonly device: 'webgpu' | 'cpu';
  readonly every: number;
  readonly out: string | null;
  readonly json: boolean;
}

const STRINGS =
  'task model experts k hidden octaves router picture size steps batch seed rate balance device every out'.split(' ');
const OPTIONS = Object.fromEntries([
  ...STRINGS.map((name) => [name, { type: 'string' as const }]),
  ...['constant', 'json', 'help'].map((name) => [name, { type: 'boolean' as const }]),
]);

/** @throws UserError bad-input */
export function parseTrain(argv: readonly string[]): TrainJob | 'help' {
  const values = parseOptions(argv, OPTIONS) as Record<string, string | boolean | undefined>;
  if (values.help || argv.length === 0) return 'help';
  const text = (name: string) => values[name] as string | undefined;
  function oneOf<T extends string>(name: string, list: readonly T[], usual: T): T {
    const found = list.find((each) => each === (text(name) ?? usual));
    if (!found) throw wrong(`--${name} is one of ${list.join(', ')}, not "${text(name)?.slice(0, 60)}".`);
    return found;
  }
  function whole(name: string, usual: number, low: number, high: number, multiple = 1): number {
    const value = Number(text(name) ?? usual);
    if (Number.isInteger(value) && value >= low && value <= high && value % multiple === 0) return value;
    const of = multiple > 1 ? `, a multiple of ${multiple}` : '';
    throw wrong(`--${name} needs a whole number from ${low} to ${high}${of}, not "${text(name)?.slice(0, 60)}".`);
  }
  oneOf('task', ['painter'], 'painter');
  const rate = Number(text('rate') ?? DEFAULT_SETTINGS.rate);
  if (!(rate > 0 && rate <= 10))
    throw wrong(`--rate needs a number above 0 and up to 10, not "${text('rate')?.slice(0, 60)}".`);
  const experts = whole('experts', DEFAULT_SHAPE.experts, 1, MOST_EXPERTS);
  return {
    model: oneOf('model', ['moe', 'dense-active', 'dense-total'], 'moe'),
    shape: {
      ...DEFAULT_SHAPE,
      experts,
      k: whole('k', Math.min(DEFAULT_SHAPE.k, experts), 1, Math.min(8, experts)),
      hidden: whole('hidden', DEFAULT_SHAPE.hidden, 4, 512, 4),
      octaves: whole('octaves', DEFAULT_SHAPE.octaves, 1, 12),
      routerReads: oneOf('router', ['place', 'features'], 'place'),
    },
    picture: text('picture') ?? null,
    size: whole('size', 256, 8, 2048),
    steps: whole('steps', 1000, 1, 1_000_000),
    batch: whole('batch', 4096, 1, 65536),
    seed: whole('seed', 0, 0, 2 ** 32 - 1),
    rate,
    constant: values.constant === true,
    balance: oneOf('balance', ['aux', 'bias', 'none'], 'aux'),
    device: oneOf('device', ['webgpu', 'cpu'], 'webgpu'),
    every: whole('every', 100, 1, 1_000_000),
    out: text('out') ?? null,
    json: values.json === true,
  };
}
