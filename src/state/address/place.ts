/** Where a session keeps its link: in the address of its page, or, in an element, in memory. */
export interface Address {
  /** The fragment, with or without `#`. */
  read(): string;
  /** Puts the fragment in the place of the one before; empty when all is default. */
  write(fragment: string): void;
  /** Calls `listener` when another link is followed, until what is returned is called. */
  follow(listener: () => void): () => void;
  /** A reference within the page as an address that can be sent. */
  link(reference: string): string;
}

/** What the page last read or wrote. */
let known = '';

export const pageAddress: Address = {
  read() {
    known = location.hash;
    return known;
  },
  write(fragment) {
    // A link was followed whose event is still to come: it must not be overwritten.
    if (location.hash !== known) return;
    if (known === (fragment && `#${fragment}`)) return;
    try {
      history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search);
      known = location.hash;
    } catch {
      // Too often, or a frame that may not: the next change tries again.
    }
  },
  follow(listener) {
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  },
  link: (reference) => new URL(reference, location.href).href,
};

/** The link of an element, which leaves the address of its host page alone. */
export class OwnAddress implements Address {
  private fragment = '';
  private listener: () => void = () => {};

  /**
   * @param page Where a link leads to.
   * @param onWrite The session has changed its link.
   */
  constructor(
    private readonly page: () => string,
    private readonly onWrite: () => void,
  ) {}

  read(): string {
    return this.fragment;
  }

  write(fragment: string): void {
    if (fragment === this.fragment) return;
    this.fragment = fragment;
    this.onWrite();
  }

  follow(listener: () => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => {};
    };
  }

  /** Follows another link. */
  go(fragment: string): void {
    if (fragment === this.fragment) return;
    this.fragment = fragment;
    this.listener();
  }

  link(reference: string): string {
    return new URL(reference, this.page()).href;
  }
}
