/** What a computed style says of bars, ramps and hatches is read as it is painted. */
import { describe, expect, it } from 'vitest';
import { layersOf } from '../../src/ui/share/picture-backgrounds.ts';

const box = { width: 200, height: 20 };

describe('the backgrounds of a picture', () => {
  it('are the bar and its mark of chance, the lowest first', () => {
    const [bar, mark] = layersOf(
      {
        backgroundImage:
          'linear-gradient(lab(41 48 55), lab(41 48 55)), linear-gradient(oklch(0.6 0.01 none / 0.55), red)',
        backgroundSize: '2px 80%, 62% 3px',
        backgroundPosition: '25% 50%, 0px calc(100% - 1px)',
        backgroundRepeat: 'no-repeat',
      },
      box,
    );
    expect(bar).toMatchObject({ x: 0, y: 16, width: 124, height: 3, repeating: false });
    expect(bar.stops.map(({ color }) => color)).toEqual(['oklch(0.6 0.01 none / 0.55)', 'red']);
    expect(mark).toMatchObject({ x: 49.5, y: 2, width: 2, height: 16 });
    expect(mark.stops[0]).toEqual({ color: 'lab(41 48 55)', at: null });
  });

  it('are ramps with their way and the space they are mixed in, and hatches with their stripes', () => {
    const plain = { backgroundSize: 'auto', backgroundPosition: '0% 0%', backgroundRepeat: 'repeat' };
    const [ramp] = layersOf(
      { ...plain, backgroundImage: 'linear-gradient(to right in oklch, lab(94 0 0), rgb(1, 2, 3) 60%)' },
      box,
    );
    expect(ramp).toMatchObject({ ...box, x: 0, y: 0, angle: 90, space: 'oklch' });
    expect(ramp.stops[1]).toEqual({ color: 'rgb(1, 2, 3)', at: { value: 60, unit: '%' } });
    const [hatch] = layersOf(
      {
        ...plain,
        backgroundImage: 'repeating-linear-gradient(135deg, rgb(0, 0, 0) 0px 1.5px, rgba(0, 0, 0, 0) 1.5px 4px)',
      },
      box,
    );
    expect(hatch).toMatchObject({ repeating: true, angle: 135 });
    expect(hatch.stops.map(({ at }) => at?.value)).toEqual([0, 1.5, 1.5, 4]);
  });

  it('are tiles, too, which go on as stripes over the whole box', () => {
    const tile = { backgroundPosition: '0px 0px', backgroundRepeat: 'repeat' };
    const [slanted] = layersOf(
      {
        ...tile,
        backgroundImage:
          'linear-gradient(135deg, rgb(0, 0, 0) 0%, rgb(0, 0, 0) 15%, transparent 15%, transparent 50%, rgb(0, 0, 0) 50% 65%, transparent 65% 100%)',
        backgroundSize: '6px 6px',
      },
      box,
    );
    expect(slanted).toMatchObject({ ...box, x: 0, y: 0, repeating: true, angle: 135 });
    expect(slanted.stops.map(({ at }) => at!.value / Math.hypot(6, 6))).toEqual(
      [0, 0.15, 0.15, 0.5, 0.5, 0.65, 0.65, 1].map((share) => expect.closeTo(share, 9)),
    );
    const [upright] = layersOf(
      {
        ...tile,
        backgroundImage: 'linear-gradient(90deg, rgb(0, 0, 0) 0px 2px, transparent 50% 100%)',
        backgroundSize: '4px 100%',
      },
      box,
    );
    expect(upright).toMatchObject({ ...box, repeating: true });
    expect(upright.stops.map(({ at }) => at!.value)).toEqual([0, 2, 2, 4].map((place) => expect.closeTo(place, 9)));
  });

  it('fill a box whose sizes are getters, as those of a DOMRect are', () => {
    class Rect {
      get width() {
        return 200;
      }
      get height() {
        return 20;
      }
    }
    const [upright] = layersOf(
      {
        backgroundImage: 'linear-gradient(90deg, rgb(0, 0, 0) 0px 2px, transparent 50% 100%)',
        ...{ backgroundSize: '4px 100%', backgroundPosition: '0px 0px', backgroundRepeat: 'repeat' },
      },
      new Rect(),
    );
    expect(upright).toMatchObject({ ...box, repeating: true });
  });

  it('leave out what is no linear gradient', () => {
    const none = { backgroundSize: 'auto', backgroundPosition: '0% 0%', backgroundRepeat: 'repeat' };
    expect(layersOf({ ...none, backgroundImage: 'none' }, box)).toEqual([]);
    expect(layersOf({ ...none, backgroundImage: 'url("data:image/svg+xml,(a,b)")' }, box)).toEqual([]);
  });
});
