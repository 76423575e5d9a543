/** The box inside <moe-scope>, whatever stands in it. */
import paletteCss from '../ui/page/palette.css?inline';
import { keepKeys } from './keys.ts';
import { wear } from './sheets.ts';
import { elementCss } from './styles.ts';
import { registerUnit } from './unit.ts';

export class Box {
  readonly base = document.createElement('div');
  /** What is shown; at first what the author put into the element. */
  readonly stage = document.createElement('div');
  private readonly root: ShadowRoot;

  constructor(host: HTMLElement) {
    this.root = host.attachShadow({ mode: 'open', delegatesFocus: true });
    // Of the words inside, whatever the language of the page around.
    this.base.lang = 'en';
    this.base.className = 'moe-base';
    this.base.part.add('base');
    this.stage.append(document.createElement('slot'));
    const strut = document.createElement('div');
    strut.className = 'strut';
    strut.append(...Array.from({ length: 3 }, () => document.createElement('i')));
    this.base.append(strut, this.stage);
    this.root.append(this.base);
    keepKeys(host, this.root);
    this.settle();
  }

  /** In the document it is in now. */
  settle(): void {
    registerUnit(this.root.ownerDocument.defaultView);
    wear(this.root, [paletteCss, elementCss]);
  }
}
