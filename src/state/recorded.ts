/** What reads a recording, in one file to be fetched beside it. */
export { inSlices } from '../engine/inSlices.ts';
export { readTrace } from '../engine/parseTrace.ts';
export { pieceOf } from '../engine/traceColumns.ts';
