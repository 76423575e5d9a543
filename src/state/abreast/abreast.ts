/** The shipped models write from one prompt, side by side: what is asked, and how far each has come. */
import type { AbreastLane, AbreastProgress } from '../../worker/protocol.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import { Measured } from '../saves/measure.ts';
import { isProblem, readPrompt, readSampling } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import { choice, computed, signal } from '../session/signals.ts';
import { type Stamp, stamp } from '../session/stamp.ts';

/** Tokens that each writes on its clock: on a processor as many as take a minute. */
const TOKENS = { quick: 192, slow: 64 };

export interface Abreast extends Stamp {
  readonly prompt: string;
  readonly seed: number;
  readonly temperature: number;
  /** That each was asked for. */
  readonly maxTokens: number;
  readonly lanes: readonly AbreastLane[];
  /** All have written what they were asked for. */
  readonly whole: boolean;
}

export class WritingAbreast {
  readonly measure = new Measured<Abreast>();
  /** As far as they have come, or came last. */
  readonly shown = signal<Abreast | null>(null);
  /** The visitor's own; null is the page's. */
  readonly own = choice<string | null>(null);
  readonly prompt = computed(() => this.own.get() ?? this.page.prompt.get());
  /** The first of each role. */
  readonly models = computed(() => {
    const models = this.page.catalog.get()?.models ?? [];
    return models.filter(({ role }, i) => models.findIndex((each) => each.role === role) === i);
  });

  readonly slow = computed(() => {
    const info = this.page.opened.get()?.info;
    return info?.kind === 'cpu' || info?.fallback === true;
  });
  readonly tokens = computed(() => TOKENS[this.slow.get() ? 'slow' : 'quick']);

  constructor(private readonly page: Page) {}

  async write(): Promise<void> {
    const { client, measuring } = this.page;
    const [prompt, maxTokens] = [this.prompt.get(), this.tokens.get()];
    const wish = readSampling(this.page.sampling.get());
    const problem = isProblem(wish) ? wish : readPrompt(prompt);
    if (problem) this.measure.fail(problem.message);
    if (isProblem(wish) || problem) return;
    const { sampling } = wish;
    const models = this.models.get().map(({ file, ...entry }) => ({ ...entry, url: beside(`models/${file}`) }));
    const found = (lanes: readonly AbreastLane[], whole: boolean): Abreast => ({
      ...{ prompt, maxTokens, lanes, whole, seed: sampling.seed, temperature: sampling.temperature },
      ...stamp(),
    });
    await measuring.measure(this.measure, 'fetching the models', async (onProgress) => {
      const told = ({ step, done, total, lanes }: AbreastProgress) => {
        if (lanes.length) this.shown.set(found(lanes, false));
        onProgress(done, total, step === 'writing' ? 'writing in turns' : 'fetching the models');
      };
      const request = { models, prompt, sampling, maxTokens, heldoutUrl: beside(HELDOUT) };
      const result = found(await client.writeAbreast(request, told), true);
      this.shown.set(result);
      return result;
    });
  }
}

const known = new WeakMap<Page, WritingAbreast>();

export function abreastOf(page: Page): WritingAbreast {
  const found = known.get(page) ?? new WritingAbreast(page);
  known.set(page, found);
  return found;
}
