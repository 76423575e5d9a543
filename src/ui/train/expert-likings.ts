/** What each expert of one layer is asked for, beside chance. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Likings } from '../../train/text/likings.ts';
import { percent } from '../kit/format.ts';
import { controls } from '../kit/shared.ts';
import { SignalWatcher } from '../kit/signal-watcher.ts';

/** Of characters: those that an expert is asked for at least twice as often as by chance come first to mind. */
const SHOWN = { characters: 6, kinds: 2 };
const NAMED: Readonly<Record<string, string>> = { ' ': '␣', '\n': '⏎', '\t': '⇥', '\ufffd': 'rare ones' };

@customElement('expert-likings')
export class ExpertLikings extends SignalWatcher {
  @property({ attribute: false }) likings!: Likings;
  @property({ attribute: false }) shares: readonly number[] = [];
  @property({ type: Number }) layer = 0;
  @property({ type: Number }) dead = 0;

  static override styles = [
    controls,
    css`
      p {
        font-size: var(--size-1);
        color: var(--ink-2);
        max-width: 44rem;
      }
      ol {
        list-style: none;
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
        gap: 0.5rem 1.2rem;
        padding-top: 0.5rem;
      }
      li {
        display: grid;
        grid-template-columns: 2rem minmax(0, 1fr);
        font-size: var(--size-1);
        font-variant-numeric: tabular-nums;
        border-top: 1px solid var(--rule);
        padding-top: 0.25rem;
      }
      .what {
        font-family: var(--code-face);
        overflow-wrap: anywhere;
      }
      span {
        color: var(--ink-2);
      }
    `,
  ];

  override render() {
    const { of, experts, bits, chance } = this.likings;
    const what = of === 'characters' ? 'the character it reads' : 'the kind of text';
    return html`<p>Layer ${this.layer}: which ${of} each expert is asked for, its share of the layer’s work first. An expert tells ${bits.toFixed(2)} bits of ${what}
      (${chance.toFixed(2)} when labels are shuffled). <strong data-testid="train-text-dead">${this.dead} of ${experts.length} dead</strong>, with less than 1\u00a0% of the work; chance is ${percent(1 / experts.length, 1)}.</p>
      <ol>${experts.map((own, expert) => {
        const liked = own.slice(0, SHOWN[of]);
        return html`<li><span>${expert}</span><div><span>${percent(this.shares[expert] ?? 0, 1)} ·</span>
          ${
            of === 'characters'
              ? html`<b class="what">${liked.map(({ what }) => NAMED[what] ?? what).join(' ')}</b> <span>${this.together(liked)}</span>`
              : liked.map(
                  ({ what, share, chance }) =>
                    html`<b>${what}</b> ${percent(share)} <span>(chance ${percent(chance)})</span> `,
                )
          }${liked.length ? nothing : html`<span>nobody asks it</span>`}</div></li>`;
      })}</ol>`;
  }

  /** What the named characters are of all that an expert reads. */
  private together(liked: readonly { share: number; chance: number }[]): string {
    if (!liked.length) return '';
    const sum = (key: 'share' | 'chance') => liked.reduce((all, each) => all + each[key], 0);
    return `${percent(sum('share'))} (chance ${percent(sum('chance'))})`;
  }
}
