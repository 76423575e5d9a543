/** Whether a newer version of the page has arrived, and waits; `elsewhere`: other pages of the old one keep it waiting. */
import { signal } from '../session/signals.ts';

type Newer = 'waits' | 'elsewhere' | null;

export const newer = signal<Newer>(null);

export const tellNewer = (how: Newer): void => newer.set(how);
