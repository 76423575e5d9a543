/** What is done with a race, whatever is learned. */
import { html, nothing } from 'lit';
import type { AnyRace } from '../../state/training/running.ts';
import { DEFAULT_RACE } from '../../train/race.ts';

export function raceActs(race: AnyRace) {
  const phase = race.phase.get();
  const going = phase === 'going' || phase === 'finishing';
  const begun = phase !== 'rest' && phase !== 'starting';
  const words = going
    ? 'Pause'
    : phase === 'rest' || phase === 'failed'
      ? 'Train'
      : phase === 'starting'
        ? 'Starting …'
        : 'Go on';
  const unbalanced = { balance: 'none' as const, off: [] };
  return html`<button class="main" ?disabled=${phase === 'starting'} @click=${() => race.toggle()} data-testid="train-toggle">${words}</button>
    <button ?disabled=${!begun} @click=${() => race.start()} data-testid="train-restart">Restart with the same seed</button>
    <button class="link" ?disabled=${!race.holds.get() || phase === 'finishing'} @click=${() => race.finish()} data-testid="train-finish">Finish: let the rate fall</button>
    ${
      race.settings.balance === 'none'
        ? html`<button class="link" @click=${() => race.set({ balance: DEFAULT_RACE.balance })} data-testid="train-balance-again">Balance them now</button>`
        : html`<button class="link" ?disabled=${!begun} @click=${() => race.set(unbalanced).then(() => race.start())} data-testid="train-unbalanced">What if nobody balances?</button>`
    }`;
}

/** Says so where something is set that this run does not have. */
export function restartNote(race: AnyRace) {
  const [now, running] = [race.settings, race.running.get()];
  if (!running) return nothing;
  if ((['experts', 'k', 'width', 'router', 'third', 'seed'] as const).every((key) => now[key] === running[key]))
    return nothing;
  return html`<p class="note">Experts, width, router, models and seed hold from the next start on.</p>`;
}
