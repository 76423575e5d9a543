/** `import 'moescope/react'`: the element, and its attributes in JSX (React 19). */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { MoeScope, MoeScopeAttributes, MoeScopeEventMap } from './index.js';

type Handlers = { [Name in keyof MoeScopeEventMap as `on${Name}`]?: (event: MoeScopeEventMap[Name]) => void };

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'moe-scope': Omit<DetailedHTMLProps<HTMLAttributes<MoeScope>, MoeScope>, keyof MoeScopeAttributes> &
        MoeScopeAttributes &
        Handlers;
    }
  }
}
