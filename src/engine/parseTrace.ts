/** Reads a trace file that anybody may have written: everything docs/trace.md promises is checked. */
import { UserError } from '../model/errors.ts';
import type { TraceShape } from './batch.ts';
import { type Intervention, interventionProblem } from './interventions.ts';
import { fits, RANGES, wanted } from './ranges.ts';
import type { TraceFile } from './trace.ts';

type Json = Record<string, unknown>;
/** Where in the file; put together only when it is told, because most of a file is right. */
type Path = string | (() => string);

const bad = (message: string) =>
  new UserError('bad-file', message, 'docs/trace.md describes the format; export the trace again.');

function fail(path: Path, expected: string): never {
  throw bad(`The trace is not valid: ${typeof path === 'string' ? path : path()} must be ${expected}.`);
}

function must(holds: boolean, path: string, expected: string): asserts holds {
  if (!holds) fail(path, expected);
}

function object(value: unknown, path: string): Json {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), path, 'an object');
  return value as Json;
}

function list(value: unknown, length: number | null, path: string): readonly unknown[] {
  must(Array.isArray(value), path, 'a list');
  must(length === null || value.length === length, path, `a list of ${length}`);
  return value;
}

function text(value: unknown, path: string): string {
  must(typeof value === 'string', path, 'a text');
  return value;
}

function whole(value: unknown, least: number, most: number, path: Path): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  fail(path, `a whole number from ${least} to ${most}`);
}

function real(value: unknown, least: number, most: number, path: Path): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  fail(path, `a number ${range}`);
}

/** [T][L][width], each value by `check`, each row by `checkRow`. Width null: rows may differ. */
function nested(
  value: unknown,
  [count, layers, width]: readonly [number, number, number | null],
  path: string,
  check: (x: unknown, path: Path) => void,
  checkRow: (row: readonly unknown[], path: string, t: number, layer: number) => void = () => {},
): void {
  for (const [t, token] of list(value, count, path).entries()) {
    for (const [layer, row] of list(token, layers, `${path}[${t}]`).entries()) {
      const at = `${path}[${t}][${layer}]`;
      for (const [i, x] of list(row, width, at).entries()) check(x, () => `${at}[${i}]`);
      checkRow(row as unknown[], at, t, layer);
    }
  }
}

function checkDevice(value: unknown): void {
  const device = object(value, 'device');
  must(device.kind === 'webgpu' || device.kind === 'cpu', 'device.kind', '"webgpu" or "cpu"');
  text(device.name, 'device.name');
  must(typeof device.fallback === 'boolean', 'device.fallback', 'true or false');
  for (const [i, feature] of list(device.features, null, 'device.features').entries())
    text(feature, `device.features[${i}]`);
}

function checkSamplingSettings(value: unknown): void {
  if (value === null) return;
  const sampling = object(value, 'sampling');
  for (const name of ['temperature', 'topK', 'topP', 'seed'] as const)
    must(fits(RANGES[name], sampling[name]), `sampling.${name}`, wanted(RANGES[name]));
}

function checkToken(value: unknown, path: string): void {
  const token = object(value, path);
  whole(token.id, 0, 0xffffffff, `${path}.id`);
  text(token.text, `${path}.text`);
  if (token.candidates === undefined) return;
  for (const [i, entry] of list(token.candidates, null, `${path}.candidates`).entries()) {
    const candidate = object(entry, `${path}.candidates[${i}]`);
    text(candidate.text, `${path}.candidates[${i}].text`);
    real(candidate.probability, 0, 1, `${path}.candidates[${i}].probability`);
  }
}

/** Each list of interventions must be one that the model could have run under. */
function checkChanges(value: unknown, shape: TraceShape, count: number): void {
  if (value === undefined) return;
  let last = -1;
  for (const [i, entry] of list(value, null, 'interventions').entries()) {
    const path = `interventions[${i}]`;
    const change = object(entry, path);
    last = whole(change.position, last + 1, count, `${path}.position`);
    const inForce = list(change.interventions, null, `${path}.interventions`);
    for (const [j, each] of inForce.entries()) object(each, `${path}.interventions[${j}]`);
    const problem = interventionProblem(shape, inForce as readonly Intervention[]);
    if (problem) throw bad(`The trace is not valid: ${path}: ${problem}`);
  }
}

/**
 * A trace file's content (its text, or the value JSON.parse made of it), checked throughout.
 * Throws UserError('bad-file') with one sentence that names the first thing that is wrong.
 */
export function parseTrace(json: unknown): TraceFile {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch {
      throw bad('The trace is not JSON.');
    }
  }
  if ((value as Json | null | undefined)?.format !== 'moescope-trace') throw bad('This file is not a moescope trace.');
  const trace = object(value, 'the file');
  if (trace.version !== 1 && trace.version !== 2)
    throw bad(`The trace has version ${String(trace.version).slice(0, 20)}; only 1 and 2 can be read.`);
  // The first version had neither interventions nor logits, and K experts in every row.
  const first = trace.version === 1;

  const model = object(trace.model, 'model');
  text(model.name, 'model.name');
  text(model.architecture, 'model.architecture');
  const layers = whole(model.layers, 1, 0xffff, 'model.layers');
  const experts = whole(model.experts, 1, 0xffff, 'model.experts');
  const k = whole(model.expertsPerToken, 1, experts, 'model.expertsPerToken');
  checkDevice(trace.device);
  must(!Number.isNaN(Date.parse(text(trace.created, 'created'))), 'created', 'a date');
  checkSamplingSettings(trace.sampling);

  const tokens = list(trace.tokens, null, 'tokens');
  must(tokens.length > 0, 'tokens', 'a list of at least one');
  for (const [t, token] of tokens.entries()) checkToken(token, `tokens[${t}]`);
  whole(trace.promptTokens, 0, tokens.length, 'promptTokens');
  const count = tokens.length;
  const width = first ? k : null;
  const isExpert = (x: unknown, path: Path) => whole(x, 0, experts - 1, path);
  nested(trace.expertIds, [count, layers, width], 'expertIds', isExpert, (row, path) =>
    must(new Set(row).size === row.length, path, 'a list of different experts'),
  );
  const ids = trace.expertIds as readonly (readonly (readonly number[])[])[];
  const isWeight = (x: unknown, path: Path) => real(x, 0, Number.POSITIVE_INFINITY, path);
  nested(trace.gateWeights, [count, layers, width], 'gateWeights', isWeight, (row, path, t, layer) =>
    must(row.length === ids[t][layer].length, path, `a list of ${ids[t][layer].length}, as in expertIds`),
  );
  const all = [count, layers, experts] as const;
  if (trace.probabilities !== undefined) {
    nested(trace.probabilities, all, 'probabilities', (x, path) => real(x, 0, 1, path));
  }
  if (!first && trace.logits !== undefined) {
    const isLogit = (x: unknown, path: Path) => x === null || real(x, -1e30, 1e30, path);
    nested(trace.logits, all, 'logits', isLogit);
  }
  if (!first) checkChanges(trace.interventions, { layers, experts, expertsPerToken: k }, count);
  return value as TraceFile;
}
