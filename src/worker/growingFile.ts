/**
 * The file under a copy that grows: its handle, and which bytes are here. The system gives a file to one holder, and a worker may have
 * several models of one address open: the new one stands before the old one goes, and elements of a page share a worker.
 */
import { joined, lengthOf, type Ranges } from '../model/ranges.ts';

/** After so many new bytes what is there is written down: at most these are fetched again after a crash. */
export const PIECE = 2 ** 23;

/** Of a file on a server. */
interface Version {
  readonly bytes: number;
  readonly tag: string | null;
}

export class GrowingFile {
  /** Why it grows no more; null while it does. */
  notKept: string | null = null;
  /** How many models read it. */
  users = 0;
  private fresh = 0;
  private written: Promise<void> = Promise.resolve();

  /**
   * @param version that it is a copy of
   * @param here bytes of it that are there, of this version
   * @param changed it was another version when it was last read
   */
  constructor(
    readonly version: Version,
    private handle: FileSystemSyncAccessHandle | null,
    private here: Ranges,
    readonly changed: boolean,
    private readonly writeDown: (have: Ranges) => Promise<void>,
    private readonly onClose: () => void,
  ) {}

  get open(): boolean {
    return this.handle !== null;
  }

  get have(): Ranges {
    return this.here;
  }

  /** Whoever holds it leaves it once. */
  enter(): void {
    this.users++;
  }

  /** The last one closes it. */
  leave(): void {
    if (--this.users === 0) this.close();
  }

  /** false where nothing can be read. */
  read(out: Uint8Array, at: number): boolean {
    return this.handle?.read(out as Uint8Array<ArrayBuffer>, { at }) === out.length;
  }

  keep(from: number, bytes: Uint8Array): void {
    if (!this.handle) return;
    try {
      if (this.handle.write(bytes as Uint8Array<ArrayBuffer>, { at: from }) !== bytes.length) throw new Error('full');
      const have = joined(this.here, from, from + bytes.length);
      this.fresh += lengthOf(have) - lengthOf(this.here);
      this.here = have;
      if (this.fresh >= PIECE) this.note();
    } catch {
      // The disk is full: the model goes straight to the GPU.
      this.notKept = 'There was no room left to keep the file.';
      this.close();
    }
  }

  /** What the description says is here has to be on the disk first. */
  async note(): Promise<void> {
    if (this.handle && this.fresh > 0) {
      this.handle.flush();
      const fresh = this.fresh;
      const have = this.here;
      this.fresh = 0;
      // What could not be written down now is written down with the next piece.
      const again = () => {
        this.fresh += fresh;
      };
      this.written = this.written.then(() => this.writeDown(have)).catch(again);
    }
    await this.written;
  }

  private close(): void {
    if (!this.handle) return;
    void this.note();
    this.handle.close();
    this.handle = null;
    this.onClose();
  }
}
