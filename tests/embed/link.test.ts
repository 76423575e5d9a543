/** Links that the page around an element sets: one that was set before leads back, and none is dropped before the start. */
import { beforeEach, expect, it, vi } from 'vitest';
import { DEFAULT_STATE } from '../../src/state/address/address.ts';
import { OwnAddress } from '../../src/state/address/place.ts';

// What they show and where they find their files needs a page.
vi.mock('../../src/embed/home.ts', () => ({}));
vi.mock('../../src/embed/scope-view.ts', () => ({}));
vi.mock('../../src/embed/poster.ts', () => ({}));
vi.mock('../../src/embed/box.ts', () => ({}));

/** As much of an element as attributes need. */
class Plain {
  private readonly attributes = new Map<string, string>();
  getAttribute = (name: string) => this.attributes.get(name) ?? null;
  hasAttribute = (name: string) => this.attributes.has(name);
  setAttribute(name: string, value: string): void {
    const before = this.getAttribute(name);
    this.attributes.set(name, value);
    (this as unknown as HTMLElement & Record<string, (...all: unknown[]) => void>).attributeChangedCallback(
      name,
      before,
      value,
    );
  }
}

let MoeScope: typeof import('../../src/embed/moe-scope.ts').MoeScope;
beforeEach(async () => {
  vi.stubGlobal('HTMLElement', Plain);
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }));
  ({ MoeScope } = await import('../../src/embed/moe-scope.ts'));
});

function element(started: boolean) {
  const address = new OwnAddress(
    () => 'https://models.test/',
    () => {},
  );
  const followed: string[] = [];
  address.follow(() => followed.push(address.read()));
  const session = started ? {} : null;
  // Without what only a browser's elements have.
  const plain = Object.assign(new Plain(), { address, session });
  Object.setPrototypeOf(plain, MoeScope.prototype);
  return { scope: plain as unknown as InstanceType<typeof MoeScope>, address, followed };
}

it('follows the same link again once the visitor has changed what stands there, and only then', () => {
  const { scope, address, followed } = element(true);
  scope.setAttribute('link', '#seed=5');
  scope.setAttribute('link', '#seed=5');
  expect(followed).toEqual(['seed=5']);
  address.write('seed=5&off=1:2');
  scope.link = '#seed=5';
  expect(followed).toEqual(['seed=5', 'seed=5']);
});

it('leaves what the visitor chose alone where another attribute is set to what it was', () => {
  const { scope, address, followed } = element(true);
  scope.setAttribute('seed', '5');
  address.write('seed=6');
  scope.setAttribute('seed', '5');
  expect(followed).toEqual(['seed=5']);
});

it('starts with the state that was set before', () => {
  const { scope } = element(false);
  scope.state = { ...DEFAULT_STATE, prompt: 'Once', write: true };
  expect(scope.getAttribute('link')).toBe('#prompt=Once&write=1');
  expect(scope.link).toBe('https://models.test/#prompt=Once&write=1');
});
