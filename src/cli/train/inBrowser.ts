/** The same training in headless Chromium: its WebGPU in place of Node's. */
import type { Pixels } from '../../reference/painter/inputs.ts';
import { answered } from '../answer.ts';
import { withPage } from '../browser.ts';
import type { Host } from '../host.ts';
import type { TrainAsked } from './pageProtocol.ts';

/** @throws UserError no-webgpu where there is no browser, and what the training throws */
export function trainInBrowser(
  host: Host,
  asked: TrainAsked,
): Promise<{ summary: object; painting: Uint8ClampedArray | null }> {
  return withPage(host, new URL('./page.html', import.meta.url), {}, async (page) => {
    await page.exposeFunction('moeTold', (line: string) => host.err(line));
    await page.waitForFunction('window.moeTrain !== undefined');
    const answer = await page.evaluate((wanted) => window.moeTrain!(wanted), asked);
    const { summary, painting } = answered(answer);
    return { summary, painting: painting === null ? null : new Uint8ClampedArray(Buffer.from(painting, 'base64')) };
  });
}

/** A picture as it crosses. */
export const sentPicture = ({ width, height, data }: Pixels) => ({
  ...{ width, height },
  base64: Buffer.from(data).toString('base64'),
});
