/** What the speaker reads and presses: this scene's notes, the next scene, the time, the controls. */
import { css, html, nothing } from 'lit';
import type { SceneList } from '../../state/stage/scenes.ts';
import { clock, planned } from '../../state/stage/time.ts';
import { type Figures, fill } from './fill.ts';
import type { Act } from './keys.ts';

/** All that the speaker is told, and what answers the buttons. */
export interface Desk {
  readonly list: SceneList;
  readonly number: number;
  readonly time: string;
  readonly frozen: boolean;
  readonly dark: boolean;
  /** null: there is nothing to put in the light. */
  readonly lit: boolean | null;
  readonly figures: Figures;
  /** What the page has to say, which the hall need not read. */
  readonly notice: string | null;
  readonly act: (act: Act) => void;
  readonly restart: () => void;
  readonly dismiss: () => void;
}

export const notesStyles = css`
  .notes {
    display: grid;
    gap: 0.5rem;
    max-width: 60rem;
  }
  .notes h1 {
    margin: 0;
    font: 500 1.5rem / 1.2 var(--text-face);
  }
  .notes p {
    margin: 0;
    white-space: pre-line;
    font: 400 1.25rem / 1.4 var(--text-face);
  }
  .notes .small {
    font: 400 1rem / 1.4 var(--figure-face);
    color: var(--ink-2);
  }
`;

export function notesOf({ list, number, time, frozen, figures }: Desk) {
  const scene = list.scenes[number - 1];
  const next = list.scenes[number];
  const due = planned(list, number);
  return html`
    <p class="small">Scene ${number} of ${list.scenes.length}, ${time}${due === null ? '' : `, this scene ends at ${clock(due)}`}${frozen ? ', frozen' : ''}</p>
    <h1>${fill(scene.title, figures)}</h1>
    <p>${fill(scene.notes || 'No notes for this scene.', figures)}</p>
    ${next ? html`<p class="small">Next: ${fill(next.title, figures)}</p>` : nothing}
  `;
}

export const controlStyles = css`
  nav {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    font: 400 14px / 1.3 var(--figure-face);
  }
  nav button {
    min-height: 44px;
    min-width: 44px;
    padding: 0 12px;
    border: 1px solid var(--rule-2);
    border-radius: var(--radius);
    background: var(--paper);
    color: var(--ink);
    font: inherit;
    font-variant-numeric: tabular-nums;
    cursor: pointer;
  }
  nav button:disabled {
    color: var(--ink-2);
    border-color: var(--rule);
  }
  nav button.main,
  nav [aria-pressed='true'] {
    background: var(--ink);
    border-color: var(--ink);
    color: var(--paper);
  }
  nav .where {
    padding: 0 8px;
  }
  nav .time {
    margin-left: auto;
  }
  nav kbd {
    font: inherit;
    opacity: 0.75;
  }
`;

/** @param inNotes in the window of the notes, which need not be opened from there */
export function controlsOf({ list, number, time, frozen, dark, lit, act, restart }: Desk, inNotes: boolean) {
  const count = list.scenes.length;
  const button = (kind: 'dark' | 'light' | 'freeze', words: string, key: string, on: boolean, id: string) =>
    html`<button aria-pressed=${on} @click=${() => act({ kind })} data-testid=${id}>${words} <kbd>${key}</kbd></button>`;
  return html`<nav aria-label="Talk">
    <button @click=${() => act({ kind: 'move', by: -1 })} ?disabled=${number < 2} data-testid="scene-back">Back</button>
    <button class="main" @click=${() => act({ kind: 'move', by: 1 })} ?disabled=${number >= count} data-testid="scene-next">Next</button>
    <span class="where">${number} of ${count}</span>
    ${lit === null ? nothing : button('light', 'Spotlight', 'S', lit, 'spotlight')}
    ${button('dark', 'Black', 'B', dark, 'dark')}
    ${button('freeze', 'Freeze', 'F', frozen, 'freeze')}
    ${inNotes ? nothing : html`<button @click=${() => act({ kind: 'notes' })} data-testid="notes">Notes <kbd>N</kbd></button>`}
    <button class="time" @click=${restart} aria-label=${`${time}, start the timer anew`} data-testid="timer">${time}</button>
    <button @click=${() => act({ kind: 'leave' })} data-testid="scene-leave">Leave <kbd>Esc</kbd></button>
    ${inNotes ? nothing : html`<button @click=${() => act({ kind: 'controls' })} data-testid="controls-hide">Hide <kbd>C</kbd></button>`}
  </nav>`;
}
