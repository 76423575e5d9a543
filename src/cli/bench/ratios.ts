/** The ratios that the benchmark was made for, each from rows that were timed in turns. */
import type { Summary } from '../../compare/timing.ts';
import type { Budget, Group, ModelRow, Ratio, Row } from './report.ts';

type Find = (id: string) => Row | undefined;

/** How many times as long `other` takes. */
export const byTime = (mine: Summary, other: Summary) => ({
  value: other.median / mine.median,
  quickest: other.low / mine.low,
});

/** How many times as many tokens a second `mine` makes. */
export const bySpeed = (mine: Summary, other: Summary) => ({
  value: mine.median / other.median,
  quickest: mine.high / other.high,
});

/** How many times quicker `id` is than `than`; null where one of them was not timed. */
function quicker(find: Find, id: string, than: string) {
  const [mine, other] = [find(id)?.time, find(than)?.time];
  return mine && other ? byTime(mine, other) : null;
}

/** @param software what only a real GPU can show is then told, not asked for. */
export function ratiosOf(
  groups: readonly Group[],
  models: readonly ModelRow[],
  software: boolean,
  budget: Budget | null = null,
): Ratio[] {
  const rows = groups.flatMap((group) => group.rows);
  const find: Find = (id) => rows.find((row) => row.id === id);
  const ratios: (Ratio | null)[] = [];
  const add = (
    what: string,
    found: Pick<Ratio, 'value' | 'quickest'> | null,
    atLeast: number | null = null,
    atMost: number | null = null,
  ) => ratios.push(found && { what, ...found, atLeast, atMost });
  for (const type of ['f32', 'q4_0']) {
    const at = (name: string) => `grouped-${type}/${name} ${type}`;
    add(
      `grouped GEMM ${type}, balanced, against dense of equal FLOPs`,
      quicker(find, at('balanced'), at('dense')),
      0.9,
    );
    const skewed = quicker(find, at('balanced'), at('skewed'));
    add(`grouped GEMM ${type}, time of skewed by balanced`, skewed, null, 1.3);
    add(`grouped GEMM ${type}, time of uniform by balanced`, quicker(find, at('balanced'), at('uniform')));
  }
  for (const tokens of [1, 128]) {
    for (const twin of ['same-active', 'same-total', 'all-on']) {
      const block = `block-t${tokens}`;
      add(`MoE block at T = ${tokens} against ${twin}`, quicker(find, `${block}/moe`, `${block}/${twin}`));
    }
  }
  const [moe, ...twins] = models;
  for (const twin of twins) {
    add(`decode of ${moe.id} against ${twin.id}`, bySpeed(moe.decode, twin.decode));
    add(`prefill of ${moe.id} against ${twin.id}`, bySpeed(moe.prefill, twin.prefill));
  }
  for (const kind of ['decode', 'prefill'] as const) {
    const of = budget?.[kind];
    add(
      `${kind} with all experts there that came on demand, against from the start`,
      of ? { value: of.median, quickest: of.median } : null,
      0.98,
    );
  }
  const large = find('large/layer q4_0');
  if (large?.time && large.roofline) {
    const { least, share } = large.roofline;
    const found = { value: share, quickest: least / large.time.low };
    add('large layer: share of the measured read bandwidth', found, software ? null : 0.8);
  }
  return ratios.filter((ratio) => ratio !== null);
}
