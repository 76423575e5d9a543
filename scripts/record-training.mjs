// node scripts/record-training.mjs: trains on the built page and keeps what was seen in public/recordings/training.json, which
// plays where nothing trains.
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';

const OUT = 'public/recordings/training.json';
/** A frame is taken when the MoE has passed so many steps; the last ones while the rate falls. */
const STEPS = [0, 10, 25, 50, 100, 160, 240, 300, 330, 360, 390];
const FINISH_AFTER = 300;

const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
const browser = await chromium.launch({ executablePath: findChromium(), args: SOFTWARE_WEBGPU_ARGS });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
await page.goto(`${server.resolvedUrls.local[0]}#train=1&device=recorded`);
await page.getByTestId('train-toggle').click({ timeout: 120_000 });
const recorded = await page.locator('train-race').evaluate(
  async (element, { steps, finishAfter }) => {
    const { race } = element;
    const map = (canvas) => canvas.shadowRoot.querySelector('canvas');
    const frames = [];
    const paintings = [];
    const maps = [];
    let finishing = false;
    const copy = (testid) => {
      const from = map(element.shadowRoot.querySelector(`[data-testid=${testid}]`));
      const to = new OffscreenCanvas(from.width, from.height);
      to.getContext('2d').drawImage(from, 0, 0);
      return to;
    };
    for (let done = false; !done; ) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (race.phase.get() === 'failed') throw new Error(race.fault.get().message);
      const [moe, dense] = race.standings.get();
      if (!race.ready.get() || !moe || !dense || moe.step !== dense.step) continue;
      done = race.phase.get() === 'finished';
      if (!done && moe.step < (steps[frames.length] ?? Number.POSITIVE_INFINITY)) continue;
      if (frames.at(-1)?.step === moe.step) continue;
      await element.updateComplete;
      frames.push({ step: moe.step, decibels: [moe.decibels, dense.decibels], dead: moe.dead });
      console.log(`step ${moe.step}`);
      paintings.push(copy('train-moe'), copy('train-dense'));
      maps.push(copy('train-territory-0'), copy('train-territory-1'));
      if (!finishing && moe.step >= finishAfter) {
        finishing = true;
        void race.finish();
      }
    }
    const { info, scale, runners } = race.ready.get();
    const strip = (tiles, quality) => {
      const canvas = document.createElement('canvas');
      canvas.width = (tiles.length / 2) * scale.size;
      canvas.height = 2 * scale.size;
      const context = canvas.getContext('2d');
      for (const [i, tile] of tiles.entries())
        context.drawImage(tile, Math.floor(i / 2) * scale.size, (i % 2) * scale.size);
      return canvas.toDataURL('image/webp', quality);
    };
    const facts = runners.map(({ parameters, flopsPerStep }) => ({ parameters, flopsPerStep }));
    return { device: info.name, scale, runners: facts, frames, paintings: strip(paintings, 0.8), maps: strip(maps, 1) };
  },
  { steps: STEPS, finishAfter: FINISH_AFTER },
);
const { seed, experts } = await page
  .locator('train-race')
  .evaluate((element) => ({ seed: element.race.settings.seed, experts: element.race.settings.experts }));
await browser.close();
await server.close();
const text = JSON.stringify({ created: new Date().toISOString().slice(0, 10), seed, experts, ...recorded });
writeFileSync(OUT, `${text}\n`);
console.log(`${OUT}: ${recorded.frames.length} frames, ${(text.length / 1024).toFixed(0)} KB`);
