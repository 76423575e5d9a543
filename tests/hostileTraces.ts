/** Traces that mean harm, and large ones that do not. */

const HEAD = {
  ...{ format: 'moescope-trace', version: 2, created: '2026-01-01T00:00:00Z', sampling: null, promptTokens: 0 },
  device: { kind: 'cpu', name: 'x', fallback: false, features: [] },
};

/** 0.9 MB that took 24 s: a long list of interventions looked at once for each of 65,535 layers. */
export function hangTrace(): string {
  const layers = 65_535;
  return JSON.stringify({
    ...HEAD,
    model: { name: 'm', architecture: 'x', layers, experts: 2, expertsPerToken: 1 },
    tokens: [{ id: 0, text: 'a' }],
    expertIds: [Array(layers).fill([0])],
    gateWeights: [Array(layers).fill([1])],
    interventions: [{ position: 0, interventions: Array(20_000).fill({ kind: 'frozen' }) }],
  });
}

export interface Shape {
  readonly tokens: number;
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

/** An honest trace of any size. */
export function largeTrace({ tokens, layers, experts, expertsPerToken }: Shape, more: object = {}): string {
  const row = (t: number, layer: number) =>
    Array.from({ length: expertsPerToken }, (_, rank) => (t * 7 + layer * 3 + rank) % experts);
  const weights = Array.from({ length: expertsPerToken }, () => Number((1 / expertsPerToken).toFixed(6)));
  const each = <T>(of: (t: number) => T) => Array.from({ length: tokens }, (_, t) => of(t));
  const everyLayer = <T>(of: (layer: number) => T) => Array.from({ length: layers }, (_, layer) => of(layer));
  return JSON.stringify({
    ...HEAD,
    model: { name: 'Large', architecture: 'qwen3moe', layers, experts, expertsPerToken },
    tokens: each((t) => ({ id: t, text: t % 9 ? ` w${t}` : '.\n' })),
    expertIds: each((t) => everyLayer((layer) => row(t, layer))),
    gateWeights: each(() => everyLayer(() => weights)),
    ...more,
  });
}
