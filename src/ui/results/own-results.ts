/** What was measured on this visit, read by the reader that all cards go through: what it refuses is not offered to others. */
import { PUBLISHED } from '../../compare/publishedTable.ts';
import { readCard } from '../../state/results/reader.ts';
import { isTimed } from '../../state/saves/quality-points.ts';
import type { Session } from '../../state/session/session.ts';
import { layerReport } from '../saves/layer-report.ts';
import { qualityReport } from '../saves/quality-report.ts';
import { jsonOf, type Report } from '../saves/report.ts';
import { sweepReport } from '../saves/sweep-report.ts';
import type { Own } from './add-yours.ts';

/** By what was measured, because a report is made anew at every drawing. */
const read = new WeakMap<object, Own | null>();

function ownOf(measured: object, report: () => Report, link: (repeat: string) => string): Own | null {
  const known = read.get(measured);
  if (known !== undefined) return known;
  const made = report();
  const json = jsonOf(made, link(made.repeat));
  let own: Own | null;
  try {
    own = { result: readCard(json), json };
  } catch {
    own = null;
  }
  read.set(measured, own);
  return own;
}

export function ownResults({ comparing, published, quality, pageLink }: Session): Own[] {
  const link = (repeat: string) => pageLink.link({ view: 'saves', write: false, until: null, repeat });
  const sweep = comparing.found.get();
  const written = quality.result.get();
  const own = [
    sweep && ownOf(sweep, () => sweepReport(sweep), link),
    written && isTimed(written) && ownOf(written, () => qualityReport(written), link),
    ...published.timings.get().map((timing) => {
      const model = PUBLISHED.find(({ id }) => id === timing.id);
      return model && ownOf(timing, () => layerReport(timing, model), link);
    }),
  ];
  return own.filter((each): each is Own => Boolean(each));
}
