/** Where the project lives, as package.json names it. */
import { readFileSync } from 'node:fs';

interface Package {
  readonly repository?: string | { readonly url?: string };
}

/** The address of its page, without a slash at the end; empty where none is named or it is no page of the web. */
export function repository({ repository: named }: Package = JSON.parse(readFileSync('package.json', 'utf8'))): string {
  const url = (typeof named === 'string' ? named : named?.url) ?? '';
  const full = url
    .replace(/^(?:github:)?([\w-]+\/[\w.-]+)$/, 'https://github.com/$1')
    .replace(/^git\+/, '')
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, 'https://')
    .replace(/^git@([^:/]+):/, 'https://$1/')
    .replace(/(?:\.git)?\/?$/, '');
  return /^https:\/\/[^\s/]+\/[^\s?#]+$/.test(full) ? full : '';
}
