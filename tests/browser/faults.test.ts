import { afterEach, describe, expect, it } from 'vitest';
import { RANGES } from '../../src/engine/ranges.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('bad days', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  it('runs on the CPU, and says so, when the browser hides WebGPU', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(10);
    expect(await visitor.badge()).toBe('live (CPU)');
    expect(await visitor.text('fallback')).toBe('This browser has no WebGPU, so the CPU does the work.');
    expect(visitor.errors).toEqual([]);
  });

  it('outlives the loss of the GPU in the middle of a text', async () => {
    visitor = await Visitor.open({ query: '?drill=lose-device', reducedMotion: 'reduce' });
    await visitor.id('notice').filter({ hasText: 'The model is here' }).waitFor({ timeout: 60_000 });
    await visitor.set('length', '40');
    await visitor.set('seed', '11');
    await visitor.id('prompt').fill('La jeune fille ouvrit la porte');
    await visitor.begin();
    await visitor.untilWritten(5);
    await visitor
      .id('notice')
      .filter({ hasText: /GPU|device/i })
      .waitFor();
    await visitor.untilAtRest();
    const broken = (await visitor.tokens()).join('');
    expect(await visitor.badge()).toMatch(/^live \(WebGPU/);
    // What the new device writes in one go is what was written on two.
    await visitor.begin();
    await visitor.untilAtRest();
    expect((await visitor.tokens()).join('')).toBe(broken);
    expect(visitor.errors).toEqual([]);
  });

  it('says what is wrong with a dropped file, and keeps the model it had', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.stop();
    const before = await visitor.tokens();
    const drop = async (name: string, bytes: number[]) => {
      const data = await visitor.page.evaluateHandle(
        ([file, content]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(content as number[])], file as string));
          return transfer;
        },
        [name, bytes] as const,
      );
      await visitor.page.dispatchEvent('moe-page', 'drop', { dataTransfer: data });
    };
    const magic = [...new TextEncoder().encode('GGUF')];
    await drop('nonsense.gguf', [1, 2, 3, 4, 5, 6, 7, 8]);
    await expect.poll(() => visitor.text('notice')).toMatch(/\w.*\./);
    const wrongMagic = await visitor.text('notice');
    await visitor.page.getByRole('button', { name: 'Understood' }).click();
    await drop('truncated.gguf', [...magic, 3, 0, 0, 0, 9, 0, 0, 0]);
    await expect.poll(() => visitor.text('notice')).toMatch(/\w.*\./);
    const truncated = await visitor.text('notice');
    console.log(`wrong magic: ${wrongMagic}\ntruncated: ${truncated}`);
    expect(truncated).not.toBe(wrongMagic);
    expect(await visitor.badge()).toBe('live (CPU)');
    expect(await visitor.tokens()).toEqual(before);
    await visitor.write('The sea', { length: '5' });
    expect(await visitor.written()).toBeGreaterThan(2);
  });

  it('says that the network is gone, keeps the recording, and tries again', async () => {
    let broken = true;
    visitor = await Visitor.open({
      cpu: true,
      before: (page) => page.route('**/*.gguf', (route) => (broken ? route.abort() : route.continue())),
    });
    await visitor.id('notice').waitFor({ timeout: 60_000 });
    expect(await visitor.badge()).toBe('recorded');
    expect((await visitor.tokens()).length).toBeGreaterThan(0);
    broken = false;
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    // Who asks for the model gets it at once, however soon it comes.
    await expect.poll(() => visitor.badge(), { timeout: 90_000 }).toMatch(/^live/);
    expect(await visitor.badge()).toBe('live (CPU)');
  });

  it('can be cancelled while it loads, and loads again', async () => {
    let cancelled!: () => void;
    const held = new Promise<void>((resolve) => (cancelled = resolve));
    visitor = await Visitor.open({
      cpu: true,
      before: (page) =>
        page.route('**/*.gguf', async (route) => {
          await held;
          await route.continue().catch(() => {});
        }),
    });
    await visitor.page.getByRole('button', { name: 'Cancel' }).click();
    await visitor.id('notice').filter({ hasText: 'cancelled' }).waitFor();
    cancelled();
    expect(await visitor.badge()).toBe('recorded');
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => visitor.badge(), { timeout: 90_000 }).toMatch(/^live/);
    expect(await visitor.badge()).toBe('live (CPU)');
  });

  it('answers senseless input with a sentence and goes on', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.write('The sea', { length: '4' });
    const before = await visitor.tokens();

    await visitor.set('temperature', 'NaN');
    await visitor.press('Write');
    expect(await visitor.text('problem')).toBe('The temperature must be a number from 0 to 100. “NaN” is not.');
    expect(await visitor.id('temperature').getAttribute('aria-invalid')).toBe('true');
    // Once it is being corrected it does not fold away.
    await visitor.id('temperature').press('1');
    await expect.poll(() => visitor.text('problem')).toBe('');
    expect(await visitor.id('temperature').isVisible()).toBe(true);
    await visitor.set('temperature', String(RANGES.temperature.usual));

    await visitor.id('prompt').fill('  \n ');
    await visitor.press('Write');
    expect(await visitor.text('problem')).toBe('The prompt is empty: write a few words for the model to go on from.');

    await visitor.id('prompt').fill('a long way home '.repeat(400));
    await visitor.press('Write');
    await expect.poll(() => visitor.text('problem')).toMatch(/\d.*tokens/);
    expect(await visitor.tokens()).toEqual(before);

    await visitor.write('The sea', { length: '4' });
    expect(await visitor.tokens()).toEqual(before);
    expect(visitor.errors).toEqual([]);
  });
});
