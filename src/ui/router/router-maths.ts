/** For one token in one layer the router's sum as a worked equation: logits, gate function, top-k, weights, outputs, sum. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type RouterSteps, routerSteps, type Step } from '../../state/views/router-steps.ts';
import type { PositionInspection } from '../../worker/protocol.ts';
import { panel } from '../article/panel-styles.ts';
import { chanceBar, chanceBarStyles } from '../chart/chance-bar.ts';
import { percent, visible } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';

/** Of the experts left out so many are shown. */
const NEXT = 3;
/** More terms than this are cut out of the middle of the sum. */
const TERMS = 4;

const number = (value: number | null, digits: number) =>
  value === null ? '–' : value.toFixed(digits).replace('-', '−');

/** What an intervention added to a logit. */
const biasWords = (bias: number) =>
  bias === Number.NEGATIVE_INFINITY ? 'off' : `${bias < 0 ? '−' : '+'} ${Math.abs(bias)}`;

@customElement('router-maths')
export class RouterMaths extends SessionElement {
  static override styles = [
    controls,
    panel,
    chanceBarStyles,
    css`
      table {
        width: 100%;
        max-width: 46rem;
        table-layout: fixed;
        font-size: var(--size-2);
      }
      th,
      td {
        padding: 0.12rem 1.1rem 0.12rem 0;
      }
      thead th {
        padding-bottom: 0.25rem;
        font-size: var(--size-1);
        line-height: 1.35;
        white-space: normal;
      }
      .formula {
        display: block;
        font: 400 1.0625rem / 1.35 var(--text-face);
        color: var(--ink);
        white-space: nowrap;
      }
      .wide-column {
        width: 26%;
      }
      tbody tr {
        border: 0;
      }
      .bias {
        padding-left: 0.3em;
        color: var(--now-ink);
      }
      .left-out {
        color: var(--ink-2);
      }
      .chosen th,
      .chosen .weight {
        font-weight: 650;
      }
      .chosen .weight {
        color: var(--now-ink);
      }
      td.bar {
        background:
          linear-gradient(var(--now-ink), var(--now-ink)) var(--chance) 50% / 2px 80% no-repeat,
          linear-gradient(var(--bar), var(--bar)) 0 50% / var(--share) 55% no-repeat;
        --bar: color-mix(in oklch, var(--rule-2) 55%, transparent);
      }
      .chosen td.bar {
        --bar: var(--now-soft);
      }
      .cut td {
        padding: 0.2rem 0;
        text-align: left;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .cut span {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        white-space: normal;
      }
      .cut span::after {
        content: '';
        flex: 1;
        border-top: 1px dashed var(--rule-2);
      }
      .sum {
        padding-top: 0.45rem;
        font: 400 1.25rem / 1.45 var(--text-face);
      }
      .sum b {
        font-weight: 600;
        color: var(--now-ink);
      }
      .sum sub,
      thead :is(sub, sup) {
        font-size: 0.7em;
        line-height: 0;
      }
      .after {
        font-size: var(--size-2);
        color: var(--ink-2);
      }
      @media (max-width: 46rem) {
        table {
          font-size: var(--size-1);
        }
        th,
        td {
          padding-right: 0.5rem;
        }
        .formula {
          font-size: 0.875rem;
        }
        .chance-words {
          display: none;
        }
        .wide-column {
          width: 33%;
        }
        thead th:first-child {
          width: 12%;
        }
        thead th:nth-child(2) {
          width: 17%;
        }
        thead th:nth-child(4) {
          width: 23%;
        }
        /* The longest bar ends before its figure begins. */
        td.bar {
          background-size:
            2px 80%,
            calc(var(--share) * 0.72) 55%;
          background-position:
            calc(var(--chance) * 0.72) 50%,
            0 50%;
        }
        /* The product can be done in the head; the screen has no room for it. */
        tr > :nth-child(6) {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { trace } = session;
    const at = session.current.get();
    const layer = session.layer.get();
    const { experts } = session.shape.get();
    trace.version.get();
    session.phase.get();
    session.pinned.get();
    if (experts === 1)
      return html`<p class="none">A dense model has no router: the one FFN of a layer takes every token.</p>`;
    if (at < 0)
      return html`<p class="none">Here the router’s choice is worked out with the numbers of the run, as soon as there is a token.</p>`;
    const answer = session.inspecting.inspection.get();
    const inspection = answer.state === 'here' && answer.result.position === at ? answer.result : null;
    const steps = routerSteps(trace, at, layer, inspection, NEXT);
    return html`<h2><span class="said" translate="no">${visible(trace.texts[at])}</span> <span class="where">token ${at}, in layer ${layer}: the router
        chooses ${steps.chosen.length} of ${experts} experts</span></h2>
      ${this.table(steps, experts)} ${this.equation(steps)}
      <p class="after" role="status" data-testid="maths-state">${this.state(inspection, steps)}</p>`;
  }

  protected override updated(): void {
    this.session.inspecting.wantInspection(this.session.current.get());
  }

  private table(steps: RouterSteps, experts: number) {
    const { margin, others } = steps;
    const k = steps.chosen.length;
    const all = [...steps.chosen, ...steps.next];
    const most = Math.max(1.5 / experts, ...all.map(({ probability }) => probability ?? 0));
    const lead = margin === null ? '' : `, ahead by p(${k}) − p(${k + 1}) = ${number(margin, 4)}`;
    const cut = steps.isTopK
      ? `top-k: the ${k} most probable work${lead}`
      : 'chosen by an intervention, not by probability';
    return html`<table data-testid="maths"><caption class="hidden">The router’s numbers, expert by expert; chance is ${percent(1 / experts, 1)}</caption>
      <thead><tr><th>expert<span class="formula"><i>e</i></span></th>
        <th scope="col">logit<span class="formula"><i>z</i> = <i>W</i><sub>r</sub> <i>x</i></span></th>
        <th scope="col" class="wide-column">softmax<span class="chance-words">, chance ${percent(1 / experts, 1)}</span><span class="formula"><i>p</i> = e<sup><i>z</i></sup> / Σ e<sup><i>z</i></sup></span></th>
        <th scope="col">weight<span class="formula">${this.weightFormula(steps)}</span></th>
        <th scope="col">output<span class="formula">‖<i>y</i>‖</span></th>
        <th scope="col">its part<span class="formula"><i>w</i>‖<i>y</i>‖</span></th></tr></thead>
      <tbody>${steps.chosen.map((step) => this.row(step, most, experts))}
        <tr class="cut"><td colspan="6"><span>${cut}</span></td></tr>
        ${steps.next.map((step) => this.row(step, most, experts))}
        ${
          others
            ? html`<tr class="left-out"><th scope="row">${others.count} more</th><td></td><td>${number(others.probability, 4)}</td><td></td><td></td><td></td></tr>`
            : nothing
        }</tbody></table>`;
  }

  private weightFormula({ rule }: RouterSteps) {
    if (rule === 'renormalised') return html`<i>w</i> = <i>p</i> / Σ<sub>k</sub> <i>p</i>`;
    return rule === 'as they are' ? html`<i>w</i> = <i>p</i>` : html`<i>w</i>`;
  }

  private row(step: Step, most: number, experts: number) {
    const { expert, logit, bias, probability, weight, norm } = step;
    const part = weight === null || norm === null ? null : weight * norm;
    return html`<tr class=${weight === null ? 'left-out' : 'chosen'} data-expert=${expert}><th scope="row">${expert}</th>
      <td class="logit">${number(logit, 2)}${bias ? html`<span class="bias">${biasWords(bias)}</span>` : nothing}</td>
      <td class="bar" .style=${probability === null ? '' : chanceBar((0.62 * probability) / most, 0.62 / experts / most)}>${number(probability, 4)}</td>
      <td class="weight">${weight === null ? '' : number(weight, 3)}</td>
      <td class="norm">${weight === null ? '' : number(norm, 2)}</td>
      <td class="part">${weight === null ? '' : number(part, 2)}</td></tr>`;
  }

  /** y = 0.61·y₇ + 0.39·y₂ */
  private equation({ chosen }: RouterSteps) {
    const shown = chosen.length > TERMS ? [...chosen.slice(0, TERMS - 1), null, chosen.at(-1)!] : chosen;
    return html`<p class="sum" data-testid="maths-sum"><i>y</i> = ${shown.map((step, i) => {
      const plus = i ? ' + ' : nothing;
      if (!step) return html`${plus}…`;
      return html`${plus}<b>${number(step.weight, 3)}</b> · <i>y</i><sub>${step.expert}</sub>`;
    })}</p>`;
  }

  /** What stands behind the numbers, or why some are missing. */
  private state(inspection: PositionInspection | null, { sum, rule }: RouterSteps) {
    const weights =
      rule === 'renormalised'
        ? 'This model renormalises: the weights add up to 1.'
        : rule === 'as they are'
          ? 'This model does not renormalise: the weights are the probabilities.'
          : '';
    if (inspection && sum) {
      return html`‖<i>y</i>‖ = ${number(sum.norm, 2)}, added to what came in, ‖<i>x</i>‖ = ${number(sum.residual, 2)}. ${weights}`;
    }
    const { session } = this;
    const answer = session.inspecting.inspection.get();
    if (session.source.get().kind !== 'live') return `A recording carries no logits and no outputs. ${weights}`;
    if (answer.state === 'waiting') return 'Asking the engine for logits and outputs.';
    if (answer.state === 'failed') return `Logits and outputs are missing: ${answer.message}`;
    return `Pin a token or pause the text, and the engine is asked for logits and outputs. ${weights}`;
  }
}
