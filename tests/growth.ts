/** Whether work grows with its input alone, on a machine of any speed. */

/** Microseconds of the processor, the quickest of three runs: what else the machine does is not counted. */
export function quickest(job: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const start = process.cpuUsage();
    job();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return least;
}

/** Where work in proportion to its size takes 8 times as long and quadratic work 64 times, half-way between them. */
export const LINEAR = 22;

/** How many times as long `job` takes for eight times the size, the quickest of three runs each. @param size the larger one */
export function growth(size: number, job: (size: number) => unknown): number {
  const small = quickest(() => job(Math.round(size / 8)));
  return quickest(() => job(size)) / small;
}
