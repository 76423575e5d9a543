/** Importing `moescope` defines `<moe-scope>`; it exports types alone. */

export type { MoeScopeAttributes, MoeScopeEventMap } from './embed/contract.js';
export type { MoeScope } from './embed/moe-scope.js';
export type { EngineInfo } from './engine/types.js';
export type { PageState } from './state/address/keys.js';
export type { Variant } from './state/page/variant.js';
