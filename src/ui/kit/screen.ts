/** Whether the page is one column, where one view is shown at a time; the same bound as in the style sheets. */
import { signal } from '../../state/session/signals.ts';

const query = matchMedia('(max-width: 46rem)');

export const narrow = signal(query.matches);

query.addEventListener('change', () => narrow.set(query.matches));
