/** The article, in its order. A section is taken out with its folder and its two lines here. */
import { expertsSection } from '../experts/section.ts';
import { interventionsSection } from '../interventions/section.ts';
import { measuresSection } from '../measures/section.ts';
import { publishedSection } from '../published/section.ts';
import { routerSection } from '../router/section.ts';
import { savesSection } from '../saves/section.ts';
import { trainSection } from '../train/section.ts';
import type { Section } from './section.ts';

export const SECTIONS: readonly Section[] = [
  routerSection,
  expertsSection,
  interventionsSection,
  savesSection,
  publishedSection,
  trainSection,
  measuresSection,
];
