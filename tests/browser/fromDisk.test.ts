/** The built page, opened as a file: nothing can start there, and it says why. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it.each(['index.html', 'embed.html'])('says of %s on a disk that it needs a server', async (file) => {
  const visitor = await Visitor.open({ at: pathToFileURL(resolve('dist', file)).href });
  await visitor.page.getByText('It needs a web server').waitFor();
  expect(await visitor.page.getByText('is on its way').count()).toBe(0);
  await visitor.leave();
});
