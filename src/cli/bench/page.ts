/** The browser's side of the benchmark. */
import { findGpu } from '../../engine/webgpu/adapter.ts';
import { UserError } from '../../model/errors.ts';
import { BENCH_MODELS } from './pageProtocol.ts';
import { runBench } from './run.ts';

window.moeBench = async (job, host) => {
  try {
    const found = await findGpu(navigator.gpu);
    const fetchModel = async (name: string) =>
      new Uint8Array(await (await fetch(`${BENCH_MODELS}${name}`)).arrayBuffer());
    const report = await runBench(job, { found, host, fetchModel, log: (text) => void window.moeLog!(text) });
    return { report };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { fault: { code: error.code, message: error.message, hint: error.hint } };
  }
};
