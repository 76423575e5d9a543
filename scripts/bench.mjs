#!/usr/bin/env node
// The command `bench`: src/cli/bench/bench.ts.
import { webgpuArgs } from './chromium.mjs';
import { launch } from './launch.mjs';

await launch('src/cli/bench/bench.ts', webgpuArgs());
