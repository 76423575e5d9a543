/** The report as a person reads it. */
import type { Limit } from '../../compare/limits.ts';
import type { Summary } from '../../compare/timing.ts';
import type { FlipRun, Flips } from '../../compare/types.ts';
import type { Budget, Group, ModelRow, Ratio, Report, Row } from './report.ts';

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${(1000 * milliseconds).toPrecision(3)} µs`;
  return milliseconds < 1000 ? `${milliseconds.toPrecision(3)} ms` : `${(milliseconds / 1000).toPrecision(3)} s`;
}

export const spread = ({ median, spread: half }: Summary) => `${((100 * half) / median).toFixed(1)} %`;
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
export const exponent = (error: number | null) => (error === null ? '' : error.toExponential(1));

function group({ title, rows }: Group): string {
  const head = ['', 'time', '±', 'n', 'wall', 'roofline', 'bound by', 'error'];
  return `${title}\n${columns([head, ...rows.map(row)])}`;
}

function row({ id, time, wall, roofline, error }: Row): string[] {
  const name = id.slice(id.indexOf('/') + 1);
  if (!time) return [name, 'WRONG', '', '', '', '', '', exponent(error)];
  return [
    name,
    duration(time.median),
    spread(time),
    String(time.samples),
    wall ? duration(wall.median) : '',
    roofline ? percent(roofline.share) : '',
    roofline?.bound ?? '',
    exponent(error),
  ];
}

function models(rows: readonly ModelRow[]): string {
  const head = ['', 'decode tok/s', '±', 'prefill tok/s', '±', 'n', 'dispatches', 'submits', 'API per token', 'error'];
  const title = `Whole models: a prompt of ${rows[0].promptTokens} tokens, then ${rows[0].drawnTokens} drawn; dispatches, submits and API time per drawn token`;
  const cells = rows.map((model) => [
    model.id,
    model.decode.median.toFixed(1),
    spread(model.decode),
    model.prefill.median.toFixed(1),
    spread(model.prefill),
    String(model.decode.samples),
    String(model.dispatchesPerToken),
    model.submitsPerToken.toFixed(2),
    duration(model.apiPerToken.median),
    exponent(model.error),
  ]);
  return `${title}\n${columns([head, ...cells])}`;
}

function limits({ limits: { bytes, read, copy, fma }, submit }: Report): string {
  const rate = (name: string, { rate: value, spread: half, samples }: Limit, unit: string) => [
    name,
    `${(value / 1e9).toPrecision(3)} ${unit}`,
    percent(half / value),
    String(samples),
  ];
  return `Limits of the machine\n${columns([
    ['', 'rate', '±', 'n'],
    rate(`reading ${bytes / 2 ** 20} MiB`, read, 'GB/s'),
    rate(`copying ${bytes / 2 ** 20} MiB, both ways counted`, copy, 'GB/s'),
    rate('multiply-add, f32', fma, 'GFLOP/s'),
    ['an empty submit', duration(submit.median), spread(submit), String(submit.samples)],
  ])}`;
}

function search({ search: found, tuning }: Report): string {
  const now = Object.entries(tuning)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
  if (!found) return `Kernels: the default, not searched: ${now}`;
  const families = found.families.map(({ family, work, candidates, chosen }) => {
    const rows = candidates.map(({ name, time, error }) => [
      name + (name === chosen ? ' (chosen)' : ''),
      time ? duration(time.median) : error === null ? 'does not run' : 'wrong',
      time ? spread(time) : '',
      time ? String(time.samples) : '',
      exponent(error),
    ]);
    return `${family}: ${work}\n${columns([['', 'time', '±', 'n', 'difference'], ...rows])}`;
  });
  return [`Kernels: searched in ${duration(found.milliseconds)}, now ${now}`, ...families].join('\n');
}

function budget({ promptTokens, drawnTokens, prefill, decode }: Budget): string {
  const row = (name: string, ratio: Summary) => [
    name,
    `${ratio.median.toFixed(3)}×`,
    spread(ratio),
    String(ratio.samples),
  ];
  const title = `All experts there, come on demand, against from the start: speeds of a prompt of ${promptTokens} tokens and ${drawnTokens} drawn, by pairs`;
  return `${title}\n${columns([['', 'ratio', '±', 'n'], row('decode', decode), row('prefill', prefill)])}`;
}

const RUNS: Readonly<Record<FlipRun['run'], string>> = {
  f32: 'activations in f32',
  'f16 cache': 'keys and values in f16',
  q8_0: 'experts in q8_0',
  q4_0: 'experts in q4_0',
  device: 'this device',
};

/** Of all choices and by their margins: how many came out otherwise than in float64. */
function flips({ tokens, types, runs }: Flips): string {
  const again = types.includes('q4_0')
    ? ' The file has experts in q4_0: another q4_0 lies across its blocks, see docs/benchmark.md.'
    : '';
  const [{ buckets }] = runs;
  const head = ['', 'weights ±', 'other experts', ...buckets.map(({ below }) => `< ${below}`)];
  const rows = runs.map(({ run, change, flips: count, decisions, buckets: own }) => [
    RUNS[run],
    change === null ? '' : percent(change),
    `${count} of ${decisions}`,
    ...own.map((bucket) => `${bucket.flips}/${bucket.decisions}`),
  ]);
  const title = `Router flips: ${tokens} tokens of held-out text, every token and layer a choice, against float64 with the file's values; by the margin p(k) - p(k+1).${again}`;
  return `${title}\n${columns([head, ...rows])}`;
}

