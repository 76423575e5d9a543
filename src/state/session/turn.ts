interface Yielding {
  readonly scheduler?: { yield?(): Promise<void> };
}

/** When the next frame has been painted; never in a tab behind others. */
export const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** Lets the browser paint, and answer the visitor, in the middle of a long piece of work. */
export async function turn(): Promise<void> {
  const { scheduler } = globalThis as Yielding;
  await (scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve)));
}
