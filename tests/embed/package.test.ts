/** What other pages are promised: a manifest without gaps, styles that a strict policy allows, names that are our own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifest, undocumented } from '../../scripts/manifest.mjs';
import { forBundlers, prefixTags } from '../../scripts/vitePlugins.ts';
import { LINK_KEYS } from '../../src/state/address/address.ts';

const read = (path: string) => readFileSync(path, 'utf8');

describe('the manifest of the element', () => {
  const made = manifest();
  const [{ declarations }] = made.modules;
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort();

  it('has a word about everything public', () => {
    expect(declarations[0].members.length).toBeGreaterThan(8);
    expect(undocumented(made)).toEqual([]);
  });

  it('finds what has none', () => {
    const source = read('src/embed/moe-scope.ts')
      .replace('  /** The text so far, prompt included. */\n', '')
      .replace('@attr seed - Of sampling.', '@attr seed')
      .replace('  pause(): void {', '  hum(): void {}\n\n  pause(): void {');
    expect(undocumented(manifest(source))).toEqual(['members: text', 'members: pause', 'attributes: seed']);
  });

  it('knows every attribute, as do the types', () => {
    const own = ['variant', 'link', 'reveal', 'device', 'folder', 'worker-url', 'recording'];
    const all = [...LINK_KEYS, ...own].sort();
    expect(names(declarations[0].attributes)).toEqual(all);
    const [, body] = /interface MoeScopeAttributes \{([^}]*)\}/.exec(read('src/embed/contract.ts'))!;
    expect([...body.matchAll(/^ {2}'?([\w-]+)'?\?:/gm)].map(([, name]) => name).sort()).toEqual(all);
  });

  it('knows every event', () => {
    const [, body] = /interface MoeScopeEventMap \{([^}]*(?:\}[^}\n]*[^}]*)*?)\n\}/.exec(
      read('src/embed/contract.ts'),
    )!;
    expect(names(declarations[0].events)).toEqual(
      [...body.matchAll(/'(moe-[\w-]+)':/g)].map(([, name]) => name).sort(),
    );
  });
});

describe('the element for bundlers', () => {
  it('does not ask where it is, which they would answer with a path of their machine', () => {
    expect(forBundlers('const here=import.meta.url;go(here)')).toBe('const here=void 0;go(here)');
    expect(() => forBundlers('const here=import.meta.url;new URL("x",import.meta.url)')).toThrow('2 times');
    expect(() => forBundlers('const here=import.meta.url,{env}=import.meta')).toThrow();
  });

  it('is what the documented line of a CDN is beside, in this version', () => {
    const { version } = JSON.parse(read('package.json'));
    for (const file of ['docs/embedding.md', 'examples/cdn/index.html'])
      expect([...read(file).matchAll(/moescope@([\w.-]+)\/lib/g)].map(([, named]) => named)).toContain(version);
  });
});

describe('the source of the elements', () => {
  const sources = ['src/ui', 'src/embed'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ name, text: read(join(folder, name)) })),
  );
  /** `style="…"` in a template is an inline style; `.style=` is a property. */
  const inline = /(?<=\s)style=/;

  it('has no inline style, which a strict policy forbids', () => {
    expect(inline.test('<i class="x" style="top:0">')).toBe(true);
    expect(inline.test('<i .style="top:0">')).toBe(false);
    expect(sources.filter(({ text }) => inline.test(text)).map(({ name }) => name)).toEqual([
      'share/embed-snippet.ts', // The HTML that a visitor takes away.
    ]);
  });

  it('is given names that no other page has, in one file', () => {
    const { prefix } = prefixTags();
    expect(prefix("import '../ui/status-line.ts';")).toBe("import '../ui/status-line.ts';");
    expect(prefix('<status-line part="status"></status-line>')).toBe(
      '<moe-status-line part="status"></moe-status-line>',
    );
    expect(prefix('.view > status-line { gap: 0 }')).toBe('.view > moe-status-line { gap: 0 }');
    expect(prefix('<moe-text></moe-text>')).toBe('<moe-text></moe-text>');
    const defined = sources.flatMap(({ text }) => [...prefix(text).matchAll(/@customElement\('([\w-]+)'\)/g)]);
    expect(defined.length).toBeGreaterThan(30);
    expect(defined.map(([, tag]) => tag).filter((tag) => !tag.startsWith('moe-'))).toEqual([]);
  });
});
