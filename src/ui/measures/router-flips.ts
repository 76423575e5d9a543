/** Whether rounding changes what a router chooses: the same text in float64 and in fewer bits, by how near each choice was. */
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { beside, HELDOUT } from '../../state/models/catalog.ts';
import { NO_HELDOUT, readsHeldout } from '../../state/models/heldout.ts';
import { MeasuredOf } from '../../state/saves/measured-of.ts';
import type { FlipRun, Flips } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import type { Series } from '../chart/types.ts';
import { adapterWords, percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';
import '../chart/dot-chart.ts';
import { foundStyles } from '../article/found-styles.ts';

const LOOKS: Readonly<Record<FlipRun['run'], Pick<Series, 'mark' | 'line' | 'accent'>>> = {
  f32: { mark: 'ring', line: 'dotted' },
  'f16 cache': { mark: 'triangle', line: 'dashed' },
  q8_0: { mark: 'square', line: 'dashed' },
  q4_0: { mark: 'diamond', line: 'solid' },
  device: { mark: 'disc', line: 'solid', accent: true },
};

const count = (number: number) => number.toLocaleString('en');
const share = (run: FlipRun) => percent(run.flips / Math.max(1, run.decisions), 2);

@customElement('router-flips')
export class RouterFlips extends SessionElement {
  private readonly found = new MeasuredOf<Flips>();

  static override styles = [controls, article, foundStyles];

  override render() {
    const { session } = this;
    const engine = session.engine.get();
    if (engine.phase !== 'ready') return html`<p class="note">The model is on its way.</p>`;
    if (engine.opened.model.experts < 2)
      return html`<p class="note">A dense model has no router whose choice could change.</p>`;
    if (!readsHeldout(session)) return html`<p class="note">${NO_HELDOUT}</p>`;
    const found = this.found.known(engine.entry);
    return html`${found.state === 'done' ? this.shown(found.result) : nothing}
      <div class="acts">
        <button ?disabled=${session.measuring.busy.get()} @click=${this.measure} data-testid="flips">Measure router flips</button>
        ${
          found.state === 'running'
            ? html`<progress max=${found.total} .value=${found.done} aria-label="Running the same text in each way"></progress>
              <button class="link" @click=${() => session.measuring.cancel()}>Cancel</button>`
            : nothing
        }
      </div>
      ${found.state === 'failed' ? html`<p class="note" role="alert">${found.message}</p>` : nothing}
      <p class="note">The processor runs the same tokens five times, in float64; that takes a while.</p>`;
  }

  private measure = () => {
    const { client, measuring, engine } = this.session;
    const now = engine.get();
    this.found.turnTo(now.phase === 'ready' ? now.entry : null);
    return measuring.measure(this.found, 'running the same text in each way', (onProgress) =>
      client.flips(beside(HELDOUT), onProgress),
    );
  };

  private shown({ runs, tokens, types }: Flips) {
    const { session } = this;
    const again = types.includes('q4_0');
    const words: Readonly<Record<FlipRun['run'], string>> = {
      f32: 'activations in f32',
      'f16 cache': 'keys and values in f16',
      q8_0: 'experts in q8_0',
      q4_0: again ? 'experts in 4 bits once more' : 'experts in q4_0',
      device: adapterWords(session.opened.get()?.info),
    };
    const series = runs.map(({ run, buckets }): Series => {
      const points = buckets.filter(({ decisions }) => decisions);
      return {
        ...{ name: words[run], ...LOOKS[run] },
        points: points.map(({ below, decisions, flips }) => ({ x: below, y: flips / decisions })),
      };
    });
    const coarse = runs.find(({ run }) => run === 'q4_0')!;
    const near = coarse.buckets.filter(({ below }) => below <= 0.01);
    const sum = (of: 'flips' | 'decisions') => near.reduce((total, bucket) => total + bucket[of], 0);
    const device = runs.find(({ run }) => run === 'device');
    return html`<p class="said" data-testid="flips-said">With ${words.q4_0}, ${count(coarse.flips)} of ${count(coarse.decisions)} choices came out otherwise${
      coarse.flips
        ? html`: ${percent(sum('flips') / coarse.flips)} of those were among the ${percent(sum('decisions') / coarse.decisions)} with less than 0.01 between the last expert chosen and the first that was not`
        : nothing
    }.${device ? ` On ${words.device} as it is, ${device.flips ? count(device.flips) : 'none'} did.` : ''}</p>
      <dot-chart label="Choices that another rounding changes, by how near they were" xLabel="p(k) − p(k + 1), less than" yLabel="chosen otherwise" xScale="log" fromZero lines="20"
        .series=${series} .yFormat=${(value: number) => percent(value)} .disclosure=${discloses(session, 'flips')} data-testid="chart-flips"></dot-chart>
      <div class="wide" tabindex="0" role="region" aria-label="Flips by rounding"><table data-testid="flips-table"><thead><tr><th scope="col">Against float64</th><th scope="col">weights changed by</th><th scope="col">other experts chosen</th></tr></thead>
        <tbody>${runs.map(
          (
            run,
          ) => html`<tr><th scope="row">${words[run.run]}</th><td>${run.change === null ? '–' : percent(run.change, 1)}</td>
            <td>${count(run.flips)} of ${count(run.decisions)}, ${share(run)}</td></tr>`,
        )}</tbody></table></div>
      <p class="note">Measured here: ${count(tokens)} tokens of held-out text, the beginning of each kind, every token in every layer a choice; its margin is float64’s. The
        reference has the file’s values, and its experts are in ${types.join(' and ')}${
          again
            ? html`: what the first rounding did is not in it. Rounding once more, in blocks across the file’s own, changes the weights about as much and stands for it`
            : nothing
        }. In the first two rows sums are float64’s, too. A flip changes what comes after it, so some follow from others.</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'router-flips': RouterFlips;
  }
}
