/** Scales, ticks and labels of the charts: no two words may ever touch. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeBeside, rowsOf, spreadOut, widthOf } from '../../src/ui/chart/labels.ts';
import { type ChartInput, layOut, nearest } from '../../src/ui/chart/layout.ts';
import { fittingTicks, rangeOf, scaleOf } from '../../src/ui/chart/scale.ts';
import { sentenceOf, twinOf } from '../../src/ui/chart/table.ts';
import type { ScaleKind, Series } from '../../src/ui/chart/types.ts';

const KINDS: readonly ScaleKind[] = ['linear', 'log', 'log2'];

describe('scales', () => {
  it('take the ends of the range to the ends of the axis, and equal steps or factors to equal lengths', () => {
    const linear = scaleOf('linear', [0, 10], 100, 200);
    expect([0, 5, 10].map(linear.at)).toEqual([100, 150, 200]);
    const log = scaleOf('log', [1, 100], 300, 100);
    expect([1, 10, 100].map((value) => Math.round(log.at(value)))).toEqual([300, 200, 100]);
    expect(log.at(0.001)).toBe(300);
  });

  it('show every value, and nothing at or below 0 on a logarithmic axis', () => {
    for (const kind of KINDS) {
      const [low, high] = rangeOf(kind, [3, -1, 0, 250]);
      expect(low).toBeLessThan(kind === 'linear' ? -1 : 3);
      expect(low > 0).toBe(kind !== 'linear');
      expect(high).toBeGreaterThan(250);
    }
    expect(rangeOf('linear', [2, 5], true)[0]).toBe(0);
    expect(rangeOf('log', [])).toEqual([1, 10]);
    const [low, high] = rangeOf('log', [7, 7]);
    expect(low < 7 && high > 7).toBe(true);
  });

  it('have ticks at powers of two, at 1, 2 and 5, and at round numbers', () => {
    const narrow = () => 20;
    expect(fittingTicks(scaleOf('log2', [1, 512], 0, 900), narrow, 12)).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512,
    ]);
    expect(fittingTicks(scaleOf('log', [0.9, 60], 0, 900), narrow)).toEqual([1, 2, 5, 10, 20, 50]);
    expect(fittingTicks(scaleOf('linear', [0, 1], 0, 900), narrow, 6)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(fittingTicks(scaleOf('log', [1e3, 1e12], 0, 200), () => 60)).toEqual([1e3, 1e6, 1e9, 1e12]);
  });

  it('never have ticks whose labels touch', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.double({ min: 1.001, max: 1e9, noNaN: true }),
        fc.integer({ min: 60, max: 1200 }),
        fc.integer({ min: 8, max: 90 }),
        (kind, low, factor, length, extent) => {
          const scale = scaleOf(kind, [low, low * factor], 0, length);
          const places = fittingTicks(scale, () => extent).map(scale.at);
          for (let i = 1; i < places.length; i++)
            expect(places[i] - places[i - 1]).toBeGreaterThanOrEqual(extent - 1e-6);
        },
      ),
    );
  });
});

describe('labels', () => {
  it('are pushed apart, keep their order, and stay inside where there is room', () => {
    expect(spreadOut([50, 51, 52], 10, 0, 100)).toEqual([50, 60, 70]);
    expect(spreadOut([98, 97], 10, 0, 100)).toEqual([100, 90]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 }), (wanted) => {
        const places = spreadOut(wanted, 10, 0, 100);
        const sorted = [...places].sort((a, b) => a - b);
        for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(10);
        expect(sorted[0] >= 0 && sorted.at(-1)! <= 100).toBe(true);
      }),
    );
  });

  it('stand beside their points, never on another label or point, or are left out', () => {
    const frame = { left: 0, right: 300, top: 0, bottom: 200 };
    const at = fc.record({ x: fc.integer({ min: 0, max: 300 }), y: fc.integer({ min: 0, max: 200 }) });
    fc.assert(
      fc.property(fc.array(at, { maxLength: 9 }), (points) => {
        const anchors = points.map((point, i) => ({ ...point, words: `point ${i}` }));
        const boxes = placeBeside(anchors, points, frame, 12).flatMap((place, i) => {
          if (!place) return [];
          const width = widthOf(anchors[i].words, 12);
          const left = place.x - { start: 0, middle: width / 2, end: width }[place.anchor];
          return [{ left, right: left + width, top: place.y - 9, bottom: place.y + 3 }];
        });
        for (const [i, a] of boxes.entries()) {
          expect(a.left >= 0 && a.right <= 300 && a.top >= 0 && a.bottom <= 200).toBe(true);
          expect(points.some(({ x, y }) => x > a.left && x < a.right && y > a.top && y < a.bottom)).toBe(false);
          for (const b of boxes.slice(i + 1)) {
            expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
          }
        }
      }),
    );
    expect(placeBeside([{ x: 10, y: 50, words: 'alone' }], [{ x: 10, y: 50 }], frame, 12)[0]).not.toBeNull();
  });

  it('give way to what the chart is about, wherever it stands in their order', () => {
    // Points in a row so near each other that no two of their words have room.
    const points = Array.from({ length: 12 }, (_, i) => ({ x: 150 + i, y: 100 }));
    for (const main of [0, 6, 11]) {
      const anchors = points.map((point, i) => ({ ...point, words: 'some long words', main: i === main }));
      const places = placeBeside(anchors, points, { left: 60, right: 250, top: 60, bottom: 140 }, 12);
      expect(places[main]).not.toBeNull();
      expect(places.filter((place) => place === null).length).toBeGreaterThan(0);
    }
  });

  it('stand away from their point, at the end of a line, where lines and points crowd it: on a phone', () => {
    // As “reported of llama.cpp” stands among the curves of a cache, at 340 pixels.
    const curves = [171, 171, 215].map((y) => ({ x: 56, y }));
    const next = [104, 119, 121, 131, 190].map((y) => ({ x: 93, y }));
    const [point, other] = [
      { x: 56, y: 104, words: 'llama.cpp' },
      { x: 93, y: 75, words: 'llama.cpp' },
    ];
    const frame = { left: 56, right: 340, top: 26, bottom: 240 };
    const [place] = placeBeside([point, other], [point, other, ...curves, ...next], frame, 12);
    expect(place).not.toBeNull();
    expect(Math.abs(place!.leadY! - point.y)).toBeGreaterThan(12);
    expect(Math.abs(place!.leadY! - place!.y)).toBeLessThan(12);
    expect(placeBeside([point], [point], frame, 12)[0]!.leadY).toBeUndefined();
  });

  it('take a second row where they would touch in the first', () => {
    expect(
      rowsOf(
        [
          { left: 0, right: 50 },
          { left: 40, right: 90 },
          { left: 60, right: 99 },
        ],
        5,
      ),
    ).toEqual([0, 1, 0]);
  });
});

const SERIES: readonly Series[] = [
  {
    name: 'MoE',
    mark: 'disc',
    line: 'solid',
    points: [
      { x: 1, y: 2, spread: 0.5 },
      { x: 2, y: 3 },
    ],
  },
  {
    name: 'dense',
    mark: 'ring',
    line: 'dashed',
    points: [
      { x: 1, y: 4 },
      { x: 2, y: 4.5 },
    ],
  },
];
const WORDS = { xLabel: 'tokens', yLabel: 'ms', xFormat: String, yFormat: String };

describe('a chart', () => {
  const input: ChartInput = {
    ...{ series: SERIES, marks: [{ x: 1.5, words: 'dearer from here' }], limits: [], fromZero: false },
    ...{ xScale: 'log2', yScale: 'log', xFormat: String, yFormat: String, width: 800, height: 300, size: 12 },
  };

  it('draws every point inside its frame, with its error bar, and names the lines at their ends where it is wide', () => {
    const { dots, names, marks, left, right, top, bottom } = layOut(input);
    expect(dots).toHaveLength(4);
    for (const { x, y } of dots) expect(x > left && x < right && y > top && y < bottom).toBe(true);
    expect(dots[0].yBar![0]).toBeGreaterThan(dots[0].y);
    expect(dots[0].yBar![1]).toBeLessThan(dots[0].y);
    expect(dots[1].yBar).toBeNull();
    expect(Math.abs(names[0]!.y - names[1]!.y)).toBeGreaterThanOrEqual(12);
    expect(marks[0].x).toBeGreaterThan(dots[0].x);
    expect(marks[0].x).toBeLessThan(dots[1].x);
  });

  it('leaves the names to a legend on a phone', () => {
    expect(layOut({ ...input, width: 340 }).names).toEqual([null, null]);
  });

  it('leaves out what a logarithmic axis cannot show, and stands without any point', () => {
    const zero: Series = { name: 'nothing', mark: 'cross', points: [{ x: 1, y: 0 }] };
    expect(layOut({ ...input, series: [zero] }).dots).toEqual([]);
  });

  it('knows the point that is meant', () => {
    const { dots } = layOut(input);
    expect(nearest(dots, dots[2].x + 3, dots[2].y - 2, 20)).toBe(dots[2]);
    expect(nearest(dots, dots[2].x + 300, dots[2].y, 20)).toBeNull();
  });
});

describe('the table of a chart', () => {
  it('has a row for each shared x, and the spread', () => {
    expect(twinOf(SERIES, WORDS)).toEqual({
      head: ['tokens', 'MoE: ms', 'dense: ms'],
      rows: [
        ['1', '2 ±\u00a025\u00a0%', '4'],
        ['2', '3', '4.5'],
      ],
    });
  });

  it('has a row for each point where they share nothing or have names of their own', () => {
    const scattered: Series[] = SERIES.map((each) => ({
      ...each,
      points: [{ x: each.points[0].y, y: 1, xSpread: 2, label: 'k = 2' }],
    }));
    expect(twinOf(scattered, WORDS).rows).toEqual([
      ['MoE, k = 2', '2 ±\u00a0100\u00a0%', '1'],
      ['dense, k = 2', '4 ±\u00a050\u00a0%', '1'],
    ]);
  });

  it('says a point in a sentence', () => {
    expect(sentenceOf('MoE', SERIES[0].points[0], WORDS)).toBe('MoE: ms 2 ±\u00a025\u00a0% at tokens 1');
  });
});
