/** The command `train`: trains a painter or a writer without a page, in Node. */
import { runCommand } from '../command.ts';
import type { Host } from '../host.ts';
import { parseTrain, TRAIN_HELP } from './options.ts';
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
    return job.task === 'text' ? trainText(job, host) : trainPainter(job, host);
  });
}
