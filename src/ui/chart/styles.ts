import { css } from 'lit';
import { figures } from '../article/panel-styles.ts';

/** How a chart looks: the page's tokens alone, so that every theme and forced colours hold. */
export const chartStyles = css`
  :host {
    display: block;
    position: relative;
    min-width: 0;
  }
  svg {
    display: block;
    max-width: 100%;
    overflow: visible;
    font: 400 var(--chart-size) / 1 var(--figure-face);
    font-variant-numeric: tabular-nums lining-nums;
  }
  .grid {
    stroke: var(--rule);
  }
  .axis {
    stroke: var(--rule-2);
  }
  .tick,
  .words {
    fill: var(--ink-2);
  }
  .mark {
    stroke: var(--ink-2);
    stroke-dasharray: 1 3;
    stroke-linecap: round;
    stroke-width: 1.5;
  }
  .limit {
    fill: none;
    stroke: var(--ink-2);
    stroke-width: 1.5;
  }
  .lead {
    stroke: var(--rule);
  }
  .series {
    color: var(--ink);
  }
  .series.accent {
    color: var(--now-ink);
  }
  .line {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linejoin: round;
  }
  .accent .line {
    stroke-width: 2.5;
  }
  .bar {
    stroke: currentColor;
    stroke-width: 1.5;
  }
  .sign {
    fill: currentColor;
    stroke: currentColor;
    stroke-width: 1.75;
  }
  .sign.ring,
  .sign.diamond {
    fill: var(--paper);
  }
  .sign.cross {
    fill: none;
    stroke-width: 2;
  }
  .name {
    fill: currentColor;
    font-weight: 600;
  }
  .beside {
    fill: var(--ink);
  }
  /* Over lines and signs words stay readable. */
  .beside,
  .words {
    paint-order: stroke;
    stroke: var(--paper);
    stroke-width: 3px;
    stroke-linejoin: round;
  }
  .point {
    outline: none;
  }
  .halo {
    fill: none;
    stroke: none;
  }
  .point.near .halo {
    stroke: var(--ink);
    stroke-width: 1.5;
  }
  .point:focus-visible .halo {
    stroke: var(--now);
    stroke-width: 2.5;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.15rem 1.1rem;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: var(--size-1);
  }
  .legend li {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
  }
  .legend svg {
    flex: none;
  }
  .said {
    min-height: 1.45em;
    margin: 0.1rem 0 0;
    font-size: var(--size-1);
    color: var(--ink-2);
  }
  summary {
    width: fit-content;
    cursor: pointer;
    font-size: var(--size-1);
    color: var(--ink-2);
    padding: 0.25rem 0;
  }
  summary:hover {
    color: var(--ink);
  }
  .twin {
    position: relative;
    overflow-x: auto;
    max-width: 100%;
  }
  ${figures}
  th,
  td {
    padding-right: 1rem;
  }
  thead th {
    white-space: normal;
    min-width: 5.5rem;
  }
`;
