/** What crosses between the benchmark and the page it drives. */
import type { Refusal } from '../answer.ts';
import type { Report } from './report.ts';
import type { BenchJob } from './run.ts';

export type BenchAnswer = { readonly report: Report } | Refusal;

/** Followed by a file's name. */
export const BENCH_MODELS = '/moe-bench/';

declare global {
  interface Window {
    /** Set by the page when it is ready. */
    moeBench?: (job: BenchJob, host: Report['host']) => Promise<BenchAnswer>;
    /** Set by the command: progress. */
    moeLog?: (text: string) => Promise<void>;
  }
}
