/** The command as a user meets it: a process, its output, its exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';
import { runInBrowser } from '../../src/cli/browser.ts';
import type { Host } from '../../src/cli/host.ts';
import type { Summary } from '../../src/cli/job.ts';
import { main } from '../../src/cli/moe.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { loadModel } from '../../src/model/load.ts';
import { randomModel } from '../model/randomModel.ts';
import { partName, splitModel } from '../model/splitModel.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'moescope-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string) => join(folder, name);
const bytes = randomModel('qwen3moe', { tied: false });
const model = inFolder('model.gguf');
writeFileSync(model, bytes);
/** Without a byte on the disk. */
const large = inFolder('large.gguf');
writeFileSync(large, '');
truncateSync(large, 4.5e9);

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command in a process of its own, as npm run starts it. */
const started = (args: string[], env = process.env) =>
  spawn(process.execPath, [join(root, 'scripts/moe.mjs'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });

function spawned(...args: string[]): Promise<Outcome> {
  const child = started(args);
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece) => (out += piece));
  child.stderr.on('data', (piece) => (err += piece));
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}

const missing = () => Promise.reject(new Error('not installed'));
const load: Host['load'] = { webgpu: missing, playwright: () => import('playwright-core'), vite: () => import('vite') };
const quiet = { out: () => {}, err: () => {}, restart: null };
const host: Host = { root, browser: findChromium(), browserArgs: SOFTWARE_WEBGPU_ARGS, ...quiet, load };

