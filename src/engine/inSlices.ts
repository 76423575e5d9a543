/**
 * Drives work that tells how far it is, a slice at a time; `pause` comes between two slices, and stops the work by throwing.
 */
export async function inSlices<T>(
  work: Generator<number, T>,
  milliseconds: number,
  pause: (done: number) => Promise<unknown>,
): Promise<T> {
  for (let begun = performance.now(); ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - begun < milliseconds) continue;
    await pause(value);
    begun = performance.now();
  }
}
