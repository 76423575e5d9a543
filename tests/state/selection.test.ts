import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hueOf, Selection } from '../../src/state/views/selection.ts';

describe('pinned experts', () => {
  it('are at most eight, each with a hue that stays its own', () => {
    const step = fc.record({ layer: fc.nat(2), expert: fc.nat(5), again: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const selection = new Selection();
        for (const { layer, expert, again } of steps) {
          const before = selection.pinnedExperts.get();
          if (again) selection.pin({ layer, expert });
          else selection.togglePin({ layer, expert });
          const pins = selection.pinnedExperts.get();
          expect(pins.length).toBeLessThanOrEqual(8);
          expect(new Set(pins.map(({ hue }) => hue)).size).toBe(pins.length);
          expect(new Set(pins.map((pin) => `${pin.layer}:${pin.expert}`)).size).toBe(pins.length);
          for (const pin of pins) {
            expect(pin.hue).toBeLessThan(8);
            const old = before.find((each) => each.layer === pin.layer && each.expert === pin.expert);
            if (old) expect(pin.hue).toBe(old.hue);
          }
          if (again) expect(selection.inspectedExpert.get()).toMatchObject({ layer, expert });
        }
      }),
      { seed: 5 },
    );
  });

  it('carry the colour of the text where experts are few, and their pin’s where they are many', () => {
    const selection = new Selection();
    selection.pin({ layer: 1, expert: 40 });
    selection.pin({ layer: 1, expert: 9 });
    const pins = selection.pinnedExperts.get();
    const hues = { slot: (_: number, expert: number) => expert };
    const few = { layers: 2, experts: 16, expertsPerToken: 2 };
    const many = { layers: 2, experts: 64, expertsPerToken: 8 };
    expect(hueOf(few, { layer: 1, expert: 9 }, pins, hues)).toBe(1);
    expect(hueOf(few, { layer: 0, expert: 15 }, [], hues)).toBe(7);
    expect(hueOf(many, { layer: 1, expert: 9 }, pins, hues)).toBe(1);
    expect(hueOf(many, { layer: 0, expert: 9 }, pins, hues)).toBeNull();
    selection.fit({ layers: 2, experts: 16, expertsPerToken: 2 });
    expect(selection.pinnedExperts.get().map(({ expert }) => expert)).toEqual([9]);
  });
});
