/** A picture of the wall, and beside or under it what it shows in large figures. */
import { css } from 'lit';

export const besideStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr) calc(var(--u) * 24);
    gap: calc(var(--u) * 3);
    min-height: 0;
  }
  .told {
    display: grid;
    align-content: center;
    gap: calc(var(--u) * 1.4);
    font: 400 var(--small) / 1.3 var(--figure-face);
    color: var(--ink-2);
  }
  b {
    display: block;
    font: 500 calc(var(--u) * 6) / 1 var(--text-face);
    font-variant-numeric: tabular-nums lining-nums;
    color: var(--ink);
    white-space: nowrap;
  }
  @container (orientation: portrait) {
    :host {
      grid-template: minmax(0, 1fr) auto / minmax(0, 1fr);
    }
  }
`;
