/** The measures of a text, in the order in which they stand on the page. */
export const MEASURES = [
  'loadEntropy',
  'routerEntropy',
  'margin',
  'variation',
  'violation',
  'balanceLoss',
  'untouched',
  'repeatTop',
  'repeatAny',
  'inputVocabulary',
  'predictedVocabulary',
] as const;

export type MeasureName = (typeof MEASURES)[number];
