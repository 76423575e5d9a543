/** Typed access to a GGUF file's metadata; every miss is a UserError that names the key. */
import { UserError } from './errors.ts';
import type { MetadataValue } from './gguf.ts';

export class Metadata {
  constructor(readonly entries: ReadonlyMap<string, MetadataValue>) {}

  #require<T>(key: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new UserError(
      'bad-file',
      `The file lacks the metadata "${key}".`,
      'Export it again with a current converter.',
    );
  }

  #wrong(key: string, expected: string): UserError {
    return new UserError('bad-file', `The metadata "${key}" is not ${expected}.`, 'Export the file again.');
  }

  string(key: string, fallback?: string): string {
    const value = this.#require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'string') throw this.#wrong(key, 'a text');
    return value;
  }

  /** A finite number. */
  number(key: string, fallback?: number): number {
    const value = this.#require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#wrong(key, 'a number');
    return value;
  }

  /** A whole number from `least` to 2³¹ − 1. A per-layer array counts when all its entries agree. */
  whole(key: string, fallback?: number, least = 1): number {
    const entry = this.entries.get(key) ?? fallback;
    const value = this.#require(key, Array.isArray(entry) && new Set(entry).size === 1 ? entry[0] : entry);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 0x7fffffff) {
      throw this.#wrong(key, `a whole number of at least ${least}`);
    }
    return value;
  }

  boolean(key: string, fallback?: boolean): boolean {
    const value = this.#require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'boolean') throw this.#wrong(key, 'true or false');
    return value;
  }

  strings(key: string): readonly string[] {
    const value = this.#require(key, this.entries.get(key));
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string'))
      throw this.#wrong(key, 'a list of texts');
    return value as string[];
  }

  numbers(key: string, fallback?: readonly number[]): readonly number[] {
    const value = this.#require(key, this.entries.get(key) ?? fallback);
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'number'))
      throw this.#wrong(key, 'a list of numbers');
    return value as number[];
  }
}
