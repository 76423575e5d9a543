/** The command `train`: trains a painter or a writer without the page, in Node or in a headless browser. */
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import { UserError } from '../../model/errors.ts';
import { writePpm } from '../../train/ppm.ts';
import { runCommand, writeOut } from '../command.ts';
import type { Host } from '../host.ts';
import { openNodeGpu } from '../nodeGpu.ts';
import { sentPicture, trainInBrowser } from './inBrowser.ts';
import { pictureOf, textsOf } from './input.ts';
import { type PainterJob, parseTrain, type TextJob, TRAIN_HELP } from './options.ts';
import { trainPainter } from './painter.ts';
import { trainText } from './text.ts';

/** Runs a command line; returns the exit code. */
export function main(argv: readonly string[], host: Host): Promise<number> {
  return runCommand('train', host, async () => {
    const job = parseTrain(argv);
    if (job === 'help') {
      host.out(TRAIN_HELP);
      return 0;
    }
    let found: FoundGpu | null = null;
    if (job.device === 'webgpu') {
      found = await openNodeGpu(host);
      const restarted = found ? null : await host.restart?.();
      if (typeof restarted === 'number') return restarted;
      if (!found)
        throw new UserError(
          'no-adapter',
          'No GPU and no software driver was found.',
          'Try --device browser, or --device cpu.',
        );
    }
    const summary = job.task === 'text' ? await write(job, found, host) : await paint(job, found, host);
    if (job.json) host.out(`${JSON.stringify(summary, null, 2)}\n`);
    return 0;
  });
}

async function paint(job: PainterJob, found: FoundGpu | null, host: Host): Promise<object> {
  const { out } = job;
  const picture = await pictureOf(job);
  // Made now, so that a place that cannot be written is found before the work is done.
  if (out !== null) await writeOut(out, '');
  const { summary, painting } =
    job.device === 'browser'
      ? await trainInBrowser(host, { job, picture: sentPicture(picture) })
      : await trainPainter(job, picture, { found, tell: host.err });
  if (out !== null && painting) await writeOut(out, writePpm({ ...picture, data: new Uint8ClampedArray(painting) }));
  return summary;
}

async function write(job: TextJob, found: FoundGpu | null, host: Host): Promise<object> {
  const texts = await textsOf(job, host);
  const { summary } =
    job.device === 'browser'
      ? await trainInBrowser(host, { job, texts })
      : await trainText(job, texts, { found, tell: host.err });
  return summary;
}
