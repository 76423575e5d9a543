/** The table of words: what a host may put there, and that the docs name every one. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { PRESETS } from '../../src/state/text/presets.ts';
import { replaceWords, say, type Word, type Words } from '../../src/ui/kit/more-words.ts';

afterEach(() => replaceWords({}));

it('is replaced word by word, with gaps that are filled in, and comes back', () => {
  replaceWords({ write: 'Schreiben', written: '{tokens} von {prompt} an, {nobody}' } as Words);
  expect(say('write')).toBe('Schreiben');
  expect(say('pause')).toBe('Pause');
  expect(say('written', { prompt: 3, tokens: 7 })).toBe('7 von 3 an, {nobody}');
  replaceWords({});
  expect(say('write')).toBe('Write');
});

it.each([null, 7, 'x', [], { write: 3, constructor: 'x', other: 'y', stop: 'z'.repeat(1000) }])(
  'passes over %j',
  (table) => {
    const inForce = replaceWords(table as unknown as Words);
    expect(say('write')).toBe('Write');
    expect(say('stop')).toBe('Stop');
    expect(Object.keys(inForce)).not.toContain('other');
  },
);

it('is named in the docs, all of it', () => {
  const [, names] = /Names: (.*?)\. `replaceWords/s.exec(readFileSync('docs/embedding.md', 'utf8'))!;
  expect([...names.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)).toEqual(Object.keys(replaceWords({})));
});

it('calls the presets what the pages for sharing call them', () => {
  for (const { domain, kind } of PRESETS) expect(say(`preset-${domain}` as Word)).toBe(kind);
});