/** The command in this process; Node's webgpu package is missing. */
async function moe(...args: string[]): Promise<Outcome> {
  let [out, err] = ['', ''];
  const code = await main(args, {
    ...host,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
const onCpu = (...args: string[]) => moe('--model', model, '--device', 'cpu', ...args);

const floats = (path: string) => new Float32Array(new Uint8Array(readFileSync(path)).buffer);
const relativeRms = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / b.reduce((sum, x) => sum + x * x, 0));

describe('moe', () => {
  it('writes text, the same for the same seed', async () => {
    const [first, again, other] = await Promise.all([
      spawned('--model', model, '--device', 'cpu', '--prompt', 'hello world', '--tokens', '12', '--seed', '5'),
      onCpu('--prompt', 'hello world', '--tokens', '12', '--seed', '5', '--json'),
      onCpu('--prompt', 'hello world', '--tokens', '12', '--seed', '6', '--json'),
    ]);
    expect(first).toMatchObject({ code: 0 });
    expect(first.err).toMatch(/^cpu · .* drawn/);
    const summary = JSON.parse(again.out) as Summary;
    expect(`${summary.text}\n`).toBe(first.out);
    expect(summary).toMatchObject({ device: { kind: 'cpu' }, model: { architecture: 'qwen3moe' } });
    expect(summary.ids.length).toBeGreaterThan(0);
    expect((JSON.parse(other.out) as Summary).ids).not.toEqual(summary.ids);
  });

  it('ends as a whole when it is told to', async () => {
    const shipped = join(root, 'public/models/moe.gguf');
    const args = ['--model', shipped, '--device', 'cpu', '--prompt', 'Once', '--tokens', '500'];
    // Without the driver's environment the command is started once more, in it.
    const env = { ...process.env, VK_ICD_FILENAMES: '', VK_DRIVER_FILES: '', MOESCOPE_SOFTWARE: '1' };
    const child = started(args, env);
    await once(child.stdout, 'data');
    const told = performance.now();
    child.kill('SIGTERM');
    // Its output closes with the last process that writes to it.
    const [code] = await once(child, 'close');
    expect(code).toBe(143);
    expect(performance.now() - told).toBeLessThan(5000);
  });

  it('writes logits as the engine gives them, and a valid trace', async () => {
    const [logits, trace] = [inFolder('a.f32'), inFolder('a.json')];
    const { code, out } = await onCpu('--ids', '1,2,3', '--logits', logits, '--trace', trace);
    expect([code, out]).toEqual([0, '']);
    expect(floats(logits)).toEqual((await createCpuEngine(loadModel(bytes)).forward([1, 2, 3])).logits);
    expect(parseTrace(readFileSync(trace, 'utf8'))).toMatchObject({ promptTokens: 3, sampling: null });
  });

  it('traces what it draws', async () => {
    const trace = inFolder('b.json');
    await onCpu('--prompt', 'hello', '--tokens', '4', '--trace', trace);
    const { tokens, promptTokens, sampling } = parseTrace(readFileSync(trace, 'utf8'));
    expect([tokens[0].text, promptTokens, sampling?.seed]).toEqual(['hello', 1, 1]);
  });

  it('opens a split model by any of its parts, and says which is missing', async () => {
    const names = [0, 1, 2].map((i) => inFolder(partName(i, 3)));
    const parts = splitModel('qwen3moe', 3, { tied: false });
    const run = () => moe('--model', names[1], '--device', 'cpu', '--ids', '1,2,3', '--logits', inFolder('c.f32'));
    for (const i of [0, 1]) writeFileSync(names[i], parts[i]);
    expect(await run()).toMatchObject({ code: 2, err: `The file ${names[2]} does not exist.\n` });
    writeFileSync(names[2], parts[2]);
    expect(await run()).toMatchObject({ code: 0 });
    expect(floats(inFolder('c.f32'))).toEqual((await createCpuEngine(loadModel(bytes)).forward([1, 2, 3])).logits);
  });

  it('takes a prompt that begins with a dash', async () => {
    const args = (prompt: string[]) => [...prompt, '--tokens', '1', '--json', '--temperature', '0'];
    const [dashed, joined] = [await onCpu(...args(['--prompt', '- item'])), await onCpu(...args(['--prompt=- item']))];
    expect(dashed.code).toBe(0);
    expect(dashed.out.replace(/"milliseconds[^}]*}/, '')).toBe(joined.out.replace(/"milliseconds[^}]*}/, ''));
  });

  it('says what is wrong with a file, and runs it', async () => {
    const broken = bytes.slice();
    loadModel(broken).weights.layers[1].ffnNorm.data.set([0, 0, 0x80, 0xff]);
    const path = inFolder('infinite.gguf');
    writeFileSync(path, broken);
    const { code, err } = await moe('--model', path, '--device', 'cpu', '--ids', '1', '--tokens', '1');
    expect([code, err]).toEqual([0, expect.stringMatching(/^One weight of this file is NaN or infinite .*\ncpu · /)]);
  });

  it('helps', async () => {
    expect(await moe('--help')).toMatchObject({ code: 0, out: expect.stringContaining('--logits FILE'), err: '' });
  });

  it('fails as a process, too', async () => {
    expect(await spawned('--bogus')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^Unknown option/) });
  });

  it.each<[string, RegExp, string[]]>([
    ['no model', /^--model is missing/, ['--prompt', 'x']],
    ['no prompt', /^Give either --prompt or --ids/, ['--model', model]],
    ['an unknown option', /^Unknown option '--bogus'/, ['--bogus']],
    [
      'a file that is not there',
      /^The file .*nope.gguf does not exist/,
      ['--model', inFolder('nope.gguf'), '--prompt', 'x'],
    ],
    ['a folder', /is a folder, not a file/, ['--model', folder, '--prompt', 'x']],
    ['no GGUF', /^This is not a GGUF file/, ['--model', join(root, 'package.json'), '--prompt', 'x']],
    ['a file of 4.5 GB that is no GGUF', /^This is not a GGUF file/, ['--model', large, '--prompt', 'x']],
    ['an empty prompt', /^The prompt is empty/, ['--model', model, '--prompt', '', '--device', 'cpu']],
    ['too long a prompt', /context holds 64/, ['--model', model, '--prompt', 'x y z '.repeat(50), '--device', 'cpu']],
    [
      'NaN',
      /^--temperature needs a number from 0 to 100, not "NaN"/,
      ['--model', model, '--prompt', 'x', '--temperature', 'NaN'],
    ],
    ['odd top-p', /^--top-p needs a number from 0 to 1, not "7"/, ['--model', model, '--prompt', 'x', '--top-p', '7']],
    [
      'a seed below 0',
      /^--seed needs a whole number from 0 to 4294967295, not "-1"/,
      ['--model', model, '--ids', '1', '--seed', '-1'],
    ],
    ['a value left out', /^Option '--trace <value>' argument missing/, ['--model', model, '--ids', '1', '--trace']],
    [
      'an option in the place of a value',
      /^Option '--trace' argument is ambiguous/,
      ['--model', model, '--ids', '1', '--trace', '--json'],
    ],
    ['odd ids', /^--ids needs token ids/, ['--model', model, '--ids', '1,two']],
    ['an odd cache', /^--kv is f32 or f16, not "q4"/, ['--model', model, '--ids', '1', '--kv', 'q4']],
    ['a CPU that rounds', /^The CPU keeps keys/, ['--model', model, '--ids', '1', '--kv', 'f16', '--device', 'cpu']],
    [
      'no experts on the GPU',
      /^--experts-on-gpu needs a whole number from 1 on, or all, not "0"/,
      ['--model', model, '--ids', '1', '--experts-on-gpu', '0'],
    ],
    [
      'experts on a GPU that is none',
      /^The CPU has all experts/,
      ['--model', model, '--ids', '1', '--experts-on-gpu', '4', '--device', 'cpu'],
    ],
    [
      'guesses where nothing is missing',
      /^--prefetch goes with --experts-on-gpu/,
      ['--model', model, '--ids', '1', '--prefetch'],
    ],
    ['unknown ids', /^Token 99999 is not in this model/, ['--model', model, '--ids', '99999', '--device', 'cpu']],
    [
      'a place that is not there',
      /where.json cannot be written: its folder does not exist/,
      ['--model', model, '--ids', '1', '--device', 'cpu', '--trace', inFolder('no/where.json')],
    ],
  ])('says in one sentence what is wrong: %s', async (_, words, args) => {
    const { code, out, err } = await moe(...args);
    expect(err).toMatch(words);
    expect(err.trim().split('\n').length).toBe(1);
    expect([code, out.trim()]).toEqual([2, '']);
  });
});

