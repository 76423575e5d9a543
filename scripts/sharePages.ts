/**
 * What a link to a preset looks like where others show it. A crawler never sees the fragment of a link, so each preset gets a
 * small page of its own, which has the picture and sends readers on, and an oEmbed answer as a file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { PRESETS, type Preset } from '../src/state/text/presets.ts';

export { PRESETS };

const TITLE = 'moescope: watch a mixture of experts write';
const DESCRIPTION =
  'A real Mixture-of-Experts language model writes on your own GPU; see which experts work for every word.';
export const PICTURE = { width: 1200, height: 630 };

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');

/** The fragment that opens the page with this preset; none for the page as it is. */
export const fragment = (preset: Preset | null): string =>
  preset ? `#prompt=${encodeURIComponent(preset.prompt)}` : '';
const titleOf = (preset: Preset | null) => (preset ? `${TITLE} (${preset.kind})` : TITLE);
const nameOf = (preset: Preset | null) => preset?.domain ?? 'story';

/** An answer as oembed.com describes it: a frame of the folder at `site`, which ends with a slash. */
export function oembed(site: string, preset: Preset | null) {
  const source = `${site}embed.html${fragment(preset)}`;
  return {
    version: '1.0',
    type: 'rich',
    title: titleOf(preset),
    provider_name: 'moescope',
    provider_url: site,
    html: `<iframe src="${escaped(source)}" title="${escaped(titleOf(preset))}" width="720" height="640" frameborder="0"></iframe>`,
    width: 720,
    height: 640,
    thumbnail_url: `${site}og/${nameOf(preset)}.jpg`,
    thumbnail_width: PICTURE.width,
    thumbnail_height: PICTURE.height,
  };
}

/** Tags for the head of a page that is about this preset. */
export function headTags(site: string, preset: Preset | null): string {
  const self = preset ? `${site}share/${preset.domain}.html` : site;
  const about = escaped(preset ? `“${preset.prompt}” … ${DESCRIPTION}` : DESCRIPTION);
  return [
    `<meta property="og:type" content="website" />`,
    `<meta property="og:title" content="${escaped(titleOf(preset))}" />`,
    `<meta property="og:description" content="${about}" />`,
    ...(site.includes('://') ? [`<meta property="og:url" content="${self}" />`] : []),
    `<meta property="og:image" content="${site}og/${nameOf(preset)}.jpg" />`,
    `<meta property="og:image:width" content="${PICTURE.width}" />`,
    `<meta property="og:image:height" content="${PICTURE.height}" />`,
    `<meta property="og:image:alt" content="The text, every token tinted by its expert, beside the wall of experts" />`,
    `<meta name="twitter:card" content="summary_large_image" />`,
    `<meta name="twitter:image" content="${site}og/${nameOf(preset)}.jpg" />`,
    ...(site.includes('://')
      ? [
          `<link rel="alternate" type="application/json+oembed" href="${site}oembed/${preset?.domain ?? 'page'}.json" title="${escaped(titleOf(preset))}" />`,
        ]
      : []),
  ].join('\n    ');
}

/** The page of a preset: tags for crawlers, the way on for readers, no script. */
export function sharePage(site: string, preset: Preset): string {
  const target = escaped(`../${fragment(preset)}`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${escaped(titleOf(preset))}</title>
    <meta http-equiv="refresh" content="0; url=${target}" />
    ${headTags(site, preset)}
  </head>
  <body>
    <p><a href="${target}">${escaped(titleOf(preset))}</a></p>
  </body>
</html>
`;
}

/**
 * Writes share/ and oembed/, and the tags of the page itself.
 * @param address Where the folder will lie. Without one the page's own tags name its picture beside it, and nothing else is written.
 */
export function sharePages(address: string | undefined): Plugin {
  if (!address) {
    return {
      name: 'share-tags',
      apply: 'build',
      transformIndexHtml: (html, { path }) =>
        path === '/index.html' ? html.replace('</head>', `  ${headTags('./', null)}\n  </head>`) : html,
    };
  }
  const site = address.replace(/\/?$/, '/');
  let config: ResolvedConfig;
  return {
    name: 'share-pages',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    transformIndexHtml: (html, { path }) =>
      path === '/index.html' ? html.replace('</head>', `  ${headTags(site, null)}\n  </head>`) : html,
    writeBundle() {
      const write = (path: string, text: string) => {
        const file = join(config.build.outDir, path);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, text);
      };
      write('oembed/page.json', JSON.stringify(oembed(site, null), null, 2));
      for (const preset of PRESETS) {
        write(`oembed/${preset.domain}.json`, JSON.stringify(oembed(site, preset), null, 2));
        write(`share/${preset.domain}.html`, sharePage(site, preset));
      }
    },
  };
}
