/** What a search found, kept in the browser: there and back, damaged, denied, forgotten. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  forget,
  type Remembered,
  remember,
  rememberedSearches,
  rememberedTunings,
} from '../../src/state/saves/tuned.ts';

const KEY = 'moescope.tuning';
let stored: Map<string, string>;
beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

const found = (lanes: number, date = '2026-11-24T12:00:00Z'): Remembered => ({
  date,
  search: {
    ...{ adapter: 'a GPU', software: false, model: 'a model', clock: 'timestamps', milliseconds: 900 },
    families: [
      {
        ...{ family: 'gemv', work: 'a token', chosen: `${lanes} lanes`, tuning: { lanes } },
        candidates: [
          { name: `${lanes} lanes`, time: { median: 1, spread: 0.1, samples: 7, low: 0.9, high: 1.2 }, error: 0 },
          { name: 'broken', time: null, error: null },
        ],
      },
    ],
    tuning: { lanes },
  },
});

describe('remembered searches', () => {
  it('come back as they went, adapter by adapter', () => {
    remember('one', found(16));
    remember('two', found(8));
    remember('one', found(32));
    expect(rememberedSearches()).toEqual({ one: found(32), two: found(8) });
    expect(rememberedTunings()).toEqual({ one: { lanes: 32 }, two: { lanes: 8 } });
  });

  it('are forgotten one at a time', () => {
    remember('one', found(16));
    remember('two', found(8));
    forget('one');
    expect(Object.keys(rememberedSearches())).toEqual(['two']);
  });

  it('make room for new ones', () => {
    for (let day = 1; day <= 9; day++) remember(`adapter ${day}`, found(16, `2026-11-0${day}T00:00:00Z`));
    expect(Object.keys(rememberedSearches())).toHaveLength(6);
    expect(Object.keys(rememberedSearches())).toContain('adapter 9');
    expect(Object.keys(rememberedSearches())).not.toContain('adapter 1');
  });

  it.each([
    'not JSON',
    'null',
    '7',
    '"text"',
    '[]',
    '{"one":null}',
    '{"one":{"date":"yesterday"}}',
    JSON.stringify({ one: { ...found(16), search: { ...found(16).search, families: 'none' } } }),
    JSON.stringify({ one: { ...found(16), search: { ...found(16).search, families: [{ work: 'x' }] } } }),
    JSON.stringify({ one: { ...found(16), search: { ...found(16).search, tuning: null } } }),
  ])('are none where the storage holds %s, and can be kept again', (text) => {
    stored.set(KEY, text);
    expect(rememberedSearches()).toEqual({});
    remember('two', found(8));
    expect(rememberedSearches()).toEqual({ two: found(8) });
  });

  it('cost nothing where storage is denied', () => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: denied, setItem: denied });
    expect(() => remember('one', found(16))).not.toThrow();
    expect(() => forget('one')).not.toThrow();
    expect(rememberedTunings()).toEqual({});
  });
});