describe('moe on WebGPU', () => {
  it('has the float64 engine’s logits in Node', async () => {
    const path = inFolder('gpu.f32');
    const { code, err } = await spawned('--model', model, '--ids', '1,2,3,4,5', '--logits', path);
    expect([code, err]).toEqual([0, expect.stringMatching(/webgpu · /)]);
    expect(
      relativeRms(floats(path), (await createCpuEngine(loadModel(bytes)).forward([1, 2, 3, 4, 5])).logits),
    ).toBeLessThan(1e-5);
  });

  it('writes the same with two experts of a layer on the GPU, and counts', async () => {
    const args = ['--prompt', 'hello world', '--tokens', '12', '--temperature', '0', '--json'];
    const small = await spawned('--model', model, ...args, '--experts-on-gpu', '2');
    const summary = JSON.parse(small.out) as Summary;
    expect(summary.ids).toEqual((JSON.parse((await onCpu(...args)).out) as Summary).ids);
    const { entries, hits, misses, bytesMoved } = summary.residency!;
    expect([entries, misses > 4, hits >= 0]).toEqual([2, true, true]);
    expect(bytesMoved).toBe(misses * 3 * 64 * 32 * 4);
    expect(small.err).toMatch(/ · 2 experts of a layer on the GPU: \d+ of \d+ asked for were there, \d\.\d MB fetched/);
  });

  const job = {
    ...{ prompt: 'hello', ids: null, special: false, tokens: 5, wantTrace: true, wantLogits: false },
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 1 },
    kv: 'f32' as const,
  };

  it('does the same job in a headless browser', async () => {
    let streamed = '';
    const { summary, trace } = await runInBrowser(host, model, job, (text) => {
      streamed += text;
    });
    const { out } = await onCpu('--prompt', 'hello', '--tokens', '5', '--temperature', '0', '--json');
    expect(summary.device.kind).toBe('webgpu');
    expect(summary.ids).toEqual((JSON.parse(out) as Summary).ids);
    expect(streamed).toBe(summary.text);
    expect(parseTrace(trace).tokens.length).toBe(5);
    const { logits } = await runInBrowser(host, model, { ...job, wantLogits: true }, () => {});
    expect(
      relativeRms(logits!, (await createCpuEngine(loadModel(bytes)).forward(summary.promptIds)).logits),
    ).toBeLessThan(1e-5);
  });

  it('says what to install where there is neither', async () => {
    const run = runInBrowser({ ...host, browser: null }, model, job, () => {});
    await expect(run).rejects.toMatchObject({
      code: 'no-webgpu',
      hint: expect.stringContaining('apt-get install chromium'),
    });
  });
});
