import { afterEach, expect, it, vi } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';

afterEach(() => vi.unstubAllGlobals());

const device = { features: new Set(), limits: {} };
const api = (info: object | undefined, more = {}) =>
  ({
    requestAdapter: async () => ({ info, features: new Set(), limits: {}, requestDevice: async () => device, ...more }),
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

it.each([
  ['SwiftShader', { ...EMPTY, description: 'SwiftShader Device (LLVM 10.0.0)' }, {}, true],
  ['WARP', { ...EMPTY, vendor: 'microsoft', architecture: 'warp' }, {}, true],
  ['Windows without a driver', { ...EMPTY, description: 'Microsoft Basic Render Driver' }, {}, true],
  ['what says so', { ...EMPTY, vendor: 'intel', isFallbackAdapter: true }, {}, true],
  ['what said so in older browsers', { ...EMPTY, vendor: 'google' }, { isFallbackAdapter: true }, true],
  ['what says so of the adapter alone', undefined, { isFallbackAdapter: true }, true],
  ['a GPU', { ...EMPTY, vendor: 'nvidia', architecture: 'warpless' }, { isFallbackAdapter: false }, false],
  ['a GPU that says it is one', { ...EMPTY, isFallbackAdapter: false }, { isFallbackAdapter: true }, false],
  ['an adapter that says nothing', EMPTY, {}, false],
])('knows a software adapter: %s', async (_, info, more, fallback) => {
  expect((await findGpu(api(info, more))).info.fallback).toBe(fallback);
});
