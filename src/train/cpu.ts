/** Trains a painter in plain JavaScript: where there is no WebGPU, a small picture still learns. */
import { PAINTER_RECIPE } from '../reference/block/optimise.ts';
import type { Make } from '../reference/block/weights.ts';
import { gradientOf } from '../reference/painter/backward.ts';
import { forward } from '../reference/painter/forward.ts';
import { axisFeatures, drawnPixel, gather } from '../reference/painter/inputs.ts';
import { layoutOf } from '../reference/painter/shape.ts';
import { f32, routersOf } from './block/memory.ts';
import { cpuSteps, turn } from './block/steps.ts';
import type { Painting, RunOptions, Trainer } from './types.ts';

/** Pixels that are painted before others get their turn. */
const AT_ONCE = 1024;

/** @param make float64 gives the oracle that the GPU is tested against. */
export function createCpuTrainer(options: RunOptions, make: Make = f32): Trainer {
  const { shape, picture, batch, seed } = options;
  const layout = layoutOf(shape);
  const { k } = shape;
  const routers = routersOf(shape);
  // As the GPU reads them, in single precision.
  const axes = [picture.width, picture.height].map((size) => axisFeatures(size, shape.octaves, f32));
  const pixels = picture.width * picture.height;
  const take = (count: number, pixelOf: (n: number) => number) =>
    gather(shape, layout, picture, [axes[0], axes[1]], count, pixelOf, make);
  const trains = cpuSteps({ shape, layout, seed }, PAINTER_RECIPE, make, (step, weights, rest) => {
    const drawn = take(batch, (n) => drawnPixel(seed, step, n, pixels));
    return gradientOf(shape, layout, weights, drawn, make, rest);
  });
  const { average, bias } = trains;

  return Object.assign(trains, {
    options,
    async paint(off: ReadonlySet<number> = new Set()): Promise<Painting> {
      const data = new Uint8ClampedArray(4 * pixels).fill(255);
      const territories = Array.from({ length: routers }, () => new Uint8Array(pixels));
      for (let first = 0; first < pixels; first += AT_ONCE) {
        await turn();
        const part = take(Math.min(AT_ONCE, pixels - first), (n) => first + n);
        const { out, layers: kept } = forward(shape, layout, average, part, make, { bias, off });
        for (let n = 0; n < part.count; n++) {
          for (let c = 0; c < 3; c++) data[4 * (first + n) + c] = 255 * (out[4 * n + c] / 2 + 0.5);
          for (const [layer, map] of territories.entries()) map[first + n] = kept[layer].experts[n * k];
        }
      }
      return { data, territories };
    },
    destroy() {},
  });
}
