/** The text race of "Train one": a MoE and its dense twins learn to write, character by character, on the same text. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { TextRace } from '../../state/training/text.ts';
import { type Assigned, type Likings, likingsOf } from '../../train/text/likings.ts';
import type { TextReady, TextStanding } from '../../worker/trainingText.ts';
import { article } from '../article/article-styles.ts';
import { million, short, time } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import './expert-likings.ts';
import { raceActs, restartNote } from './race-acts.ts';
import { type Axis, LOOKS, raceChart } from './race-chart.ts';
import './race-exports.ts';
import { raceStyles } from './race-styles.ts';
import './text-brought.ts';
import './train-knobs.ts';

@customElement('text-race')
export class TextRaceView extends SessionElement {
  @property({ attribute: false }) own: TextRace | null = null;
  @state() private axis: Axis = 'flops';
  private liked: { of: Assigned | null; told: readonly Likings[] } = { of: null, told: [] };

  static override styles = [
    controls,
    article,
    raceStyles,
    css`
      .samples {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr));
        gap: 1rem 1.6rem;
      }
      .samples h4 {
        margin: 0;
        font-size: var(--size-1);
        font-weight: 600;
      }
      .samples dl {
        margin: 0.2rem 0 0;
        display: grid;
        grid-template-columns: minmax(4rem, max-content) minmax(0, 1fr);
        gap: 0.3rem 0.8rem;
        font-size: var(--size-1);
      }
      dt {
        color: var(--ink-2);
        font-variant-numeric: tabular-nums;
      }
      dd {
        margin: 0;
        min-height: 4.2em;
        font: 400 var(--size-1) / 1.4 var(--code-face);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      dd .begun {
        color: var(--ink-2);
      }
    `,
  ];

  get race(): TextRace {
    this.own ??= new TextRace(this.session);
    return this.own;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.race.onVisibility);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.race.onVisibility);
    void this.race.close();
  }

  override render() {
    const { race } = this;
    const ready = race.ready.get();
    const standings = race.standings.get();
    const fault = race.fault.get();
    const [moe] = standings;
    return html`
      <div class="acts">${raceActs(race)}</div>
      ${fault ? html`<p class="note" role="alert" data-testid="train-fault"><strong>${fault.message}</strong> ${fault.hint}</p>` : nothing}
      <text-brought .race=${race}></text-brought>
      ${ready ? this.samples(ready, standings) : nothing}
      ${ready ? this.words(ready, standings) : nothing}
      ${race.complaints.length ? html`<p class="note" data-testid="train-complaints">Left out of the link: ${race.complaints.join('; ')}.</p>` : nothing}
      <train-knobs .session=${this.session} .race=${race}></train-knobs>${restartNote(race)}
      ${ready && race.curves.get()[0].length > 1 ? this.chart(ready) : nothing}
      ${this.likings(moe, ready).map(
        (likings, i) =>
          html`<expert-likings .likings=${likings} .layer=${i ? moe!.shares.length - 1 : 0} .shares=${moe!.shares.at(i ? -1 : 0)}
            .dead=${moe!.dead.at(i ? -1 : 0)} data-testid=${`train-likings-${likings.of}`}></expert-likings>`,
      )}
      ${ready ? html`<race-exports .session=${this.session} .race=${race}></race-exports>` : nothing}
    `;
  }

  /** Computed once a standing. */
  private likings(moe: TextStanding | null, ready: TextReady | null): readonly Likings[] {
    const assigned = moe?.assigned ?? null;
    if (!assigned || !ready) return [];
    if (assigned !== this.liked.of) this.liked = { of: assigned, told: likingsOf(assigned, ready) };
    return this.liked.told;
  }

  private samples({ kinds, scale }: TextReady, standings: readonly (TextStanding | null)[]) {
    return html`<div class="samples" data-testid="train-samples">${kinds.map(
      ({ name }, kind) =>
        html`<section><h4>${name}</h4><dl>${standings.map((standing, i) => {
          const sample = standing?.samples[kind] ?? '';
          const begun = [...sample].slice(0, standing?.begun ?? 0).join('');
          return html`<dt>${LOOKS[i].name}<br>${standing ? standing.byKind[kind]?.toFixed(2) : ''}</dt>
          <dd data-testid=${`train-sample-${i}-${kind}`}><span class="begun">${begun}</span>${sample.slice(begun.length)}</dd>`;
        })}</dl></section>`,
    )}</div>
    <p class="note">A sample a kind: it begins with held-out text, in grey, and grows by ${scale.grow} characters at a time, each written by what the model is at that moment.
      The number is its loss on held-out text of that kind. Beginners write babble in the shape of words; nothing here understands what it writes.</p>`;
  }

  private words({ runners, info, kinds, slow, batch }: TextReady, standings: readonly (TextStanding | null)[]) {
    const [moe, dense, third] = standings;
    const [a, b, c] = runners;
    const work = (standing: TextStanding, i: number) => short(standing.step * runners[i].flopsPerStep);
    const ahead = moe && dense && moe.step > 0 ? dense.heldOut - moe.heldOut : null;
    return html`<div class="said"><p data-testid="train-claim">${
      ahead === null
        ? nothing
        : html`After ${work(moe!, 0)}FLOP the MoE is at ${moe!.heldOut.toFixed(3)} nats a character of held-out text, ${Math.abs(ahead).toFixed(3)}
          ${ahead < 0 ? 'behind' : 'ahead of'} the dense model. `
    }Equal work for each character, more memory: the MoE has ${million(a.parameters.total)} parameters and uses ${million(a.parameters.active)} for a
      character; the dense model has ${million(b.parameters.total)}.${
        third?.step
          ? html` The dense model of the same size, which uses all of its ${million(c.parameters.total)} for every character, is at
            ${third.heldOut.toFixed(3)} nats after ${work(third, 2)}FLOP.`
          : nothing
      }</p>
      <p class="note">${info.kind === 'cpu' ? 'On the processor, without a GPU' : `On ${info.name}${info.fallback ? ', a processor that plays a GPU' : ''}`}: ${batch} characters a step
        of ${kinds.length === 1 ? 'one text' : `${kinds.length} kinds of text`}, ${kinds.reduce((sum, { characters }) => sum + characters, 0).toLocaleString('en-US')} characters in all.
        ${slow ? html`Steps are smaller than usual: one of ${slow.batch} characters took ${time(slow.milliseconds)} here. ` : nothing}Own steps took the MoE
        ${time(moe?.milliseconds ?? 0)}, the dense model ${time(dense?.milliseconds ?? 0)}, measured here, waiting included${info.fallback || info.kind === 'cpu' ? '; that says nothing about a GPU' : ''}.
        Where it was tried before (other text, 4,096 characters a step), the two ran level up to about 0.7\u00a0TFLOP, and the MoE was 0.1 nats ahead at 2.4. The dense twin is not tuned apart.</p></div>`;
  }

  private chart(ready: TextReady) {
    return raceChart({
      ...{ curves: this.race.curves.get(), runners: ready.runners, axis: this.axis },
      ...{ label: 'Loss on held-out text while they train', yLabel: 'nats a character', yScale: 'linear' as const },
      yFormat: (value) => value.toFixed(2),
      onAxis: (axis) => (this.axis = axis),
    });
  }
}
