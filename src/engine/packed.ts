/** Files that may be packed by gzip: a recording is. */

/** Whether these are the first bytes of a packed file. */
export const isPacked = (first: ArrayLike<number>): boolean => first[0] === 0x1f && first[1] === 0x8b;

export const packed = (text: string): Promise<Blob> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).blob();

/**
 * The file's text, unpacked where it is packed. `check` is told how many bytes it has so far, and throws where that is too many.
 * Rejects where the file is damaged.
 */
export async function textOf(file: Blob, check: (bytes: number) => void): Promise<string> {
  if (!isPacked(new Uint8Array(await file.slice(0, 2).arrayBuffer()))) return file.text();
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      bytes += part.length;
      check(bytes);
      controller.enqueue(part);
    },
  });
  const unpacked = file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(counting);
  return new Response(unpacked).text();
}
