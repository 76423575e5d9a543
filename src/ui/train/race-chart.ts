/** The curves of a race, over what one likes. */
import { html } from 'lit';
import type { RacePoint } from '../../state/training/running.ts';
import type { RunnerFacts } from '../../worker/trainingTurns.ts';
import type { Series } from '../chart/types.ts';
import '../chart/dot-chart.ts';
import { short } from '../kit/format.ts';
import { KIND_WORDS } from '../kit/kinds.ts';

export type Axis = 'flops' | 'steps' | 'seconds';
const AXES: readonly [Axis, string][] = [
  ['flops', 'training FLOPs'],
  ['steps', 'steps'],
  ['seconds', 'seconds of own steps'],
];

/** By runner, as it looks everywhere in charts. */
export const LOOKS = [
  { name: 'MoE', ...KIND_WORDS.moe.look },
  { name: 'dense, same work', ...KIND_WORDS['same-active'].look },
  { name: 'dense, same size', ...KIND_WORDS['same-total'].look },
] as const;

export function raceChart({
  curves,
  runners,
  axis,
  label,
  yLabel,
  yScale,
  yFormat,
  onAxis,
}: {
  curves: readonly (readonly RacePoint[])[];
  runners: readonly RunnerFacts[];
  axis: Axis;
  label: string;
  yLabel: string;
  yScale: 'log' | 'linear';
  yFormat: (value: number) => string;
  onAxis: (axis: Axis) => void;
}) {
  const x = ({ step, milliseconds }: RacePoint, i: number) =>
    axis === 'flops' ? step * runners[i].flopsPerStep : axis === 'steps' ? step : milliseconds / 1000;
  const series = curves.map(
    (points, i): Series => ({ ...LOOKS[i], points: points.map((point) => ({ x: x(point, i), y: point.loss })) }),
  );
  return html`<div class="axes" role="radiogroup" aria-label="Horizontal axis">${AXES.map(
    ([each, words]) =>
      html`<button class="link" role="radio" aria-checked=${each === axis} @click=${() => onAxis(each)}>${words}</button>`,
  )}</div>
  <dot-chart label=${label} .series=${series} xLabel=${AXES.find(([each]) => each === axis)![1]}
    yLabel=${yLabel} yScale=${yScale} .xFormat=${short} .yFormat=${yFormat} .lines=${16}></dot-chart>`;
}
