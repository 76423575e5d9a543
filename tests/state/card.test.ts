/** Whatever stands in a model's card, the page shows what is sound of it, or says one sentence. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Card, readCard } from '../../src/state/models/card.ts';

const shipped = readdirSync('public/models')
  .filter((name) => name.endsWith('.card.json'))
  .map((name) => JSON.parse(readFileSync(`public/models/${name}`, 'utf8')));

/** All that is drawn as text or as a number is one. */
function sound(card: Card): void {
  for (const words of [card.quantisation, card.license]) expect(typeof (words ?? '')).toBe('string');
  const rows = card.layers.flatMap((row) => [row.mutualInformation, row.chance, row.minLoad, row.maxLoad]);
  const bits = [card.before, card.after].flatMap((losses) =>
    Object.values(losses).map((loss) => loss.bitsPerByte ?? 0),
  );
  const shares = card.kinds.flatMap(({ shares: layers }) => layers.flat());
  const numbers = [...shares, card.steps ?? 0, card.deadExperts ?? 0, card.tokensPerDomain ?? 0, ...rows, ...bits];
  expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
  for (const { domain, text, seed = 0 } of card.samples)
    expect([typeof domain, typeof text, typeof seed]).toEqual(['string', 'string', 'number']);
}

it('takes all that is shown of the shipped cards', () => {
  expect(shipped.length).toBeGreaterThan(1);
  for (const card of shipped) {
    const read = readCard(card, 'a');
    sound(read);
    expect(Object.keys(read.after)).toEqual(Object.keys(card.heldOut.afterQuantising));
    expect(read.samples.length).toBe(card.samples.length);
    expect(read.kinds.map(({ kind }) => kind)).toEqual(card.routing?.load ? card.routing.domains : []);
    for (const [i, { shares }] of read.kinds.entries()) expect(shares).toEqual(card.routing.load[i]);
    expect(read.layers.length).toBe(card.routing?.layers?.length ?? 0);
    expect(read).toMatchObject({ quantisation: card.quantisation, license: card.license, steps: card.training.steps });
  }
});

it.each([null, 7, [], 'card'])('says of %j in one sentence that it is none', (value) => {
  expect(() => readCard(value, 'models/a.card.json')).toThrow(
    expect.objectContaining({ message: 'The card “models/a.card.json” is damaged: it must be an object.' }),
  );
});

it('leaves out what is not of its kind, wherever it stands', () => {
  const places = ['training', 'routing', 'heldOut', 'samples', 'quantisation', 'license'];
  const inner = ['layers', 'deadExperts', 'afterQuantising', 'beforeQuantising', 'tokensPerDomain', '0', '1', 'steps'];
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.constantFrom(...inner, null), fc.jsonValue(), (place, key, value) => {
      const card = structuredClone(shipped[0]);
      if (key === null) card[place] = value;
      else if (typeof card[place] === 'object') card[place][key] = value;
      sound(readCard(card, 'a'));
    }),
    { numRuns: 2000 },
  );
});
