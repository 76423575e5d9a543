/** Typed access to a GGUF file's metadata; every miss is a UserError that names the key. */
import { UserError } from './errors.ts';
import type { MetadataValue, NumberList } from './gguf.ts';

export class Metadata {
  constructor(readonly entries: ReadonlyMap<string, MetadataValue>) {}

  private require<T>(key: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new UserError(
      'bad-file',
      `The file lacks the metadata "${key}".`,
      'Export it again with a current converter.',
    );
  }

  private wrong(key: string, expected: string): UserError {
    return new UserError('bad-file', `The metadata "${key}" is not ${expected}.`, 'Export the file again.');
  }

  string(key: string, fallback?: string): string {
    const value = this.require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'string') throw this.wrong(key, 'a text');
    return value;
  }

  /** A finite number. */
  number(key: string, fallback?: number): number {
    const value = this.require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(key, 'a number');
    return value;
  }

  /** A whole number from `least` to 2³¹ − 1. A per-layer array counts when all its entries agree. */
  whole(key: string, fallback?: number, least = 1): number {
    const entry = this.entries.get(key) ?? fallback;
    const value = this.require(key, isNumbers(entry) && allEqual(entry) ? entry[0] : entry);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 0x7fffffff) {
      throw this.wrong(key, `a whole number of at least ${least}`);
    }
    return value;
  }

  /** A whole number of at least 0 for each of `layers`; one number stands for all. */
  perLayer(key: string, layers: number, fallback?: number): readonly number[] {
    const entry = this.entries.get(key) ?? fallback;
    const value = this.require(key, isNumbers(entry) ? Array.from(entry, Number) : entry);
    const list = Array.isArray(value) ? value : Array<unknown>(layers).fill(value);
    if (
      list.length !== layers ||
      !list.every((n: unknown) => typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= 0x7fffffff)
    )
      throw this.wrong(key, `a whole number for each of ${layers} layers`);
    return list as number[];
  }

  boolean(key: string, fallback?: boolean): boolean {
    const value = this.require(key, this.entries.get(key) ?? fallback);
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  strings(key: string): readonly string[] {
    const value = this.require(key, this.entries.get(key));
    if (typeof value !== 'object' || isNumbers(value)) throw this.wrong(key, 'a list of texts');
    return value;
  }

  numbers(key: string, fallback?: readonly number[]): ArrayLike<number> {
    const value = this.require<MetadataValue | readonly number[]>(key, this.entries.get(key) ?? fallback);
    if (value !== fallback && !isNumbers(value)) throw this.wrong(key, 'a list of numbers');
    return value as ArrayLike<number>;
  }
}

const isNumbers = (value: unknown): value is NumberList => ArrayBuffer.isView(value);

const allEqual = (list: NumberList): boolean => list.length > 0 && list.every((value: number) => value === list[0]);
