/** A disclosure whose state the address carries: `<details ${discloses(session, 'wall')}>`. */
import { noChange } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';
import type { Disclosure } from '../../state/address/types.ts';
import type { Session } from '../../state/session/session.ts';

class Discloses extends Directive {
  private shown: boolean | null = null;

  render(_session: Session, _name: Disclosure) {
    return noChange;
  }

  override update(part: ElementPart, [session, name]: [Session, Disclosure]) {
    const details = part.element as HTMLDetailsElement;
    if (this.shown === null) details.addEventListener('toggle', () => session.disclose(name, details.open));
    const wanted = session.disclosed(name);
    // What the visitor has just clicked is told a moment later: until then it is not put back.
    if (wanted !== this.shown) details.open = wanted;
    this.shown = wanted;
    return noChange;
  }
}

/** Ties a `<details>` to the session; the element that draws it watches signals. */
export const discloses = directive(Discloses);
