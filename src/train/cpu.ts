/** Trains in plain JavaScript: where there is no WebGPU, a small picture still learns. */
import { gradientOf } from '../reference/painter/backward.ts';
import { forward } from '../reference/painter/forward.ts';
import { axisFeatures, drawnPixel, gather, initialWeights, type Make } from '../reference/painter/inputs.ts';
import { balance, optimise, startOptimiser } from '../reference/painter/optimise.ts';
import { layoutOf } from '../reference/painter/shape.ts';
import { stepRates } from './rates.ts';
import { DEFAULT_SETTINGS, type Painting, type RunOptions, type StepReport, type Trainer } from './types.ts';

/** Pixels that are painted before others get their turn. */
const AT_ONCE = 1024;
const f32: Make = (length) => new Float32Array(length);

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** @param make float64 gives the oracle that the GPU is tested against. */
export function createCpuTrainer(options: RunOptions, make: Make = f32): Trainer {
  const { shape, picture, batch, seed } = options;
  const layout = layoutOf(shape);
  const optimiser = startOptimiser(initialWeights(layout, seed, make), make);
  const { weights, average } = optimiser;
  const { layers, experts, k } = shape;
  const routers = experts > 1 ? layers : 0;
  const bias = make(layers * experts);
  // As the GPU reads them, in single precision.
  const axes = [picture.width, picture.height].map((size) => axisFeatures(size, shape.octaves, f32));
  const pixels = picture.width * picture.height;
  const take = (count: number, pixelOf: (n: number) => number) =>
    gather(shape, layout, picture, [axes[0], axes[1]], count, pixelOf, make);
  let steps = 0;

  function step(rates: ReturnType<typeof stepRates>): StepReport {
    const drawn = take(batch, (n) => drawnPixel(seed, steps, n, pixels));
    const { loss, gradient, loads } = gradientOf(shape, layout, weights, drawn, make, { aux: rates.aux, bias });
    const norm = optimise(optimiser, gradient, rates);
    if (routers) balance(bias, loads, rates.biasSpeed);
    return { step: steps++, loss, norm, loads: loads.slice(0, routers).map((load) => [...load]) };
  }

  const trainer: Trainer = {
    options,
    settings: DEFAULT_SETTINGS,
    get steps() {
      return steps;
    },
    async advance(count) {
      const reports: StepReport[] = [];
      for (let i = 0; i < count; i++) {
        await turn();
        reports.push(step(stepRates(steps, trainer.settings)));
      }
      return reports;
    },
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
  };
  return trainer;
}
