/** The rules of a trace file's small parts, and its limits. */
import { UserError } from '../model/errors.ts';
import { type Intervention, interventionProblem } from './interventions.ts';
import { fits, RANGES, wanted } from './ranges.ts';
import type { Change, ModelCard, TraceFile } from './trace.ts';
import type { TraceCandidates } from './traceColumns.ts';

/** Characters of a file: what a browser reads and keeps without distress. */
const MOST_TRACE = 128e6;
/** What the views draw without losing frames; larger models than any that is published, longer texts than any reader reads. */
export const MOST = { layers: 256, experts: 1024, tokens: 32_768, text: 1000, candidates: 256, name: 200 };
/** Of the small parts, in characters: a token with its candidates, the device, the interventions. */
export const MOST_PART = 1e6;
/** Bytes that the rows may take when all are as wide as the widest, beside four for each character of the file. */
export const ROOM = 8e6;

export type Json = Record<string, unknown>;

export const bad = (message: string) =>
  new UserError('bad-file', message, 'docs/trace.md describes the format; export the trace again.');
export const tooBig = (message: string) =>
  new UserError('bad-file', message, 'Export a shorter run, or leave out “probabilities”.');

/** Of a file, or of its text. */
export function checkSize(size: number): void {
  if (size <= MOST_TRACE) return;
  throw tooBig(`This trace has ${Math.ceil(size / 1e6)} MB; up to ${MOST_TRACE / 1e6} MB can be shown.`);
}

export function fail(path: string, expected: string): never {
  throw bad(`The trace is not valid: ${path} must be ${expected}.`);
}

export function must(holds: boolean, path: string, expected: string): asserts holds {
  if (!holds) fail(path, expected);
}

function object(value: unknown, path: string): Json {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), path, 'an object');
  return value as Json;
}

function list(value: unknown, path: string): readonly unknown[] {
  must(Array.isArray(value), path, 'a list');
  return value;
}

export function text(value: unknown, path: string, most: number): string {
  must(typeof value === 'string', path, 'a text');
  must(value.length <= most, path, `a text of at most ${most} characters`);
  return value;
}

export function whole(value: unknown, least: number, most: number, path: string): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  fail(path, `a whole number from ${least} to ${most}`);
}

function probability(value: unknown, path: string): void {
  must(typeof value === 'number' && value >= 0 && value <= 1, path, 'a number from 0 to 1');
}

export function checkDevice(value: unknown): TraceFile['device'] {
  const device = object(value, 'device');
  must(device.kind === 'webgpu' || device.kind === 'cpu', 'device.kind', '"webgpu" or "cpu"');
  text(device.name, 'device.name', MOST.name);
  must(typeof device.fallback === 'boolean', 'device.fallback', 'true or false');
  for (const [i, feature] of list(device.features, 'device.features').entries())
    text(feature, `device.features[${i}]`, MOST.name);
  return value as TraceFile['device'];
}

export function checkSampling(value: unknown): TraceFile['sampling'] {
  if (value === null) return null;
  const sampling = object(value, 'sampling');
  for (const name of ['temperature', 'topK', 'topP', 'seed'] as const)
    must(fits(RANGES[name], sampling[name]), `sampling.${name}`, wanted(RANGES[name]));
  return value as TraceFile['sampling'];
}

export function checkModel(value: unknown): TraceFile['model'] {
  const model = object(value, 'model');
  text(model.name, 'model.name', MOST.name);
  text(model.architecture, 'model.architecture', MOST.name);
  const layers = whole(model.layers, 1, 0xffff, 'model.layers');
  const experts = whole(model.experts, 1, 0xffff, 'model.experts');
  whole(model.expertsPerToken, 1, experts, 'model.expertsPerToken');
  if (layers > MOST.layers || experts > MOST.experts) {
    throw tooBig(
      `This trace has ${layers} layers of ${experts} experts; up to ${MOST.layers} of ${MOST.experts} can be shown.`,
    );
  }
  return value as TraceFile['model'];
}

/** Nothing for a trace that is no recording. */
export function checkCard(value: unknown): ModelCard | null {
  if (value === undefined) return null;
  const { parameters, from, by, licence } = object(value, 'card');
  const { total, active } = object(parameters, 'card.parameters');
  for (const [name, count] of Object.entries({ total, active }))
    must(typeof count === 'number' && count >= 0, `card.parameters.${name}`, 'a number of at least 0');
  for (const [name, said] of Object.entries({ from, by, licence }))
    if (said !== undefined) text(said, `card.${name}`, MOST.text);
  return value as ModelCard;
}

export function checkToken(value: unknown, path: string): TraceCandidates {
  const token = object(value, path);
  whole(token.id, 0, 0xffffffff, `${path}.id`);
  text(token.text, `${path}.text`, MOST.text);
  if (token.candidates === undefined) return [];
  const candidates = list(token.candidates, `${path}.candidates`);
  must(candidates.length <= MOST.candidates, `${path}.candidates`, `a list of at most ${MOST.candidates}`);
  return candidates.map((entry, i) => {
    const candidate = object(entry, `${path}.candidates[${i}]`);
    probability(candidate.probability, `${path}.candidates[${i}].probability`);
    const words = text(candidate.text, `${path}.candidates[${i}].text`, MOST.text);
    return { text: words, probability: candidate.probability as number };
  });
}

/** Each list of interventions must be one that the model could have run under. */
export function* checkChanges(
  value: unknown,
  model: TraceFile['model'],
  count: number,
): Generator<void, readonly Change[]> {
  let last = -1;
  for (const [i, entry] of list(value, 'interventions').entries()) {
    const path = `interventions[${i}]`;
    const change = object(entry, path);
    last = whole(change.position, last + 1, count, `${path}.position`);
    const inForce = list(change.interventions, `${path}.interventions`);
    for (const [j, each] of inForce.entries()) object(each, `${path}.interventions[${j}]`);
    const problem = interventionProblem(model, inForce as readonly Intervention[]);
    if (problem) throw bad(`The trace is not valid: ${path}: ${problem}`);
    yield;
  }
  return value as readonly Change[];
}
