/** A file system of a test's own. */
import type { KeepOptions } from '../../src/worker/wholeCopy.ts';

/** As the origin's private file system, as far as kept.ts asks: one holder of a file at a time. */
export class Disk {
  readonly files = new Map<string, Uint8Array>();
  readonly held = new Set<string>();
  room = 1e9;
  /** How often a file was asked for that was held. */
  refused = 0;

  readonly storage = {
    estimate: async () => ({ quota: this.room, usage: 0 }),
    getDirectory: async () => ({ getDirectoryHandle: async () => this.folder }),
  } as unknown as KeepOptions['storage'];

  private readonly folder = {
    getFileHandle: async (name: string, { create = false } = {}) => {
      if (!this.files.has(name)) {
        if (!create) throw new DOMException('none', 'NotFoundError');
        this.files.set(name, new Uint8Array(0));
      }
      return {
        getFile: async () => new File([this.files.get(name) as Uint8Array<ArrayBuffer>], name),
        createSyncAccessHandle: async () => {
          if (this.held.has(name)) {
            this.refused++;
            throw new DOMException('held', 'NoModificationAllowedError');
          }
          this.held.add(name);
          return this.handle(name);
        },
      };
    },
  };

  private handle(name: string) {
    return {
      truncate: (size: number) => void this.files.set(name, this.files.get(name)!.slice(0, size)),
      write: (bytes: Uint8Array, { at }: { at: number }) => {
        const before = this.files.get(name)!;
        const after = new Uint8Array(Math.max(before.length, at + bytes.length));
        if (after.length > this.room) throw new DOMException('full', 'QuotaExceededError');
        after.set(before);
        after.set(bytes, at);
        this.files.set(name, after);
        return bytes.length;
      },
      read: (out: Uint8Array, { at }: { at: number }) => {
        const part = this.files.get(name)!.subarray(at, at + out.length);
        out.set(part);
        return part.length;
      },
      getSize: () => this.files.get(name)!.length,
      flush: () => {},
      close: () => void this.held.delete(name),
    };
  }
}
