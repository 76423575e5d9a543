/** What crawlers and readers of oEmbed are given for every preset. */
import { describe, expect, it } from 'vitest';
import { headTags, oembed, sharePage, sharePages } from '../../scripts/sharePages.ts';
import { readAddress } from '../../src/state/address/address.ts';
import { PRESETS } from '../../src/state/text/presets.ts';

const SITE = 'https://example.org/lab/moe/';
const unescaped = (text: string) =>
  text.replaceAll('&#10;', '\n').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');

describe('the page of a preset', () => {
  it.each(PRESETS)('leads to $domain itself, without a script', (preset) => {
    const page = sharePage(SITE, preset);
    const [, target] = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page)!;
    const address = new URL(unescaped(target), `${SITE}share/${preset.domain}.html`);
    expect(address.href.split('#')[0]).toBe(SITE);
    expect(readAddress(address.hash).state.prompt).toBe(preset.prompt);
    expect(page).not.toMatch(/<script| style=/);
    const said = new Map(
      [...page.matchAll(/property="([^"]+)" content="([^"]*)"/g)].map(([, key, text]) => [key, text]),
    );
    expect(said.get('og:image')).toBe(`${SITE}og/${preset.domain}.jpg`);
    expect(unescaped(said.get('og:description')!)).toContain(preset.prompt);
  });

  it.each([...PRESETS, null])('has an oEmbed answer whose frame shows it', (preset) => {
    const answer = JSON.parse(JSON.stringify(oembed(SITE, preset)));
    expect(answer).toMatchObject({ version: '1.0', type: 'rich', width: 720, height: 640 });
    const frame = new URL(unescaped(/src="([^"]*)"/.exec(answer.html)![1]));
    expect(frame.pathname).toBe('/lab/moe/embed.html');
    expect(readAddress(frame.hash).state.prompt).toBe((preset ?? PRESETS[0]).prompt);
    expect(headTags(SITE, preset)).toContain(`href="${SITE}oembed/${preset?.domain ?? 'page'}.json"`);
  });

  it('is not written where nobody says what the address is; then the page names the picture beside it', () => {
    expect(sharePages(undefined)).toMatchObject({ name: 'share-tags' });
    expect(sharePages(undefined).writeBundle).toBeUndefined();
    const tags = headTags('./', null);
    expect(tags).toContain('property="og:image" content="./og/story.jpg"');
    expect(tags).toContain('name="twitter:image" content="./og/story.jpg"');
    expect(tags).not.toMatch(/og:url|oembed/);
    expect(sharePages('https://example.org')?.name).toBe('share-pages');
  });
});
