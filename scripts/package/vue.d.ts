/** `import 'moescope/vue'`: the element, and its attributes and events in Vue templates. */
import type { HTMLAttributes } from 'vue';
import type { MoeScopeAttributes, MoeScopeEventMap } from './index.js';

type Pascal<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Capitalize<Head>}${Pascal<Tail>}`
  : Capitalize<Name>;
type Handlers = { [Name in keyof MoeScopeEventMap as `on${Pascal<Name>}`]?: (event: MoeScopeEventMap[Name]) => void };

declare module 'vue' {
  interface GlobalComponents {
    'moe-scope': new () => { $props: HTMLAttributes & MoeScopeAttributes & Handlers };
  }
}
