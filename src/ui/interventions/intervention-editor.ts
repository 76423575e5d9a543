/** Adds an intervention: a sentence with holes, one for each kind. What cannot be is said beside the button. */
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Intervention, interventionProblem } from '../../engine/interventions.ts';
import { readDecimal as number, RANGES } from '../../engine/ranges.ts';
import { add } from '../../state/interventions/interventions.ts';
import { controls, SessionElement } from '../kit/shared.ts';

type Kind = 'off' | 'force' | 'bias' | 'k' | 'uniform' | 'random' | 'frozen';

const KINDS: readonly (readonly [Kind, string])[] = [
  ['off', 'Switch an expert off'],
  ['force', 'Force an expert'],
  ['bias', 'Add to a router’s logit'],
  ['k', 'Change how many work'],
  ['uniform', 'Let experts take turns'],
  ['random', 'Draw experts by lot'],
  ['frozen', 'Freeze the previous run'],
];

const EVERY = 'every';

@customElement('intervention-editor')
export class InterventionEditor extends SessionElement {
  @state() private kind: Kind = 'off';
  /** As typed; null until somebody chose: then the page's own layer and expert are meant. */
  @state() private layer: string | null = null;
  @state() private expert: string | null = null;
  @state() private amount = '2';
  @state() private k: string | null = null;
  @state() private seed = '1';
  @state() private problem = '';

