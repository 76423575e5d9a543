/** What a computed style says of bars, ramps and hatches is read as it is painted. */
import { describe, expect, it } from 'vitest';
import { layersOf } from '../../src/ui/picture-backgrounds.ts';

const box = { width: 200, height: 20 };

describe('the backgrounds of a picture', () => {
  it('are the bar and its mark of chance, the lowest first', () => {
    const [bar, mark] = layersOf(
      {
        backgroundImage:
          'linear-gradient(lab(41 48 55), lab(41 48 55)), linear-gradient(oklch(0.6 0.01 none / 0.55), red)',
        backgroundSize: '2px 80%, 62% 3px',
        backgroundPosition: '25% 50%, 0px calc(100% - 1px)',
      },
      box,
    );
    expect(bar).toMatchObject({ x: 0, y: 16, width: 124, height: 3, repeating: false });
    expect(bar.stops.map(({ color }) => color)).toEqual(['oklch(0.6 0.01 none / 0.55)', 'red']);
    expect(mark).toMatchObject({ x: 49.5, y: 2, width: 2, height: 16 });
    expect(mark.stops[0]).toEqual({ color: 'lab(41 48 55)', at: null });
  });

  it('are ramps with their way and the space they are mixed in, and hatches with their stripes', () => {
    const plain = { backgroundSize: 'auto', backgroundPosition: '0% 0%' };
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

  it('leave out what is no linear gradient', () => {
    const none = { backgroundSize: 'auto', backgroundPosition: '0% 0%' };
    expect(layersOf({ ...none, backgroundImage: 'none' }, box)).toEqual([]);
    expect(layersOf({ ...none, backgroundImage: 'url("data:image/svg+xml,(a,b)")' }, box)).toEqual([]);
  });
});
