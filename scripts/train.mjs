#!/usr/bin/env node
// The command `train`: src/cli/train/train.ts.
import { SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';
import { launch } from './launch.mjs';

await launch('src/cli/train/train.ts', SOFTWARE_WEBGPU_ARGS);
