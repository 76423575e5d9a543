/** What the page and its browser do, in processor time: on a shared processor a task that waits for its turn is not at fault. */
import type { Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the thread's own time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Processor milliseconds of every task that the renderers' main threads ran while `act` went on. */
export async function mainThreadTasks(page: Page, act: () => Promise<unknown>): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['-*', 'toplevel'] });
  let recorded: Buffer;
  try {
    await act();
  } finally {
    recorded = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(recorded.toString()) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const main = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread),
  );
  // A task that is running when the recording ends has no time yet.
  return traceEvents.flatMap((event) =>
    /RunTask$/.test(event.name) && main.has(thread(event)) && event.tdur !== undefined ? [event.tdur / 1000] : [],
  );
}

/** Processor milliseconds that all processes of the page's browser have taken since it began. */
export async function processorTime(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
