/** Where experts are: what the marks on the wall are, what moves when one comes, and the words. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../src/state/session/session.ts';
import type { Palette } from '../../src/ui/kit/palette.ts';
import type { Residency } from '../../src/worker/protocol.ts';

let still = false;
let places: typeof import('../../src/ui/residency/places.ts');

beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({
    get matches() {
      return still;
    },
    addEventListener: () => {},
  }));
  places = await import('../../src/ui/residency/places.ts');
});

const residency = (held: readonly number[], away: readonly number[], entries = 4): Residency => ({
  ...{ entries, hits: 93, misses: 7, tokens: 10, bytesMoved: 700, guessed: 0, guessedRight: 0, warning: null },
  held: [[], held],
  away: [[], away],
  // The first layer routes nothing.
  expertBytes: [0, 1e6],
});

/** The rectangles that are drawn in ink, and the frames. */
function drawn(painter: InstanceType<typeof places.PlacesPainter>, of: Residency, now: number) {
  const bars: number[][] = [];
  let frames = 0;
  const context = {
    fillStyle: '',
    fillRect: (...box: number[]) => void (context.fillStyle === 'ink' && bars.push(box)),
    strokeRect: () => void frames++,
  };
  const palette = { ink: 'ink', paper: 'paper' } as Palette;
  const box = (layer: number, expert: number) => ({ x: 30 * expert, y: 40 * layer, width: 30, height: 40 });
  const moving = painter.draw(context as unknown as CanvasRenderingContext2D, now, {
    ...{ residency: of, experts: 4, palette, box },
  });
  return { bars, frames, moving };
}

describe('on the wall', () => {
  it('a bar is whole for who is on the GPU, short for who is beside it, and none for who is not here', () => {
    const { bars, frames, moving } = drawn(new places.PlacesPainter(), residency([0, 3], [1]), 0);
    expect(bars.map(([x, , width]) => [x, width])).toEqual([
      [0, 30],
      [70, 10],
      [90, 30],
    ]);
    expect([frames, moving]).toEqual([0, false]);
  });

  it('a frame closes in on who comes, for a moment, and not where nothing may move', () => {
    const painter = new places.PlacesPainter();
    drawn(painter, residency([0], [1, 2]), 0);
    const one = residency([0, 2], [1]);
    expect(drawn(painter, one, 100)).toMatchObject({ frames: 1, moving: true });
    expect(drawn(painter, one, 300)).toMatchObject({ frames: 1, moving: true });
    expect(drawn(painter, one, 600)).toMatchObject({ frames: 0, moving: false });
    // Other room fills from beside: nothing has come.
    expect(drawn(painter, residency([0, 1, 2], [], 3), 700).frames).toBe(0);
    still = true;
    expect(drawn(painter, residency([1, 2, 3], [], 3), 800)).toMatchObject({ frames: 0, moving: false });
    still = false;
  });
});

it('says how many are there in true counts, and of one where it is', () => {
  const session = {
    shape: { get: () => ({ layers: 2, experts: 4 }) },
    phase: { get: () => 'going' },
    opened: { get: () => ({ info: { fallback: false } }) },
  } as unknown as Session;
  const now = residency([0, 3], [1]);
  expect(places.placesWords(session, now)).toBe(
    'Writes with 2 of 4 experts on this GPU: 2.0\u00a0MB of 4.0\u00a0MB; 93 of 100 asked for were there; 1 not here yet.',
  );
  expect([0, 1, 2].map((expert) => places.placeWords(now, 1, expert))).toEqual([
    ' It is on the GPU.',
    ' It is not here yet.',
    ' It is on this machine, not on the GPU.',
  ]);
  expect(places.placeWords(now, 0, 0)).toBe('');
});
