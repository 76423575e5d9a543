/** The panels that can stand under the wall, in the order of their tabs. All but the first are fetched when asked for. */
import { html, type TemplateResult } from 'lit';
import type { Session } from '../state/session.ts';
import type { View } from '../state/view.ts';

export interface Panel {
  readonly view: View;
  /** What its tab says. */
  readonly words: string;
  /** Fetches the element; absent where it comes with the first screen. */
  readonly load?: () => Promise<unknown>;
  readonly show: (session: Session) => TemplateResult;
  /** How much of the room beside the text it takes from the wall: `all` stands in the wall's place. */
  readonly room: 'low' | 'high' | 'all';
}

/** Where there is room for both, the wall stands above the panel. */
export const PANELS: readonly Panel[] = [
  {
    view: 'next',
    words: 'This token',
    room: 'low',
    show: (session) => html`<router-panel .session=${session}></router-panel>`,
  },
  {
    view: 'router',
    words: 'Router, step by step',
    room: 'high',
    load: () => import('./router-maths.ts'),
    show: (session) => html`<router-maths .session=${session}></router-maths>`,
  },
  {
    view: 'layers',
    words: 'Every layer',
    room: 'low',
    load: () => import('./layer-strip.ts'),
    show: (session) => html`<layer-strip .session=${session}></layer-strip>`,
  },
  {
    view: 'expert',
    words: 'Expert',
    room: 'high',
    load: () => import('./expert-page.ts'),
    show: (session) => html`<expert-page .session=${session}></expert-page>`,
  },
  {
    view: 'measures',
    words: 'Measures',
    room: 'high',
    load: () => import('./routing-measures.ts'),
    show: (session) => html`<routing-measures .session=${session}></routing-measures>`,
  },
  {
    view: 'effect',
    words: 'Interventions',
    room: 'high',
    load: () => import('./intervention-effect.ts'),
    show: (session) => html`<intervention-effect .session=${session}></intervention-effect>`,
  },
  {
    view: 'runs',
    words: 'Two runs',
    room: 'high',
    load: () => import('./two-runs.ts'),
    show: (session) => html`<two-runs .session=${session}></two-runs>`,
  },
  {
    view: 'saves',
    words: 'What it saves',
    room: 'all',
    load: () => import('./saves-panel.ts'),
    show: (session) => html`<saves-panel .session=${session}></saves-panel>`,
  },
];
