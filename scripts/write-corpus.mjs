#!/usr/bin/env node
// Lets the shipped MoE write the text that the text race learns from: src/cli/train/writeCorpus.ts.
import { SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';
import { launch } from './launch.mjs';

await launch('src/cli/train/writeCorpus.ts', SOFTWARE_WEBGPU_ARGS);
