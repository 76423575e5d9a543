/** What timing a published layer takes in memory, and which parts of a layer can be timed instead of the whole. */
import { type RandomType, weightBytes } from '../kernels/randomWeights.ts';
import { UserError } from '../model/errors.ts';
import type { Slice } from './contract.ts';
import type { PublishedModel } from './published.ts';

/** Quantised rows are whole blocks. */
const BLOCK = 32;
/** An eighth of an expert's width still says something. */
const HALVINGS = 3;

export const wholeLayer = ({ experts, expertHidden }: PublishedModel): Slice => ({ experts, expertHidden });

export const isWhole = (model: PublishedModel, { experts, expertHidden }: Slice): boolean =>
  experts === model.experts && expertHidden === model.expertHidden;

/** @throws UserError bad-input */
export function checkSlice(model: PublishedModel, slice: Slice): void {
  if (isPossible(model, slice)) return;
  const { experts, expertHidden } = slice;
  throw new UserError(
    'bad-input',
    `${model.name} cannot be cut to ${experts} experts of ${expertHidden} units.`,
    `It needs at least ${model.expertsPerToken} experts, whole groups, and units in blocks of ${BLOCK}.`,
  );
}

function isPossible(model: PublishedModel, { experts, expertHidden }: Slice): boolean {
  const { expertsPerToken, routing } = model;
  const { count, kept } = routing.groups ?? { count: 1, kept: 1 };
  const members = experts / count;
  return (
    Number.isInteger(members) &&
    expertsPerToken <= kept * members &&
    experts <= model.experts &&
    expertHidden <= model.expertHidden &&
    expertHidden >= BLOCK &&
    expertHidden % BLOCK === 0
  );
}

/** The whole layer, then parts of it: fewer experts of their true width first, then narrower ones, too. */
export function slicesOf(model: PublishedModel): Slice[] {
  const eighths = Array.from({ length: 8 }, (_, i) => Math.floor((model.experts * (8 - i)) / 8));
  const halves = Array.from({ length: 12 }, (_, i) => Math.floor(model.experts / 2 ** i));
  const counts = [...new Set([...eighths, ...halves, model.expertsPerToken])].sort((a, b) => b - a);
  const widths = Array.from({ length: HALVINGS + 1 }, (_, i) => model.expertHidden / 2 ** i);
  return widths
    .flatMap((expertHidden) => counts.map((experts) => ({ experts, expertHidden })))
    .filter((slice) => isPossible(model, slice));
}

/**
 * Bytes of the buffers that timing a layer takes, the large ones: the experts, whose buffers the twin of the same total
 * shares; the twin of the same active size; the shared expert; the router; and what steps of `tokens` write.
 */
export function buffersFor(model: PublishedModel, slice: Slice, type: RandomType, tokens: number): number[] {
  const { width, expertsPerToken: k, shared } = model;
  const { experts, expertHidden } = slice;
  const units = [experts * expertHidden, k * expertHidden + (shared?.hidden ?? 0), shared?.hidden ?? 0];
  const weights = units.flatMap((rows) => [
    weightBytes({ type, columns: width, rows: 2 * rows, experts: 1 }),
    weightBytes({ type, columns: width, rows, experts: 1 }),
  ]);
  const words = [
    ...[experts * width, tokens * experts * expertHidden, tokens * k * expertHidden, tokens * k * width],
    // Residual stream and h of three blocks, two inputs each.
    ...new Array<number>(9).fill(tokens * width),
  ];
  return [...weights, ...words.map((count) => 4 * count)].filter((bytes) => bytes > 0);
}
