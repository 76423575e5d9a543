/** Where the tensors of a GGUF file lie: nothing of what its header says is trusted. */
import { UserError } from './errors.ts';
import { badFile, type GgufFile, type GgufHeader, quote } from './gguf.ts';
import { byteLength, TENSOR_TYPES, typeName } from './tensorTypes.ts';
import type { Tensor } from './types.ts';

/** Where a tensor's bytes lie, from the header's `start` on. */
export interface PlacedTensor extends Pick<Tensor, 'name' | 'type' | 'shape'> {
  readonly offset: number;
  readonly bytes: number;
}

/** The tensors, as views of the file's own bytes. Throws as placeTensors() does. */
export function readTensors(file: GgufFile): Map<string, Tensor> {
  const view = ({ name, type, shape, offset, bytes }: PlacedTensor): Tensor => ({
    ...{ name, type, shape },
    data: file.data.subarray(offset, offset + bytes),
  });
  return new Map(placeTensors(file, file.data.length).map((tensor) => [tensor.name, view(tensor)]));
}

/**
 * Where the tensors lie in the `room` behind the header. Throws 'unsupported-model' for a storage format that is not read here
 * and 'bad-file' where the bytes are not all there, not aligned, or claimed by two tensors.
 */
export function placeTensors(file: GgufHeader, room: number): PlacedTensor[] {
  const tensors: PlacedTensor[] = [];
  let end = 0;
  let previous = '';
  for (const { name, typeId, shape, offset } of [...file.infos].sort((a, b) => a.offset - b.offset)) {
    const type = TENSOR_TYPES.get(typeId);
    if (!type) {
      throw new UserError(
        'unsupported-model',
        `Tensor ${quote(name)} is stored as ${typeName(typeId)}, which is not supported.`,
        'Supported are F32, F16, BF16, Q8_0, Q4_0 to Q5_1, Q2_K to Q6_K, IQ4_NL, IQ4_XS and MXFP4: choose a file in one of them.',
      );
    }
    const size = byteLength(type, shape);
    if (size === null)
      throw badFile(`Tensor ${quote(name)} has the impossible shape [${shape.join(', ')}] for ${type}.`);
    if (offset % file.alignment !== 0) throw badFile(`Tensor ${quote(name)} does not start at an aligned offset.`);
    if (offset + size > room) throw badFile(`The file ends before tensor ${quote(name)} does: it is not complete.`);
    if (offset < end) throw badFile(`Tensors ${quote(previous)} and ${quote(name)} claim the same bytes.`);
    tensors.push({ name, type, shape, offset, bytes: size });
    end = offset + size;
    previous = name;
  }
  return tensors;
}
