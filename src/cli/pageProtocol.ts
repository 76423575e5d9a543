/** What crosses between the command (browser.ts) and the page it drives (page.ts). */
import type { TraceFile } from '../engine/trace.ts';
import type { Refusal } from './answer.ts';
import type { Job, Summary } from './job.ts';

/** The page's answer; logits come over HTTP. */
export type PageAnswer = { readonly summary: Summary; readonly trace: TraceFile | null } | Refusal;

/** With the number of a file behind it. */
export const MODEL_PATH = '/moe-cli/model';
export const LOGITS_PATH = '/moe-cli/logits';

declare global {
  interface Window {
    /** Set by the page when it is ready. */
    moeRun?: (job: Job, files: number) => Promise<PageAnswer>;
    /** Set by the command: writes text to stdout. */
    moeText?: (text: string) => Promise<void>;
  }
}
