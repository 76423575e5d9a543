/** Defines <moe-scope>, unless this page has one already: two versions on one page would fight over every name. */
import { type Home, settle } from './home.ts';
import { MoeScope } from './moe-scope.ts';

export function define(home: Home): void {
  settle(home);
  customElements.define('moe-scope', MoeScope);
}
