/** What is learned, from files. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UserError } from '../../model/errors.ts';
import type { Pixels } from '../../reference/painter/inputs.ts';
import { drawnPicture } from '../../train/drawn.ts';
import { readPpm } from '../../train/ppm.ts';
import type { NamedText } from '../../train/saved.ts';
import { kindsOfText } from '../../train/text/corpus.ts';
import { withFile } from '../command.ts';
import type { Host } from '../host.ts';
import type { PainterJob, TextJob } from './options.ts';

/** What the shipped MoE wrote: training/write_corpus.py. */
const WRITTEN = 'public/recordings/written.txt.gz';

/** @throws UserError bad-input */
export async function pictureOf({ picture, size }: PainterJob): Promise<Pixels> {
  if (picture === null) return drawnPicture(size);
  const read = readPpm(await withFile(picture, () => readFile(picture)));
  if (read) return read;
  throw new UserError(
    'bad-input',
    `The file ${picture} is no binary PPM (P6, 8 bits).`,
    'Write one with: magick picture.png -depth 8 picture.ppm',
  );
}

/** @throws UserError bad-input */
export async function textsOf({ files }: TextJob, { root }: Host): Promise<NamedText[]> {
  const texts = await Promise.all(
    (files.length ? files : [`${root}/${WRITTEN}`]).map(async (file) => {
      const bytes = await withFile(file, () => readFile(file));
      const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
      return kindsOfText(basename(file).replace(/\.[^.]*$/, ''), text);
    }),
  );
  return texts.flat();
}
