/** How many experts a step of N tokens really needs: counted on text, beside what chance predicts. */
import { type Engine, NO_EXPERT } from '../engine/types.ts';
import type { Touched } from './contract.ts';
import { type BlockShape, expectedExpertsTouched } from './costModel.ts';
import type { Heldout } from './heldout.ts';

/** Which experts the positions of a text chose, position after position: [L] sets to each. */
export type Routes = readonly (readonly ReadonlySet<number>[])[];

/** Routes the whole held-out text. Leaves the engine's cache empty. */
export async function routesOf(
  engine: Engine,
  { domains }: Heldout,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Routes> {
  const { layers } = engine.model.config;
  const sequences = domains.flatMap(({ ids }) => ids);
  const routes: Set<number>[][] = [];
  for (const [done, ids] of sequences.entries()) {
    signal?.throwIfAborted();
    onProgress(done, sequences.length);
    const { trace } = await engine.score(ids);
    for (let position = 0; position < trace.count; position++) {
      const row = (layer: number) => (position * layers + layer) * trace.slots;
      routes.push(
        Array.from({ length: layers }, (_, layer) => {
          const chosen = trace.expertIds.subarray(row(layer), row(layer) + trace.slots);
          return new Set([...chosen].filter((expert) => expert !== NO_EXPERT));
        }),
      );
    }
  }
  return routes;
}

/** Mean number of different experts over all layers and all windows of N consecutive positions, side by side. */
export function touchedBy(routes: Routes, { experts, expertsPerToken }: BlockShape, tokens: number): Touched {
  const windows = Math.floor(routes.length / tokens);
  const layers = routes[0]?.length ?? 0;
  let sum = 0;
  for (let window = 0; window < windows; window++) {
    const positions = routes.slice(window * tokens, (window + 1) * tokens);
    for (let layer = 0; layer < layers; layer++) sum += new Set(positions.flatMap((row) => [...row[layer]])).size;
  }
  return {
    predicted: expectedExpertsTouched(experts, expertsPerToken, tokens),
    measured: windows > 0 ? sum / (windows * layers) : null,
    windows,
  };
}
