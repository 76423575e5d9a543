/** The browser's side of inBrowser.ts: trains, and sends a line at every reading. */
import { findGpu } from '../../engine/webgpu/adapter.ts';
import { answering } from '../answer.ts';
import type { TrainAnswer, TrainAsked } from './pageProtocol.ts';
import { trainPainter } from './painter.ts';
import { trainText } from './text.ts';

/** As much as one call takes as its arguments. */
const PIECE = 8192;

function base64Of(bytes: Uint8ClampedArray): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

async function train(asked: TrainAsked): Promise<TrainAnswer> {
  // Lines cross one by one and in order; the answer must not overtake the last.
  let sent: Promise<unknown> = Promise.resolve();
  const tell = (line: string) => {
    sent = Promise.all([sent, window.moeTold!(line)]);
  };
  const place = { found: await findGpu(navigator.gpu), tell };
  if ('texts' in asked) {
    const { summary } = await trainText(asked.job, asked.texts, place);
    await sent;
    return { summary, painting: null };
  }
  const { width, height, base64 } = asked.picture;
  const data = Uint8ClampedArray.from(atob(base64), (letter) => letter.charCodeAt(0));
  const { summary, painting } = await trainPainter(asked.job, { width, height, data }, place);
  await sent;
  return { summary, painting: base64Of(painting) };
}

window.moeTrain = (asked) => answering(() => train(asked));
