import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { loadModel } from '../../src/model/load.ts';
import { loadUntrusted } from './invariants.ts';
import { randomModel, randomModelParts } from './randomModel.ts';
import { type Value, writeGguf } from './writeGguf.ts';

/** The UserError that loading these bytes ends in; anything else fails the test. */
function failure(bytes: Uint8Array): UserError {
  try {
    loadModel(bytes);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

/** A sound model's file with some metadata replaced (undefined: removed) and its tensors changed. */
function altered(
  metadata: Record<string, Value | undefined>,
  change: (
    tensors: ReturnType<typeof randomModelParts>['tensors'],
  ) => ReturnType<typeof randomModelParts>['tensors'] = (t) => t,
  architecture: 'qwen3moe' | 'granitemoe' | 'olmoe' | 'qwen3' = 'qwen3moe',
): Uint8Array {
  const parts = randomModelParts(architecture, { layers: 1 });
  const merged = Object.entries({ ...parts.metadata, ...metadata }).filter(([, value]) => value !== undefined);
  return writeGguf(Object.fromEntries(merged) as Record<string, Value>, change(parts.tensors));
}

const sound = randomModel('qwen3moe', { layers: 1, expertType: 'q4_0', type: 'q8_0' });

describe('hostile GGUF files', () => {
  it('refuses what is no GGUF at all', () => {
    for (const text of ['', 'GGU', 'PK\u0003\u0004 not a model', '<!doctype html>']) {
      const error = failure(new TextEncoder().encode(text));
      expect(error.code).toBe('bad-file');
      expect(error.message).toBe('This is not a GGUF file.');
    }
  });

  it('refuses other versions and big-endian files', () => {
    for (const [version, words] of [
      [1, 'GGUF version 1'],
      [4, 'GGUF version 4'],
      [0x03000000, 'big-endian'],
    ] as const) {
      const bytes = sound.slice();
      new DataView(bytes.buffer).setUint32(4, version, true);
      expect(failure(bytes).message).toContain(words);
    }
  });

  it('refuses a file cut anywhere', () => {
    // Padding after the last tensor may be missing; a cut into the last tensor may not.
    const header = 8000;
    const cuts = new Set([...Array.from({ length: header }, (_, i) => i), sound.length - 33, sound.length >> 1]);
    const codes = [...cuts].map((cut) => failure(sound.subarray(0, cut)).code);
    expect(new Set(codes)).toEqual(new Set(['bad-file']));
  });

  it('refuses counts beyond the file without allocating for them', () => {
    for (const at of [8, 16]) {
      for (const count of [1n << 20n, 1n << 40n, (1n << 64n) - 1n]) {
        const bytes = sound.slice();
        new DataView(bytes.buffer).setBigUint64(at, count, true);
        expect(failure(bytes).code).toBe('bad-file');
      }
    }
  });

  it('refuses flipped bytes in one sentence, or says what it took', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const bytes = sound.slice();
          for (const [at, byte] of flips) bytes[at] = byte;
          loadUntrusted(bytes);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads a file that lies at an odd address', () => {
    const moved = new Uint8Array(sound.length + 3);
    moved.set(sound, 3);
    expect(loadModel(moved.subarray(3)).config).toEqual(loadModel(sound).config);
  });
});

describe('files that are sound but not ours, or contradict themselves', () => {
  it.each<[string, string, RegExp, Uint8Array]>([
    [
      'state',
      'unsupported-model',
      /Layers of "qwen3next" models carry a state/,
      altered({ 'general.architecture': 'qwen3next' }),
    ],
    ['architecture', 'unsupported-model', /architecture "gemma"/, altered({ 'general.architecture': 'gemma' })],
    ['missing architecture', 'bad-file', /general.architecture/, altered({ 'general.architecture': undefined })],
    ['missing key', 'bad-file', /qwen3moe.embedding_length/, altered({ 'qwen3moe.embedding_length': undefined })],
    [
      'wrong type',
      'bad-file',
      /embedding_length" is not a whole number/,
      altered({ 'qwen3moe.embedding_length': 'big' }),
    ],
    ['zero', 'bad-file', /block_count/, altered({ 'qwen3moe.block_count': { u32: 0 } })],
    ['many layers', 'bad-file', /2000000000 layers/, altered({ 'qwen3moe.block_count': { u32: 2e9 } })],
    [
      'NaN',
      'bad-file',
      /rms_epsilon" is not a number/,
      altered({ 'qwen3moe.attention.layer_norm_rms_epsilon': { f32: NaN } }),
    ],
    ['K > E', 'bad-file', /9 experts per token out of 8/, altered({ 'qwen3moe.expert_used_count': { u32: 9 } })],
    ['heads', 'bad-file', /4 heads cannot share 3/, altered({ 'qwen3moe.attention.head_count_kv': { u32: 3 } })],
    [
      'shared expert',
      'unsupported-model',
      /shared expert/,
      altered({ 'qwen3moe.expert_shared_feed_forward_length': { u32: 8 } }),
    ],
    ['sigmoid', 'unsupported-model', /not softmax/, altered({ 'qwen3moe.expert_gating_func': { u32: 2 } })],
    ['longrope', 'unsupported-model', /scaled in another way/, altered({ 'qwen3moe.rope.scaling.type': 'longrope' })],
    ['negative RoPE', 'bad-file', /scaled by -2/, altered({ 'qwen3moe.rope.scaling.factor': { f32: -2 } })],
    ['tokenizer', 'unsupported-model', /tokenizer "bert"/, altered({ 'tokenizer.ggml.model': 'bert' })],
    ['pre-tokenizer', 'unsupported-model', /pre-tokenizer "qwen9"/, altered({ 'tokenizer.ggml.pre': 'qwen9' })],
    ['one of several files', 'bad-file', /part 1 of 2/, altered({ 'split.count': { u32: 2 } })],
    [
      'lost tensor',
      'bad-file',
      /lacks the tensor "blk.0.ffn_norm.weight"/,
      altered({}, (all) => all.filter((t) => t.name !== 'blk.0.ffn_norm.weight')),
    ],
    [
      'extra tensor',
      'unsupported-model',
      /"blk.0.attn_output.bias"/,
      altered({}, (all) => [
        ...all,
        { name: 'blk.0.attn_output.bias', shape: [64], type: 'f32', values: new Float32Array(64) },
      ]),
    ],
    [
      'wrong shape',
      'bad-file',
      /has shape \[32\], not \[64\]/,
      altered({}, (all) =>
        all.map((t) => (t.name === 'output_norm.weight' ? { ...t, shape: [32], values: new Float32Array(32) } : t)),
      ),
    ],
    ['twice', 'bad-file', /twice/, altered({}, (all) => [...all, all[0]])],
    [
      'no RoPE',
      'unsupported-model',
      /no RoPE/,
      altered({ 'granitemoe.rope.scaling.finetuned': false }, undefined, 'granitemoe'),
    ],
    ['clamp', 'unsupported-model', /clamped/, altered({ 'olmoe.attention.clamp_kqv': { f32: 8 } }, undefined, 'olmoe')],
  ])('%s', (_, code, message, bytes) => {
    const error = failure(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^[A-Z].*\.$/);
  });

  it.each<[string, Record<string, Value>]>([
    ['a merged file, whose count of parts is none', { 'split.count': { u32: 0 } }],
    ['YaRN', { 'qwen3moe.rope.scaling.type': 'yarn', 'qwen3moe.rope.scaling.factor': { f32: 4 } }],
    ['RoPE scaled by nothing', { 'qwen3moe.rope.scaling.type': 'linear', 'qwen3moe.rope.scaling.factor': { f32: 1 } }],
  ])('takes %s', (_, metadata) => {
    expect(loadModel(altered(metadata)).config.layers).toBe(1);
  });

  it('names a storage format that is not read', () => {
    const bytes = randomModel('qwen3moe', { layers: 1 });
    const at = Buffer.from(bytes).indexOf('token_embd.weight') + 17 + 4 + 16;
    new DataView(bytes.buffer).setUint32(at, 16, true);
    expect(failure(bytes).message).toBe('Tensor "token_embd.weight" is stored as IQ2_XXS, which is not supported.');
  });

  it('refuses overlapping and unaligned tensors', () => {
    const bytes = randomModel('qwen3moe', { layers: 1 });
    const at = Buffer.from(bytes).indexOf('output_norm.weight') + 18 + 4 + 8 + 4;
    const view = new DataView(bytes.buffer);
    view.setBigUint64(at, 32n, true);
    expect(failure(bytes).message).toContain('claim the same bytes');
    view.setBigUint64(at, 33n, true);
    expect(failure(bytes).message).toContain('aligned');
    view.setBigUint64(at, 1n << 50n, true);
    expect(failure(bytes).message).toContain('ends before');
  });
});
