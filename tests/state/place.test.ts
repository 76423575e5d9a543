/** The address of the page: written in place, and never over a link that was just followed. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pageAddress } from '../../src/state/address/place.ts';

describe('the address of the page', () => {
  const location = { hash: '', pathname: '/', search: '' };
  const replaceState = vi.fn((_state: unknown, _title: string, to: string) => {
    location.hash = to.startsWith('#') ? to : '';
  });

  beforeEach(() => {
    location.hash = '#seed=5';
    vi.stubGlobal('location', location);
    vi.stubGlobal('history', { replaceState });
    expect(pageAddress.read()).toBe('#seed=5');
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    replaceState.mockReset();
    replaceState.mockImplementation((_state, _title, to) => {
      location.hash = to.startsWith('#') ? to : '';
    });
  });

  it('is written in the place of the one before, and only when it differs', () => {
    pageAddress.write('seed=6');
    pageAddress.write('seed=6');
    expect(replaceState.mock.calls.map((call) => call[2])).toEqual(['#seed=6']);
    pageAddress.write('');
    expect(replaceState.mock.lastCall![2]).toBe('/');
    expect(pageAddress.read()).toBe('');
  });

  it('keeps a link that was followed but not read yet, and is written again once it was read', () => {
    location.hash = '#step=6';
    pageAddress.write('step=5');
    expect(pageAddress.read()).toBe('#step=6');
    pageAddress.write('step=6&seed=5');
    expect(location.hash).toBe('#step=6&seed=5');
  });

  it('tries again after the browser refused', () => {
    replaceState.mockImplementationOnce(() => {
      throw new DOMException('too often', 'SecurityError');
    });
    pageAddress.write('seed=7');
    expect(location.hash).toBe('#seed=5');
    pageAddress.write('seed=8');
    expect(location.hash).toBe('#seed=8');
  });
});
