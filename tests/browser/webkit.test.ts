import { describe } from 'vitest';
import { findWebKit } from '../../scripts/otherBrowsers.mjs';
import { launchWebKit } from './otherBrowsers.ts';
import { smoke } from './smoke.ts';

describe.skipIf(!findWebKit())('without WebGPU', () => {
  smoke('WebKit', launchWebKit, 'live (CPU)');
});
