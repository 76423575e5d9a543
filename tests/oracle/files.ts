/** GGUF files for the oracle: written to a temporary folder, or a shipped one with all its tensors as F32. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dequantise } from '../../src/model/dequantise.ts';
import { parseGguf } from '../../src/model/gguf.ts';
import { readTensors } from '../../src/model/placing.ts';
import { type RawMetadata, writeGguf } from '../model/writeGguf.ts';

export interface Folder {
  /** Writes the bytes, returns the path. */
  write(name: string, bytes: Uint8Array): string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'moescope-oracle-'));
  return {
    write(name, bytes) {
      const file = join(path, name);
      writeFileSync(file, bytes);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The metadata section, byte for byte: from behind the header to the first tensor's description. */
function rawMetadata(bytes: Uint8Array): RawMetadata {
  const { metadata, infos } = parseGguf(bytes);
  const name = new TextEncoder().encode(infos[0].name);
  const description = Buffer.alloc(8 + name.length + 4);
  description.writeBigUInt64LE(BigInt(name.length));
  description.set(name, 8);
  description.writeUInt32LE(infos[0].shape.length, 8 + name.length);
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(description);
  return { count: metadata.size, bytes: bytes.subarray(24, end) };
}

/** The same model with every tensor as F32: exactly the numbers the quantised file stands for. */
export function asF32(bytes: Uint8Array): Uint8Array {
  const tensors = [...readTensors(parseGguf(bytes)).values()];
  return writeGguf(
    rawMetadata(bytes),
    tensors.map((tensor) => ({ name: tensor.name, shape: tensor.shape, type: 'f32', values: dequantise(tensor) })),
  );
}
