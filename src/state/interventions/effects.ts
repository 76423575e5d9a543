/** What the interventions in force change, measured when the visitor asks. */

import type { Intervention } from '../../engine/interventions.ts';
import type { DomainLoss, Rewritten, TextEffect } from '../../worker/protocol.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import { Measured } from '../saves/measure.ts';
import { isProblem, readSampling } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import type { Diff } from './diff.ts';

/** What was measured, and of which list. */
export interface Effect<T> {
  readonly of: readonly Intervention[];
  readonly device: string;
  readonly found: T;
}

export interface SecondText {
  readonly without: Rewritten;
  readonly under: Rewritten;
  /** Of what was written, the prompt left out. */
  readonly diff: Diff;
  readonly seed: number;
}

/** Tokens that both texts are given. */
const REWRITTEN = 48;

export class Effects {
  readonly text = new Measured<Effect<TextEffect>>();
  readonly loss = new Measured<Effect<readonly DomainLoss[]>>();
  readonly second = new Measured<Effect<SecondText>>();

  constructor(private readonly session: Page) {}

  /** Figures of another text say nothing about this one. */
  forgetText(): void {
    for (const each of [this.text, this.second]) if (each.get().state !== 'running') each.forget();
  }

  /** Nor do those of another model. */
  forget(): void {
    this.forgetText();
    this.loss.forget();
  }

  readText(): Promise<void> {
    const { client, measuring } = this.session;
    return measuring.measure(this.text, 'reading the text without and with them', (onProgress) =>
      this.of(this.list, (list) => client.effectOnText(list, onProgress)),
    );
  }

  /** Held-out text of one domain, or (null) of all. Frozen routing belongs to a text and is left out. */
  readLoss(domain: string | null): Promise<void> {
    const { client, measuring } = this.session;
    const list = this.list.filter(({ kind }) => kind !== 'frozen');
    return measuring.measure(this.loss, 'reading held-out text without and with them', (onProgress) =>
      this.of(list, (own) => client.effectOnLoss(beside(HELDOUT), own, domain, onProgress)),
    );
  }

  /** The same prompt and seed twice, without and with them. */
  writeTwice(): Promise<void> {
    const { client, measuring, sampling } = this.session;
    const wish = readSampling(sampling.get());
    if (isProblem(wish)) {
      this.second.fail(wish.message);
      return Promise.resolve();
    }
    const request = { prompt: null, maxTokens: REWRITTEN, sampling: wish.sampling };
    return measuring.measure(this.second, 'writing without and with them', (onProgress) =>
      this.of(this.list, async (list) => {
        const total = 2 * REWRITTEN;
        const without = await client.rewrite({ ...request, interventions: [] }, (done) => onProgress(done, total));
        const under = await client.rewrite({ ...request, interventions: list }, (done) =>
          onProgress(REWRITTEN + done, total),
        );
        const { diffWords } = await import('./diff.ts');
        return { without, under, diff: diffWords(written(without), written(under)), seed: wish.sampling.seed };
      }),
    );
  }

  private get list(): readonly Intervention[] {
    return this.session.interventions.get();
  }

  private async of<T>(
    list: readonly Intervention[],
    measure: (list: readonly Intervention[]) => Promise<T>,
  ): Promise<Effect<T>> {
    const device = this.session.opened.get()?.info.name ?? '';
    return { of: list, device, found: await measure(list) };
  }
}

/** What was drawn, the prompt left out. */
export const written = ({ texts, promptTokens, pending }: Rewritten): string =>
  texts.slice(promptTokens).join('') + pending;
