/** As the origin's private file system, as far as kept.ts asks, in a folder of this machine. */
import { closeSync, fsyncSync, ftruncateSync, openAsBlob, openSync, readSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepOptions } from '../../src/worker/wholeCopy.ts';

export function fileDisk(folder: string): NonNullable<KeepOptions['storage']> {
  const getFileHandle = async (name: string, { create = false } = {}) => {
    const path = join(folder, name);
    if (!create && !(await readdir(folder)).includes(name)) throw new DOMException('none', 'NotFoundError');
    return {
      getFile: () => openAsBlob(path),
      createSyncAccessHandle: async () => {
        const file = openSync(path, (await readdir(folder)).includes(name) ? 'r+' : 'w+');
        return {
          truncate: (size: number) => ftruncateSync(file, size),
          write: (bytes: Uint8Array, { at }: { at: number }) => writeSync(file, bytes, 0, bytes.length, at),
          read: (out: Uint8Array, { at }: { at: number }) => readSync(file, out, 0, out.length, at),
          flush: () => fsyncSync(file),
          close: () => closeSync(file),
        };
      },
    };
  };
  return {
    estimate: async () => ({ quota: 1e12, usage: 0 }),
    getDirectory: async () => ({ getDirectoryHandle: async () => ({ getFileHandle }) }),
  } as unknown as NonNullable<KeepOptions['storage']>;
}
