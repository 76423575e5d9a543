/** What of the page an embedding shows. */
export const VARIANTS = ['full', 'tokens', 'grid', 'router', 'compare', 'race'] as const;
export type Variant = (typeof VARIANTS)[number];
