/** Where the MoE stops being cheaper than a twin as batches grow, or starts to be. */
import type { Crossing, SweepPoint, SweepRow } from './contract.ts';

const AGAINST = ['same-active', 'same-total', 'all-on'] as const;
const QUANTITIES = {
  time: ({ time }: SweepRow) => time.median,
  bytesRead: ({ bytesRead }: SweepRow) => bytesRead,
} as const;

/** Between neighbouring batch sizes, interpolated in log N and the log of the ratio. */
export function crossings(points: readonly SweepPoint[]): Crossing[] {
  const found: Crossing[] = [];
  for (const quantity of ['time', 'bytesRead'] as const) {
    for (const against of AGAINST) {
      for (let i = 1; i < points.length; i++) {
        const [before, after] = [points[i - 1], points[i]].map((point) => logRatio(point, quantity, against));
        if (before === null || after === null || Math.sign(before) * Math.sign(after) >= 0) continue;
        const share = before / (before - after);
        const [low, high] = [points[i - 1].tokens, points[i].tokens].map(Math.log);
        const then = after > 0 ? 'dearer' : 'cheaper';
        found.push({ quantity, against, tokens: Math.exp(low + share * (high - low)), then });
      }
    }
  }
  return found;
}

/** Above 0 where the MoE is dearer. */
function logRatio(
  { rows }: SweepPoint,
  quantity: keyof typeof QUANTITIES,
  against: (typeof AGAINST)[number],
): number | null {
  const [moe, twin] = (['moe', against] as const).map((kind) => rows.find((row) => row.kind === kind));
  return moe && twin ? Math.log(QUANTITIES[quantity](moe) / QUANTITIES[quantity](twin)) : null;
}
