/** A row of figures on a thin bar: how much it is, and where chance would end. */
import { css } from 'lit';

export const chanceBarStyles = css`
  tr.bar {
    background:
      linear-gradient(var(--now-ink), var(--now-ink)) var(--chance) 100% / 2px 7px no-repeat,
      linear-gradient(var(--ink-2), var(--ink-2)) 0 calc(100% - 1px) / var(--share) 3px no-repeat,
      linear-gradient(var(--well), var(--well)) 0 calc(100% - 1px) / 100% 3px no-repeat;
  }
`;

/** Both from 0 to 1 of the row's width. */
export function chanceBar(share: number, chance: number): string {
  const percent = (x: number) => `${(100 * Math.min(1, x)).toFixed(2)}%`;
  return `--share:${percent(share)};--chance:${percent(chance)}`;
}
