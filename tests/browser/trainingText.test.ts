/** The text race on the built page: two writers learn a pasted text; it is sent nowhere. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const PASTED = `=== digits ===\n${'3141592653 '.repeat(90)}\n=== letters ===\n${'the cat sat on the mat. '.repeat(50)}\n`;

test('writers learn a pasted text in the tab, and it is said which characters each expert is asked for', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#train=experts:4', reducedMotion: 'reduce' });
  const sent: string[] = [];
  visitor.page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  // Without WebGPU a recorded run of the painters plays until one begins.
  await visitor.id('train-recorded').waitFor();
  expect(await visitor.page.locator('train-recording p.note').textContent()).toMatch(/A run recorded on .+ seed \d/);
  await visitor.id('train-task-text').click();
  await visitor.page.waitForFunction(() => location.hash.includes('task:text'));
  await visitor.id('train-experts').selectOption('4');
  await visitor.id('train-text-paste').click();
  await visitor.id('train-text-area').fill(PASTED);
  await visitor.id('train-text-learn').click();
  const sample = visitor.id('train-sample-0-1');
  await sample.filter({ hasText: /[a-z. ]{20}/ }).waitFor({ timeout: 110_000 });
  await visitor.id('train-toggle').filter({ hasText: 'Pause' }).click();
  await visitor.id('train-toggle').filter({ hasText: 'Go on' }).waitFor();
  // Held-out text begins it.
  expect(PASTED).toContain(await sample.locator('.begun').textContent());
  expect(await visitor.id('train-text-source').textContent()).toContain('digits, letters');
  expect(await visitor.id('train-claim').textContent()).toMatch(/After [\d.]+\s\wFLOP the MoE is at \d\.\d{3} nats/);
  expect(await visitor.id('train-likings-characters').locator('li').count()).toBe(4);
  expect(await visitor.id('train-likings-kinds').locator('li').first().textContent()).toMatch(/nobody|chance 50\s%/);
  const curves = async () => {
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('train-csv').click()]);
    return readFileSync(await download.path())
      .toString()
      .trim()
      .split('\n');
  };
  const stepOf = (lines: readonly string[]) => Number(lines.findLast((line) => line.startsWith('moe,'))?.split(',')[1]);
  const lines = await curves();
  expect(lines[0]).toBe('model,step,training_flops,seconds_of_own_steps,held_out_nats');
  expect(lines.some((line) => line.startsWith('dense-active,'))).toBe(true);
  const [saved] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('train-weights').click()]);
  expect(saved.suggestedFilename()).toBe('moescope-text-training.safetensors');
  // The weights come back with the text, and go on from where they were.
  await visitor.page.reload();
  await visitor.id('train-text-source').filter({ hasText: 'six kinds of text' }).waitFor();
  await visitor.id('train-text-files').setInputFiles({
    ...{ name: saved.suggestedFilename(), mimeType: '', buffer: readFileSync(await saved.path()) },
  });
  expect(await visitor.id('train-text-files').inputValue()).toBe('');
  await visitor.id('train-toggle').filter({ hasText: 'Pause' }).click();
  await visitor.id('train-toggle').filter({ hasText: 'Go on' }).waitFor();
  expect(await visitor.id('train-text-source').textContent()).toContain('digits, letters');
  expect(stepOf(await curves())).toBeGreaterThanOrEqual(stepOf(lines));
  expect(sent.filter((each) => /the cat sat|31415|written\.txt/.test(each))).toEqual([]);
  if (process.env.SHOT) await visitor.page.locator('text-race').screenshot({ path: process.env.SHOT });
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