  static override styles = [
    controls,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.35rem 0.6rem;
        font-size: var(--size-2);
        max-width: 60rem;
      }
      label {
        display: inline-flex;
        align-items: center;
        gap: 0.4rem;
        color: var(--ink-2);
      }
      select,
      input {
        color: var(--ink);
        min-height: 2.125rem;
      }
      input[type='text'] {
        width: 3.6rem;
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      .seed {
        width: 7rem !important;
      }
      input[type='range'] {
        width: 9rem;
        padding: 0;
        border: 0;
        background: none;
        accent-color: var(--ink);
      }
      .step {
        min-width: 2.125rem;
        padding: 0;
      }
      .problem {
        flex: 1 1 14rem;
        color: var(--fault);
        font-size: var(--size-1);
        font-weight: 550;
        min-height: 1.35rem;
      }
      .problem:empty {
        display: none;
      }
      .meaning {
        flex: 1 1 100%;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      @media (pointer: coarse) {
        select,
        input,
        .step {
          min-height: var(--touch);
          min-width: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const { kind } = this;
    const { experts } = this.session.shape.get();
    const live = this.session.source.get().kind === 'live';
    if (experts < 2) return html`<p class="label">A dense model has no router to intervene in.</p>`;
    const ofExpert = kind === 'off' || kind === 'force' || kind === 'bias';
    const ofLayer = kind !== 'frozen';
    return html`<form @submit=${this.onSubmit} @input=${() => (this.problem = '')} aria-label="Add an intervention" novalidate>
      <label><span class="hidden">What to do</span><select @change=${this.onKind} data-testid="intervention-kind">
        ${KINDS.map(([id, words]) => html`<option value=${id} ?selected=${id === kind}>${words}</option>`)}</select></label>
      ${ofExpert ? this.field('expert', 'expert', this.expert ?? String(this.expertMeant()), (typed) => (this.expert = typed)) : nothing}
      ${ofLayer ? this.layers(kind === 'k' || kind === 'uniform' || kind === 'random') : nothing}
      ${kind === 'bias' ? this.bias() : nothing}
      ${kind === 'k' ? this.stepper(experts) : nothing}
      ${kind === 'random' ? this.field('seed', 'seed', this.seed, (typed) => (this.seed = typed), 'seed') : nothing}
      <button class="main" ?disabled=${!live} aria-describedby="editor-problem" data-testid="add-intervention">Add</button>
      <p class="problem" id="editor-problem" role="alert">${this.problem || nothing}</p>
      <p class="meaning">${live ? this.meaning() : 'Interventions need the live model: a recording cannot be changed.'}</p>
    </form>`;
  }

  private field(name: string, words: string, value: string, set: (typed: string) => void, style = ''): TemplateResult {
    return html`<label>${words}<input type="text" class=${style} inputmode="decimal" autocomplete="off" .value=${value}
      aria-invalid=${this.problem !== ''} aria-describedby="editor-problem" data-testid=${`intervention-${name}`}
      @input=${(event: Event) => set((event.target as HTMLInputElement).value)} /></label>`;
  }

  private layers(every: boolean) {
    const { layers } = this.session.shape.get();
    const chosen = this.layerMeant(every);
    const option = (value: string, words: string) =>
      html`<option value=${value} ?selected=${value === chosen}>${words}</option>`;
    return html`<label>in<select @change=${this.onLayer} data-testid="intervention-layer" aria-label="Layer">
      ${every ? option(EVERY, 'every layer') : nothing}
      ${Array.from({ length: layers }, (_, layer) => option(String(layer), `layer ${layer}`))}</select></label>`;
  }

  private bias() {
    const set = (event: Event) => (this.amount = (event.target as HTMLInputElement).value);
    return html`<label>by<input type="range" min=${RANGES.bias.min} max=${RANGES.bias.max} step="0.5" .value=${this.amount} @input=${set}
        aria-label="Amount added to the logit" aria-valuetext=${this.amount} /></label>
      ${this.field('amount', '', this.amount, (typed) => (this.amount = typed))}`;
  }

  private stepper(experts: number) {
    const now = Number(this.k ?? this.session.shape.get().expertsPerToken);
    const step = (by: number) => () => {
      this.k = String(Math.min(experts, Math.max(1, (Number.isFinite(now) ? now : 1) + by)));
      this.problem = '';
    };
    return html`<button type="button" class="step" @click=${step(-1)} ?disabled=${now <= 1} aria-label="One expert fewer">−</button>
      ${this.field('k', 'k =', String(this.k ?? now), (typed) => (this.k = typed))}
      <button type="button" class="step" @click=${step(1)} ?disabled=${now >= experts} aria-label="One expert more">+</button>
      <span class="label">of ${experts}</span>`;
  }

  private meaning(): string {
    switch (this.kind) {
      case 'off':
        return 'Never chosen and never computed; the router chooses among the rest, and their weights are shared out anew.';
      case 'force':
        return 'Always among the k, with the weight that its own probability gives it.';
      case 'bias':
        return 'Added before softmax and top-k, at every token; the wall and the measures show what the router makes of it.';
      case 'k':
        return 'The k most probable experts work on each token. All of them at once are the dense model that training never saw.';
      case 'uniform':
        return 'A control experiment: experts in turn, by position and layer, each with weight 1/k, whatever the text says.';
      case 'random':
        return 'A control experiment: different experts by a hash of seed, layer and position, each with weight 1/k.';
      case 'frozen':
        return 'Write again afterwards: every position keeps the experts and weights of the run before; beyond its end the router chooses again.';
    }
  }

  private layerMeant(every: boolean): string {
    if (this.layer === EVERY) return every ? EVERY : String(this.session.layer.get());
    return this.layer ?? (every ? EVERY : String(this.session.layer.get()));
  }

  /** The expert that the views speak of, else the busiest of the layer. */
  private expertMeant(): number {
    const { session } = this;
    session.trace.epoch.get();
    const layer = Number(this.layerMeant(false));
    const looked = session.inspectedExpert.get();
    return looked?.layer === layer ? looked.expert : session.trace.busiest(layer);
  }

  private onKind = (event: Event): void => {
    this.kind = (event.target as HTMLSelectElement).value as Kind;
    this.problem = '';
  };

  private onLayer = (event: Event): void => {
    this.layer = (event.target as HTMLSelectElement).value;
    this.expert = null;
  };

  private onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { session } = this;
    const opened = session.opened.get();
    const one = this.read();
    if (!opened) return;
    const list = add(session.interventions.get(), one);
    this.problem = interventionProblem(opened.model, [one]) ?? interventionProblem(opened.model, list) ?? '';
    if (this.problem) return;
    await session.setInterventions(list);
    this.expert = null;
  };

  private read(): Intervention {
    const { kind } = this;
    if (kind === 'frozen') return { kind };
    if (kind === 'k' || kind === 'uniform' || kind === 'random') {
      const place = this.layerMeant(true);
      const layer = place === EVERY ? null : Number(place);
      if (kind === 'k') return { kind, layer, k: number(this.k ?? String(this.session.shape.get().expertsPerToken)) };
      return { kind: 'route', layer, rule: kind, seed: kind === 'random' ? number(this.seed) : 0 };
    }
    const where = { layer: Number(this.layerMeant(false)), expert: number(this.expert ?? String(this.expertMeant())) };
    return kind === 'bias' ? { kind, ...where, amount: number(this.amount) } : { kind, ...where };
  }
}
