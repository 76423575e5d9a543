/** Models that are not among the listed ones: what a file elsewhere is, what is kept of such files, what fits this GPU. */
import { largestAllowed, tryMemory } from '../compare/probe.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { UserError } from '../model/errors.ts';
import { remoteSize } from '../model/httpSource.ts';
import { partNames } from '../model/parts.ts';
import { lengthOf } from '../model/ranges.ts';
import { keptCopies, nameOf, openFolder } from './keptFolder.ts';
import type { Elsewhere, KeptCopy, MemoryTrial } from './protocol.ts';

/** Of a split model all parts together. @throws UserError network */
export async function look(url: string): Promise<Elsewhere> {
  const copies = await keptCopies();
  const parts = partNames(url);
  const found: Elsewhere[] = [];
  for (const [i, each] of (parts ?? [url]).entries()) {
    const copy = copies.find((one) => one.url === each);
    const here = copy ? lengthOf(copy.have) : 0;
    if (copy && here === copy.bytes) found.push({ bytes: here, here });
    else found.push({ bytes: await remoteSize(each).catch((error) => thrownOf(error, parts, i)), here });
  }
  const sum = (field: keyof Elsewhere) => found.reduce((all, each) => all + (each[field] ?? 0), 0);
  return { bytes: found.some(({ bytes }) => bytes === null) ? null : sum('bytes'), here: sum('here') };
}

/** Which of the parts it was. */
function thrownOf(error: unknown, parts: readonly string[] | null, i: number): never {
  if (!parts || !(error instanceof UserError)) throw error;
  throw new UserError(error.code, `Of part ${i + 1} of ${parts.length}: ${error.message}`, error.hint);
}

/** A split model stands there once, by its first part. */
export async function kept(): Promise<KeptCopy[]> {
  const models = new Map<string, KeptCopy>();
  for (const { url, bytes, have, date } of await keptCopies()) {
    const parts = partNames(url);
    const first = parts?.[0] ?? url;
    const known = models.get(first);
    models.set(first, {
      url: first,
      bytes: (known?.bytes ?? 0) + bytes,
      here: (known?.here ?? 0) + lengthOf(have),
      // The latest comes first.
      date: known?.date ?? date,
      parts: parts && { here: (known?.parts?.here ?? 0) + 1, of: parts.length },
    });
  }
  return [...models.values()];
}

/** Deletes what is kept of a file, or of all parts of a model; what is being read into its copy stays. */
export async function forget(url: string): Promise<void> {
  const folder = await openFolder();
  if (!folder) return;
  for (const each of partNames(url) ?? [url]) {
    const name = await nameOf(each);
    for (const ending of ['gguf', 'json']) await folder.removeEntry(`${name}.${ending}`).catch(() => {});
  }
}

export async function trial({ gpu }: WebGpuEngine, bytes: number): Promise<MemoryTrial> {
  return { given: await tryMemory(gpu, bytes), largestBuffer: largestAllowed(gpu.device.limits) };
}
