/** What of the page an embedding shows. */
export const VARIANTS = ['full', 'tokens', 'grid', 'router', 'compare'] as const;
export type Variant = (typeof VARIANTS)[number];
