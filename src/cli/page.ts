/** The browser's side of browser.ts: fetches the model, runs the job, sends text as it comes. */
import { findGpu } from '../engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../engine/webgpu/load.ts';
import { openModel } from '../model/load.ts';
import { memorySource } from '../model/source.ts';
import { answering } from './answer.ts';
import { type Job, runJob } from './job.ts';
import { LOGITS_PATH, MODEL_PATH } from './pageProtocol.ts';

const fetched = async (file: number) =>
  memorySource(new Uint8Array(await (await fetch(`${MODEL_PATH}/${file}`)).arrayBuffer()));

window.moeRun = (job: Job, files: number) =>
  answering(async () => {
    const found = await findGpu(navigator.gpu);
    const sources = await Promise.all(Array.from({ length: files }, (_, file) => fetched(file)));
    const model = await openModel(sources);
    const engine = await createWebGpuEngine(model, found, {
      cache: job.kv,
      expertsOnGpu: job.expertsOnGpu,
      prefetch: job.prefetch,
    });
    // Texts cross one by one and in order; the answer must not overtake the last.
    let sent: Promise<unknown> = Promise.resolve();
    const { summary, trace, logits } = await runJob(engine, job, (text) => {
      sent = Promise.all([sent, window.moeText!(text)]);
    });
    await sent;
    if (logits) await fetch(LOGITS_PATH, { method: 'POST', body: logits as Float32Array<ArrayBuffer> });
    return { summary, trace };
  });
