/**
 * What stands under the wall. `wall` is the wall alone: on a narrow page, where one view is shown at a time, it is a view
 * like the others; where there is room the wall is always there, and the router stands under it.
 */
export const VIEWS = ['wall', 'router', 'next', 'expert', 'layers', 'measures', 'effect', 'runs', 'saves'] as const;

export type View = (typeof VIEWS)[number];
