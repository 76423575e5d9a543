/** The buffers of a painter on the GPU. */
import { axisFeatures } from '../reference/painter/inputs.ts';
import { layoutOf } from '../reference/painter/shape.ts';
import { allocateActivations, allocateGradients, allocateParameters, f32, Holding } from './block/memory.ts';
import type { RunOptions } from './types.ts';

export type Memory = ReturnType<typeof allocate>;

export function allocate(device: GPUDevice, { shape, picture, batch: N, seed }: RunOptions) {
  const layout = layoutOf(shape);
  const network = { shape, layout, rows: N };
  const holding = new Holding(device);
  const parameters = allocateParameters(holding, network, seed);
  const pixels = picture.width * picture.height;
  return {
    ...parameters,
    ...allocateActivations(holding, network),
    ...allocateGradients(holding, network, parameters),
    layout,
    axes: [picture.width, picture.height].map((size) => holding.upload('axis', axisFeatures(size, shape.octaves, f32))),
    picture: holding.upload('picture', new Uint8Array(picture.data)),
    features: holding.floats('features', N * layout.features),
    place: holding.floats('place', N * layout.place),
    target: holding.floats('target', N * 4),
    colours: holding.floats('colours', N * 4),
    dColours: holding.floats('d colours', N * 4),
    painted: holding.floats('painted', pixels),
    territories: holding.floats('territories', pixels),
    destroy: () => holding.destroy(),
  };
}
