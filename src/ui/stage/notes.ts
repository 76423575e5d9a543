/** What the speaker reads: this scene's notes, the next scene, the time. */
import { css, html, nothing } from 'lit';
import { clock, planned } from '../../state/stage/time.ts';
import { fill } from './fill.ts';
import type { Desk } from './notes-window.ts';

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

export function notesOf({ list, number, time, frozen, facts }: Desk) {
  const scene = list.scenes[number - 1];
  const next = list.scenes[number];
  const due = planned(list, number);
  return html`
    <p class="small">Scene ${number} of ${list.scenes.length}, ${time}${due === null ? '' : `, this scene ends at ${clock(due)}`}${frozen ? ', frozen' : ''}</p>
    <h1>${fill(scene.title, facts)}</h1>
    <p>${fill(scene.notes || 'No notes for this scene.', facts)}</p>
    ${next ? html`<p class="small">Next: ${fill(next.title, facts)}</p>` : nothing}
  `;
}
