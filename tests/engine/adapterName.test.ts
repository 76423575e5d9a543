import { afterEach, expect, it, vi } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';

afterEach(() => vi.unstubAllGlobals());

const device = { features: new Set(), limits: {} };
const api = (info: object | undefined) =>
  ({
    requestAdapter: async () => ({ info, features: new Set(), limits: {}, requestDevice: async () => device }),
  }) as never;

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
const SAFARI = 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15';
const EMPTY = { vendor: '', architecture: '', device: '', description: '' };

it.each([
  [FIREFOX, EMPTY, 'Firefox adapter'],
  [CHROME, undefined, 'Chrome adapter'],
  [`${CHROME} Edg/120.0.0.0`, undefined, 'Edge adapter'],
  [SAFARI, { ...EMPTY, vendor: 'apple' }, 'apple'],
  [SAFARI, EMPTY, 'Safari adapter'],
  ['', EMPTY, 'unnamed adapter'],
])('%s with %o: %s', async (userAgent, info, name) => {
  vi.stubGlobal('navigator', { userAgent });
  expect((await findGpu(api(info))).info.name).toBe(name);
});
