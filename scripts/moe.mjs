#!/usr/bin/env node
// The command `moe`: src/cli/moe.ts.
import { SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';
import { launch } from './launch.mjs';

await launch('src/cli/moe.ts', SOFTWARE_WEBGPU_ARGS);
