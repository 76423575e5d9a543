// npm run slow: tests/slow/slow.ts, which takes minutes and so is no part of npm test.
import { SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';
import { launch } from './launch.mjs';

await launch('tests/slow/slow.ts', SOFTWARE_WEBGPU_ARGS);
