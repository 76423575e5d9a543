import { describe, expect, it } from 'vitest';
import { type Intervention, interventionProblem } from '../../src/engine/interventions.ts';
import { add, isOff, remove } from '../../src/state/interventions/interventions.ts';
import { growth, LINEAR } from '../growth.ts';

const SHAPE = { layers: 2, experts: 4, expertsPerToken: 2 };
const off = (layer: number, expert: number): Intervention => ({ kind: 'off', layer, expert });
const force = (layer: number, expert: number): Intervention => ({ kind: 'force', layer, expert });
const k = (layer: number | null, count: number): Intervention => ({ kind: 'k', layer, k: count });

describe('what may be asked for', () => {
  it.each<[string, Intervention[]]>([
    ['nothing', []],
    ['two of four off', [off(0, 1), off(0, 3)]],
    ['three off, with k 1', [off(0, 0), off(0, 1), off(0, 2), k(0, 1)]],
    ['all four forced, with k 4', [...[0, 1, 2, 3].map((expert) => force(1, expert)), k(null, 4)]],
    ['the later k holds', [k(null, 4), off(0, 1), k(0, 3)]],
    ['the most of everything', [{ kind: 'bias', layer: 1, expert: 3, amount: -20 }, { kind: 'frozen' }]],
    ['a rule for every layer', [{ kind: 'route', layer: null, rule: 'random', seed: 0xffffffff }]],
  ])('%s', (_, list) => {
    expect(interventionProblem(SHAPE, list)).toBeNull();
  });

  it.each<[Intervention[], RegExp]>([
    [[off(2, 0)], /no layer 2: the model’s layers are 0 to 1/],
    [[off(0, 4)], /no expert 4 in layer 0: its experts are 0 to 3/],
    [[off(0, 0.5)], /no expert 0.5/],
    [[off(0, 0), off(0, 1), off(0, 2)], /Layer 0 needs at least 2 experts.*only 1 would be left/],
    [[off(1, 1), k(null, 4)], /Layer 1 needs at least 4 experts.*only 3/],
    [[off(1, 1), force(1, 1)], /Expert 1 of layer 1 is off: an expert that is off cannot be forced/],
    [[force(0, 0), force(0, 1), force(0, 2)], /takes 2 experts per token: 3 cannot be forced/],
    [[k(0, 0)], /k must be a whole number from 1 to 4, not 0/],
    [[k(null, 5)], /not 5/],
    [[{ kind: 'bias', layer: 0, expert: 0, amount: Number.NaN }], /bias must be a number from −20 to 20/],
    [[{ kind: 'bias', layer: 0, expert: 0, amount: 20.5 }], /not 20.5/],
    [[{ kind: 'route', layer: 0, rule: 'uniform', seed: -1 }], /seed/],
    [[{ kind: 'route', layer: 0, rule: 'best', seed: 1 } as never], /no routing rule “best”/],
    [[{ kind: 'off', layer: null, expert: 1 } as never], /A layer must be a whole number from 0 to 1, not null/],
    [[{ kind: 'off', layer: {}, expert: 1 } as never], /A layer must be .*, not an object/],
    [[{ kind: 'explode', layer: 0 } as never], /no such intervention/],
    [[{ kind: 'off', layer: 0 } as never], /An expert must be a whole number from 0 to 3, but it is missing/],
    [[{ kind: 'k', layer: 0, k: [] } as never], /k must be .*, not a list/],
    [[{ kind: 'bias', layer: 0, expert: 0, amount: '5' } as never], /bias must be a number/],
  ])('refuses %j', (list, words) => {
    expect(interventionProblem(SHAPE, list)).toMatch(words);
  });

  it('looks at long lists for many layers once', () => {
    const times = growth(40_000, (length) => {
      const shape = { layers: length / 10, experts: 8, expertsPerToken: 2 };
      const list = Array.from({ length }, (_, i) => off(i % shape.layers, Math.floor(i / (2 * shape.layers))));
      expect(interventionProblem(shape, list)).toBeNull();
    });
    expect(times).toBeLessThan(LINEAR);
  });

  it('nothing of a dense model', () => {
    expect(interventionProblem({ layers: 2, experts: 1, expertsPerToken: 1 }, [{ kind: 'frozen' }])).toMatch(/dense/);
  });
});

describe('the list', () => {
  it('gives up what a newer entry overrules, and nothing else', () => {
    const list = [off(0, 1), k(0, 3), k(1, 1)];
    expect(add(list, force(0, 1))).toEqual([k(0, 3), k(1, 1), force(0, 1)]);
    expect(add(list, k(null, 2))).toEqual([off(0, 1), k(null, 2)]);
    expect(add(list, k(1, 2))).toEqual([off(0, 1), k(0, 3), k(1, 2)]);
    expect(add([{ kind: 'frozen' }], { kind: 'frozen' })).toHaveLength(1);
    const bias = (amount: number): Intervention => ({ kind: 'bias', layer: 0, expert: 1, amount });
    expect(add([...list, bias(1)], bias(2))).toEqual([...list, bias(2)]);
    expect(add([bias(1)], off(0, 1))).toEqual([bias(1), off(0, 1)]);
    expect(remove(list, 1)).toEqual([off(0, 1), k(1, 1)]);
    expect([isOff(list, 0, 1), isOff(list, 0, 2), isOff(list, 1, 1)]).toEqual([true, false, false]);
  });
});
