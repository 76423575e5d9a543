/** What is said of a browser that offers no WebGPU. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Opening } from '../../src/state/models/opening.ts';
import type { Session } from '../../src/state/session/session.ts';

describe('a page without WebGPU', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['nothing', {}, true, null],
    ['that the browser has none', undefined, true, 'This browser has no WebGPU, so the CPU does the work.'],
    ['that the address has none', undefined, false, 'WebGPU needs HTTPS or localhost, so the CPU does the work.'],
  ])('says %s', (_, gpu, secure, said) => {
    vi.stubGlobal('navigator', { gpu });
    vi.stubGlobal('isSecureContext', secure);
    expect(new Opening({} as Session, 'auto').noWebGpu).toBe(said);
  });
});
