import { describe } from 'vitest';
import { findFirefox } from '../../scripts/otherBrowsers.mjs';
import { launchFirefox } from './otherBrowsers.ts';
import { smoke } from './smoke.ts';

describe.skipIf(!findFirefox())('with WebGPU of its own', () => {
  smoke('Firefox', launchFirefox, 'live (WebGPU');
});
