/** The words of the tour: its steps are also the sections of the article below the first screen. */
import { html, type TemplateResult } from 'lit';
import type { Session } from '../../state/session/session.ts';
import { million, percent } from '../kit/format.ts';

/** What the words count with: the model on the screen, or the shipped one where that has no router. */
export interface Facts {
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  /** Weights that a token meets, and all. */
  readonly weights: TemplateResult;
  /** Share of a layer's experts that N tokens touch if they choose evenly and independently. */
  readonly touched: (tokens: number) => number;
}

export interface TourText {
  readonly title: (facts: Facts) => string;
  readonly text: (facts: Facts) => readonly TemplateResult[];
}

const paper = (id: string, name: string) => html`<a href=${`https://arxiv.org/abs/${id}`}>${name}</a>`;

export function factsOf(session: Session): Facts {
  const shape = session.shape.get();
  const { layers, experts, expertsPerToken } =
    shape.experts > 1 ? shape : { layers: 6, experts: 16, expertsPerToken: 2 };
  const parameters = session.parameters.get();
  return {
    layers,
    experts,
    expertsPerToken,
    weights: parameters
      ? html`<span data-figure="weights active">${million(parameters.active)}</span> of <span data-figure="weights">${million(parameters.total)}</span> weights`
      : html`a part of the weights`,
    touched: (tokens) => 1 - (1 - expertsPerToken / experts) ** tokens,
  };
}

export const TOUR_TEXTS: readonly TourText[] = [
  {
    title: () => 'A token is a piece of text',
    text: () => [
      html`A language model reads and writes tokens: a word, a part of a word, a mark, a line break. Again and again it
        rates every token it knows as the next one; one is drawn, put at the end, and the text has grown. Each stretch of
        colour here is one token that was written; the plain ones are the prompt’s.`,
    ],
  },
  {
    title: ({ experts }) => `An expert is a small network, one of ${experts} in its layer`,
    text: ({ layers, experts, expertsPerToken }) => [
      html`Most weights of a language model sit in feed-forward blocks, one in every layer, and each token passes through
        all of them. A mixture of experts cuts each block into smaller ones. Here every row is a layer and every cell an
        expert: ${layers} × ${experts}. The lit cells, ${expertsPerToken} in each row, are those that worked on the current token.`,
    ],
  },
  {
    title: ({ experts, expertsPerToken }) => `The router picks ${expertsPerToken} of ${experts}`,
    text: ({ experts, expertsPerToken }) => [
      html`Before the experts stands a router, a single small matrix. It gives every expert a score for this token, and a
        softmax turns the scores into shares. The ${expertsPerToken} largest are taken, which is called top-k. The other
        ${experts - expertsPerToken} are not computed at all: for this token they might as well not be there.`,
      html`The number taken is a choice of those who train: one of up to thousands in ${paper('2101.03961', 'Switch')}, 2 of 8
        in ${paper('2401.04088', 'Mixtral')}, 8 of 64 in ${paper('2409.02060', 'OLMoE')}.`,
    ],
  },
  {
    title: () => 'Gate weights say how much each answer counts',
    text: () => [
      html`The outputs of the chosen experts are added, each times its gate weight. Mixtral and the model here let the
        weights of the chosen add up to 1; OLMoE keeps the shares as they are. Every number shown is from the run itself, as
        the engine computed it.`,
    ],
  },
  {
    title: () => 'Switch one off, and the rest must do',
    text: () => [
      html`The hatched cell is switched off: its logit is masked before the choice, so it is never taken and never computed,
        and the weights of the others add up to 1 again. The same seed now writes another text, perhaps a little worse. How
        much worse depends on who needed that expert, and is measured on held-out text.`,
    ],
  },
  {
    title: () => 'Beside every count stands chance',
    text: ({ experts, expertsPerToken }) => [
      html`A router that drew lots would give each expert ${percent(1 / experts, 1)} of a layer’s slots, and let it see
        ${percent(expertsPerToken / experts, 1)} of the tokens. A count says something only beside that number, so it is printed
        next to all of them. Training pushes towards even use, because an expert that is never chosen learns nothing:
        Switch adds a balancing loss, ${paper('2412.19437', 'DeepSeek-V3')} mostly a bias on the scores.`,
    ],
  },
  {
    title: () => 'Nobody hands out subjects',
    text: () => [
      html`Training rewards whatever split of the work makes the next token easier to guess, and often that is spelling,
        punctuation or the word just before. In this model languages and code have experts of their own, and English kinds of
        text share theirs. Mixtral’s authors found hardly any pattern by subject; OLMoE’s found experts that one kind of text
        uses far above chance. So this page counts, and leaves the naming to you.`,
    ],
  },
  {
    title: () => 'Few experts compute, all are held',
    text: ({ weights }) => [
      html`Each token is multiplied with ${weights}. So fewer chips are busy for a token than with a dense model of the same
        total size, always. But every expert must be held, because the next token may need it: the memory is that of the
        whole. DeepSeek-V3 holds 671\u00a0billion weights and uses 37\u00a0billion of them for a token.`,
    ],
  },
  {
    title: () => 'Many tokens together touch every expert',
    text: ({ experts, expertsPerToken, touched }) => [
      html`While one text is written, only the chosen experts are read from memory. Tokens computed together choose
        differently: of a layer’s ${experts} experts, 1 token touches ${percent(expertsPerToken / experts)}, 8 touch
        ${percent(touched(8))}, 32 touch ${percent(touched(32))}, if they choose evenly and independently. A busy server
        reads nearly everything at every step. The arithmetic is still saved; the reading no longer is.`,
    ],
  },
  {
    title: () => 'What it does not do',
    text: () => [
      html`It needs no less memory than a dense model of its total size. It is no faster than a dense model of its active
        size: the arithmetic is the same, and the router comes on top. What it buys there is quality. OLMoE came as far as
        its dense twin with a third of the tokens, but in half the time, not a third: routing costs something too.`,
      html`And it does not explain itself. That an expert was busy with a word does not say what it knows.`,
    ],
  },
];
