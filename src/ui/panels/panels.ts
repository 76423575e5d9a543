/** The panels that can stand under the wall, in the order of their tabs. All but the first are fetched when asked for. */
import { html, type TemplateResult } from 'lit';
import type { Session } from '../../state/session/session.ts';
import type { View } from '../../state/views/view.ts';

export interface Panel {
  readonly view: View;
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
    room: 'low',
    show: (session) => html`<router-panel .session=${session}></router-panel>`,
  },
  {
    view: 'router',
    room: 'high',
    load: () => import('../router/router-maths.ts'),
    show: (session) => html`<router-maths .session=${session}></router-maths>`,
  },
  {
    view: 'layers',
    room: 'low',
    load: () => import('../wall/layer-strip.ts'),
    show: (session) => html`<layer-strip .session=${session}></layer-strip>`,
  },
  {
    view: 'expert',
    room: 'high',
    load: () => import('../experts/expert-page.ts'),
    show: (session) => html`<expert-page .session=${session}></expert-page>`,
  },
  {
    view: 'measures',
    room: 'high',
    load: () => import('../measures/routing-measures.ts'),
    show: (session) => html`<routing-measures .session=${session}></routing-measures>`,
  },
  {
    view: 'effect',
    room: 'high',
    load: () => import('../interventions/intervention-effect.ts'),
    show: (session) => html`<intervention-effect .session=${session}></intervention-effect>`,
  },
  {
    view: 'runs',
    room: 'high',
    load: () => import('../interventions/two-runs.ts'),
    show: (session) => html`<two-runs .session=${session}></two-runs>`,
  },
  {
    view: 'saves',
    room: 'all',
    load: () => Promise.all([import('../saves/saves-panel.ts'), import('../results/shared-results.ts')]),
    show: (session) => html`<saves-panel .session=${session}></saves-panel>
      <shared-results .session=${session}></shared-results>`,
  },
];
