/** What crosses between the benchmark and the page it drives. */
import type { UserError } from '../../model/errors.ts';
import type { Report } from './report.ts';
import type { BenchJob } from './run.ts';

export type BenchAnswer =
  | { readonly report: Report }
  | { readonly fault: { readonly code: UserError['code']; readonly message: string; readonly hint: string } };

/** Followed by a model's name. */
export const BENCH_MODELS = '/moe-bench/';

declare global {
  interface Window {
    /** Set by the page when it is ready. */
    moeBench?: (job: BenchJob, host: Report['host']) => Promise<BenchAnswer>;
    /** Set by the command: progress. */
    moeLog?: (text: string) => Promise<void>;
  }
}
