/** What the commands share: their exit codes, and failures of the file system that are the user's to mend. */
import { openAsBlob } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { UserError } from '../model/errors.ts';
import { partNames } from '../model/parts.ts';
import { type ByteSource, blobSource } from '../model/source.ts';
import type { Host } from './host.ts';

const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'lies in something that is no folder',
  EACCES: 'may not be opened',
  EROFS: 'cannot be written: the disk is read-only',
  ENOSPC: 'cannot be written: the disk is full',
  ERR_FS_FILE_TOO_LARGE: 'is larger than 2 GiB, more than can be read',
};

export async function withFile<T>(path: string, act: () => Promise<T>, troubles = FILE_TROUBLE): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const trouble = troubles[(error as NodeJS.ErrnoException).code ?? ''];
    if (!trouble) throw error;
    throw new UserError('bad-input', `The file ${path} ${trouble}.`);
  }
}

/** @throws UserError bad-input */
export function writeOut(path: string, data: string | Uint8Array): Promise<void> {
  const troubles = { ...FILE_TROUBLE, ENOENT: 'cannot be written: its folder does not exist' };
  return withFile(path, () => writeFile(path, data), troubles);
}

/** A model's file, or all files of a split one, by the path of any: read piece by piece, of any size. @throws UserError bad-input */
export async function modelSources(path: string): Promise<ByteSource[]> {
  const sources: ByteSource[] = [];
  for (const each of partNames(path) ?? [path]) sources.push(await fileSource(each));
  return sources;
}

function fileSource(path: string): Promise<ByteSource> {
  return withFile(path, async () => {
    // A folder opens, and only reading it fails.
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' });
    return blobSource(await openAsBlob(path));
  });
}

/** Runs a command; 2 where the user can mend what went wrong, said in one sentence; 1 where it is the program's fault. */
export async function runCommand(name: string, host: Host, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UserError)) {
      host.err(`This is a fault of ${name} itself: ${(error as Error).stack ?? error}\n`);
      return 1;
    }
    host.err(`${[error.message, error.hint].filter(Boolean).join(' ')}\n`);
    return 2;
  }
}
