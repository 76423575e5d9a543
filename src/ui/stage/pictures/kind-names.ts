import { DOMAINS } from '../../experts/domains.ts';

const SHORT: Readonly<Record<string, string>> = { math: 'sums', prose: 'novels', story: 'stories' };

/** What a kind of text is called in a hall. */
export const KIND_NAMES: Readonly<Record<string, string>> = { ...Object.fromEntries(DOMAINS), ...SHORT };
