// npm run release: the built folder as one archive, for a static server or a USB stick.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const archive = `moescope-${version}.tar.gz`;
const { status } = spawnSync('tar', ['-czf', archive, '-C', 'dist', '.'], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
console.log(`${archive}: ${(statSync(archive).size / 1e6).toFixed(1)} MB. Unpack it anywhere and serve the folder.`);
