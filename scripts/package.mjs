// npm run package: makes lib/, which npm packs.
import { makeLib } from './lib.mjs';

await makeLib('lib');
