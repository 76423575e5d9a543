/** The command `moe`: reads the command line, runs the job on the device asked for, writes what was asked for. */
import { readFile } from 'node:fs/promises';
import { createCpuEngine } from '../engine/cpu/engine.ts';
import { parseTrace } from '../engine/parseTrace.ts';
import type { ResidencyCounts } from '../engine/types.ts';
import { createWebGpuEngine } from '../engine/webgpu/load.ts';
import { checkCpuMemory } from '../model/fileSize.ts';
import { openModel } from '../model/load.ts';
import { residentModel } from '../model/stored.ts';
import { renderChat, templateProblem } from '../model/template.ts';
import type { Model } from '../model/types.ts';
import { type CacheOptions, type CliOptions, HELP, parseCommandLine } from './args.ts';
import { runInBrowser } from './browser.ts';
import { cacheTable, cacheWords } from './cache.ts';
import { modelSources, runCommand, withFile, writeOut } from './command.ts';
import type { Host } from './host.ts';

import { type Job, type JobResult, runJob } from './job.ts';
import { openNodeGpu } from './nodeGpu.ts';

/** Runs the job where the options say: CPU, Node's WebGPU, or a headless browser's. An exit code when another process did. */
async function runOnDevice(
  model: Model,
  job: Job,
  options: CliOptions,
  host: Host,
  onText: (text: string) => void,
): Promise<JobResult | number> {
  for (const words of model.warnings) host.err(`${words}\n`);
  if (options.device === 'cpu') {
    checkCpuMemory(model);
    return runJob(createCpuEngine(await residentModel(model)), job, onText);
  }
  const found = await openNodeGpu(host);
  if (!found) return (await host.restart?.()) ?? runInBrowser(host, options.model, job, onText);
  const engine = await createWebGpuEngine(model, found, {
    cache: job.kv,
    expertsOnGpu: job.expertsOnGpu,
    prefetch: job.prefetch,
  });
  if (engine.warning !== null) host.err(`${engine.warning}\n`);
  try {
    return await runJob(engine, job, onText);
  } finally {
    engine.destroy();
  }
}

const residencyWords = ({ entries, hits, misses, bytesMoved, guessed, guessedRight }: ResidencyCounts): string =>
  `${entries} experts of a layer on the GPU: ${hits} of ${hits + misses} asked for were there, ${(bytesMoved / 1e6).toFixed(1)} MB fetched${guessed > 0 ? `, ${guessedRight} of ${guessed} guesses were right` : ''}`;

const report = ({ summary }: JobResult): string => {
  const { device, ids, promptIds, milliseconds, tokensPerSecond, end, residency } = summary;
  const speed = tokensPerSecond === null ? '' : `, ${tokensPerSecond.toFixed(1)} tokens/s`;
  const drawn = end === 'logits' ? '' : ` · ${ids.length} drawn${speed} · ended by ${end}`;
  const fetched = residency ? ` · ${residencyWords(residency)}` : '';
  const software = device.fallback ? ' (software)' : '';
  return `${device.kind} · ${device.name}${software} · prompt of ${promptIds.length} in ${Math.round(milliseconds.prefill)} ms${drawn}${fetched}\n`;
};

/** The question in the marks of the file's template; why it is continued as a text instead is told. */
function questionOf({ chat }: Model, question: string, host: Host): string | null {
  const problem = chat
    ? templateProblem(chat)
    : 'This file has no chat template, so the prompt is continued as a text.';
  if (chat && problem === null) return renderChat(chat, [{ role: 'user', content: question }]);
  host.err(`${problem}\n`);
  return null;
}

/** Returns the exit code. */
async function run(options: CliOptions, host: Host): Promise<number> {
  const model = await openModel(await modelSources(options.model));
  // Made now, so that a place that cannot be written is found before the work is done.
  for (const path of [options.logits, options.trace]) if (path !== null) await writeOut(path, '');
  const { ids, tokens, sampling, kv, expertsOnGpu, prefetch } = options;
  const framed = options.chat ? questionOf(model, options.prompt!, host) : null;
  const prompt = framed ?? options.prompt;
  const special = options.special || framed !== null;
  const wants = { wantLogits: options.logits !== null, wantTrace: options.trace !== null };
  const onText = (text: string) => {
    if (!options.json) host.out(text);
  };
  const result = await runOnDevice(
    model,
    { prompt, ids, special, tokens, sampling, kv, expertsOnGpu, prefetch, ...wants },
    options,
    host,
    onText,
  );
  if (typeof result === 'number') return result;
  const { logits, trace, summary } = result;
  if (options.logits !== null && logits) {
    const data = new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength);
    await writeOut(options.logits, data);
  }
  if (options.trace !== null) await writeOut(options.trace, `${JSON.stringify(trace)}\n`);
  if (options.json) host.out(`${JSON.stringify(summary, null, 2)}\n`);
  else if (summary.end !== 'logits') host.out('\n');
  host.err(report(result));
  return 0;
}

async function runCache({ cacheOf, json }: CacheOptions, host: Host): Promise<number> {
  const text = await withFile(cacheOf, () => readFile(cacheOf, 'utf8'));
  const rows = cacheTable(parseTrace(text));
  host.out(json ? `${JSON.stringify(rows, null, 2)}\n` : cacheWords(rows));
  return 0;
}

/** Runs a command line; returns the exit code. */
export function main(argv: readonly string[], host: Host): Promise<number> {
  return runCommand('moe', host, async () => {
    const options = parseCommandLine(argv);
    if (options !== 'help') return 'cacheOf' in options ? runCache(options, host) : run(options, host);
    host.out(HELP);
    return 0;
  });
}
