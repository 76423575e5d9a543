/**
 * What a link leads to: a part of the article, or a panel of the element. `wall` is the first screen alone; in an element
 * with one column it is a view like the others.
 */
export const PANEL_VIEWS = [
  'wall',
  'router',
  'next',
  'expert',
  'layers',
  'measures',
  'effect',
  'runs',
  'saves',
] as const;
/** These stand in the article only. */
const ARTICLE_VIEWS = ['kinds', 'proof', 'abreast', 'quality', 'results', 'models', 'train'] as const;

export const VIEWS = [...PANEL_VIEWS, ...ARTICLE_VIEWS] as const;

export type View = (typeof VIEWS)[number];
