/** Reads trace files for the page, which is told how far it is, may stop it, and takes what was read piece by piece. */
import { inSlices } from '../engine/inSlices.ts';
import { textOf } from '../engine/packed.ts';
import { readTrace } from '../engine/parseTrace.ts';
import { pieceOf, type TraceColumns, type TracePiece } from '../engine/traceColumns.ts';
import { checkSize } from '../engine/traceRules.ts';
import { UserError } from '../engine/types.ts';
import { CANCELLED, faultsOf } from './faults.ts';
import type { ReadTrace } from './protocol.ts';

/** A model that writes on this thread goes on in between. */
const SLICE_MILLISECONDS = 25;

export class TraceReading {
  private columns: TraceColumns | null = null;
  /** The file that is read, or was; an older one is gone. */
  private number = 0;

  /** Reads a file and keeps it until the next, or until drop(). */
  read(from: Blob | string, onProgress: (done: number) => void): Promise<ReadTrace> {
    this.drop();
    const number = this.number;
    const pause = async (done: number) => {
      onProgress(done);
      await new Promise((resolve) => setTimeout(resolve));
      if (number !== this.number) throw CANCELLED;
    };
    return faultsOf(async () => {
      checkSize(typeof from === 'string' ? from.length : from.size);
      const file = typeof from === 'string' ? from : await read(from);
      const columns = await inSlices(readTrace(file), SLICE_MILLISECONDS, pause);
      if (number !== this.number) throw CANCELLED;
      this.columns = columns;
      return { number, about: columns.about };
    });
  }

  /** Positions [from, to) of a file that was read. */
  piece(number: number, from: number, to: number): Promise<TracePiece> {
    return faultsOf(async () => {
      if (number !== this.number || !this.columns) throw CANCELLED;
      return pieceOf(this.columns, from, to);
    });
  }

  /** Stops a reading, or forgets what was read. */
  drop(): void {
    this.number++;
    this.columns = null;
  }
}

async function read(file: Blob): Promise<string> {
  try {
    return await textOf(file, checkSize);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('bad-file', 'This file could not be read.', 'It may have been moved, or be in use.');
  }
}
