/** Whether a newer version of the page has arrived, and waits; `elsewhere`: other pages of the old one keep it waiting. */
import { signal } from './signals.ts';

export const newer = signal<'waits' | 'elsewhere' | null>(null);
