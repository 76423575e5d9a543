/** The browser's side of the benchmark. */
import { findGpu } from '../../engine/webgpu/adapter.ts';
import { answering } from '../answer.ts';
import { BENCH_MODELS } from './pageProtocol.ts';
import { runBench } from './run.ts';

window.moeBench = (job, host) =>
  answering(async () => {
    const found = await findGpu(navigator.gpu);
    const fetchFile = async (file: string) =>
      new Uint8Array(await (await fetch(`${BENCH_MODELS}${file}`)).arrayBuffer());
    const report = await runBench(job, { found, host, fetchFile, log: (text) => void window.moeLog!(text) });
    return { report };
  });