export function ratioTable(all: readonly Ratio[]): string {
  const rows = all.map(({ what, value, quickest, atLeast, atMost }) => [
    what,
    `${value.toFixed(2)}×`,
    `${quickest.toFixed(2)}×`,
    atLeast !== null ? `at least ${atLeast}×` : atMost !== null ? `at most ${atMost}×` : '',
    verdict(value, atLeast, atMost),
  ]);
  return `Ratios, each of rows timed in turns\n${columns([['', 'medians', 'quickest', 'wanted', ''], ...rows])}`;
}

function verdict(value: number, atLeast: number | null, atMost: number | null): string {
  if (atLeast === null && atMost === null) return '';
  return value >= (atLeast ?? 0) && value <= (atMost ?? Number.POSITIVE_INFINITY) ? 'met' : 'missed';
}

/** All of it, with what the times are worth first. */
export function table(report: Report): string {
  const { adapter, host, clock, quick } = report;
  const parts = [
    `${adapter.name} · ${host.runtime} ${host.version} · ${host.platform} · ${report.date}`,
    `${Object.entries(adapter.info)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')}\nfeatures: ${adapter.features.join(', ')}`,
  ];
  if (adapter.software)
    parts.push('A software adapter: its times mean nothing about a GPU. Compare within this run alone.');
  if (quick) parts.push('--quick: small shapes and few samples; the numbers mean little.');
  parts.push(
    `Times are medians of n samples of at least 20 ms by ${clock === 'timestamps' ? 'GPU timestamps' : 'the wall clock'}, ± half the interquartile range.`,
    limits(report),
    search(report),
    ...report.groups.map(group),
  );
  if (report.models.length > 0) parts.push(models(report.models));
  if (report.flips) parts.push(flips(report.flips));
  if (report.budget) parts.push(budget(report.budget));
  if (report.ratios.length > 0) parts.push(ratioTable(report.ratios));
  const memory = report.memory.map(({ what, bytes }) => [what, `${(bytes / 2 ** 20).toFixed(1)} MiB`]);
  if (memory.length > 0) parts.push(`Memory beyond weights and KV cache\n${columns(memory)}`);
  if (report.skipped.length > 0)
    parts.push(report.skipped.map(({ what, why }) => `Not measured: ${what} (${why})`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}
