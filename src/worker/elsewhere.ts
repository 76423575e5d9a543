/** Models that are not among the listed ones: what a file elsewhere is, what is kept of such files, what fits this GPU. */
import { largestAllowed, tryMemory } from '../compare/probe.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { remoteSize } from '../model/httpSource.ts';
import { lengthOf } from '../model/ranges.ts';
import { keptCopies, nameOf, openFolder } from './kept.ts';
import type { Elsewhere, MemoryTrial } from './protocol.ts';

/** @throws UserError network */
export async function look(url: string): Promise<Elsewhere> {
  const copy = (await keptCopies()).find((each) => each.url === url);
  if (copy && lengthOf(copy.have) === copy.bytes) return { bytes: copy.bytes, here: copy.bytes };
  return { bytes: await remoteSize(url), here: copy ? lengthOf(copy.have) : 0 };
}

export async function kept() {
  const copies = await keptCopies();
  return copies.map((copy) => ({ url: copy.url, bytes: copy.bytes, here: lengthOf(copy.have), date: copy.date }));
}

/** Deletes what is kept of a file; what is being read into its copy stays. */
export async function forget(url: string): Promise<void> {
  const folder = await openFolder();
  const name = await nameOf(url);
  for (const ending of ['gguf', 'json']) await folder?.removeEntry(`${name}.${ending}`).catch(() => {});
}

export async function trial({ gpu }: WebGpuEngine, bytes: number): Promise<MemoryTrial> {
  return { given: await tryMemory(gpu, bytes), largestBuffer: largestAllowed(gpu.device.limits) };
}
