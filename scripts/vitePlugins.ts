/** What the build makes beside the page: files that must be one each, and the service worker that keeps all of it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type InlineConfig, type Plugin, type ResolvedConfig } from 'vite';
import { posterFacts } from './posterFacts.ts';
import { repository } from './repository.ts';

/** Without comments and blanks; what stands in quotes stays as it is. */
export function compact(css: string): string {
  const outside = (part: string) =>
    part
      .replace(/\s+/g, ' ')
      .replace(/ ?([{};,]) ?/g, '$1')
      .replace(/: /g, ':')
      .replace(/;}/g, '}');
  const parts = css.replace(/\/\*[\s\S]*?\*\//g, '').split(/('[^']*'|"[^"]*")/);
  return parts.map((part, i) => (i % 2 ? part : outside(part))).join('');
}

/** Compacts the style sheets of elements, which no minifier looks into. */
export function compactStyles(): Plugin {
  return {
    name: 'compact-styles',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/(ui|embed)\/[\w/-]+\.ts$/.test(id)) return null;
      return { code: code.replace(/\bcss`([^`]*)`/g, (_, css: string) => `css\`${compact(css)}\``), map: null };
    },
  };
}

/**
 * Takes comments and blanks out of shaders, but no blank beside a star: that would make a comment of `a / *p`. Their lines
 * stay, because complaints of a compiler name them by number.
 */
export function compactShaders(): Plugin {
  return {
    name: 'compact-shaders',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      const [path, query] = id.split('?');
      if (!path.endsWith('.wgsl') || query !== 'raw') return null;
      const code = readFileSync(path, 'utf8')
        .replace(/^[ \t]+|[ \t]*\/\/.*$/gm, '')
        .replace(/ ?([,;{}()+]) ?/g, '$1');
      return `export default ${JSON.stringify(code)};`;
    },
  };
}

/** Fetches what the page's first script imports later along with it: it runs later, and must not come later. */
export function preloadImports(): Plugin {
  return {
    name: 'preload-imports',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {}, chunk }) {
        const files = new Set<string>();
        const add = (file: string) => {
          const found = bundle[file];
          if (files.has(file) || found?.type !== 'chunk') return;
          files.add(file);
          for (const imported of found.imports) add(imported);
        };
        if (chunk?.name === 'index') for (const file of chunk.dynamicImports) add(file);
        for (const file of [chunk?.fileName ?? '', ...(chunk?.imports ?? [])]) files.delete(file);
        return [...files].map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file}` },
          injectTo: 'head',
        }));
      },
    },
  };
}

/** What a bundler tells of a module. */
interface Info {
  readonly importedIds: readonly string[];
  readonly dynamicallyImportedIds: readonly string[];
}
export interface Modules {
  getModuleInfo(id: string): Info | null;
}

function reached(entry: string, modules: Modules, next: (info: Info) => readonly string[]): Set<string> {
  const seen = new Set([resolve(entry)]);
  for (const id of seen) {
    const info = modules.getModuleInfo(id);
    if (info) for (const each of next(info)) seen.add(each);
  }
  return seen;
}

/**
 * What the first paint needs in few chunks, smaller than the many which it would share with what loads later. Whoever takes
 * one chunk runs all of it, so what the frame takes, at once or later, and what moe-layer.js takes stay apart.
 */
export function firstPaint() {
  const atOnce = ({ importedIds }: Info) => importedIds;
  const ever = ({ importedIds, dynamicallyImportedIds }: Info) => [...importedIds, ...dynamicallyImportedIds];
  let sets: Set<string>[] | null = null;
  const chunkOf = (id: string, modules: Modules) => {
    sets ??= [
      reached('src/main.ts', modules, atOnce),
      reached('src/engine/webgpu/moeLayer.ts', modules, atOnce),
      reached('src/embed/frame.ts', modules, atOnce),
      reached('src/embed/frame.ts', modules, ever),
    ];
    const [page, layer, frame, frameLater] = sets.map((set) => set.has(id));
    if (!page) return null;
    return layer ? 'layer' : frame ? 'shared' : frameLater ? 'views' : 'main';
  };
  // The chunk with the higher priority keeps a module that the dependencies of another would take.
  return ['layer', 'shared', 'views', 'main'].map((name, i) => ({
    name: (id: string, modules: Modules) => (chunkOf(id, modules) === name ? name : null),
    priority: 14 - i,
  }));
}

/**
 * What two or more parts of the page share and load later: a chunk for what each of these files needs, one for charts and costs, and one for
 * all the rest. A chunk of its own for every small module would be more code, compressed.
 */
const OPENED = [
  ['moe-layer', 'src/engine/webgpu/moeLayer.ts'],
  ['arrive', 'src/arrive.ts'],
  ['frame', 'src/embed/frame.ts'],
  ['article', 'src/ui/article/moe-article.ts'],
  ['below', 'src/ui/page/below-text.ts'],
] as const;

export function sharedLater() {
  const known = new Map<string, Set<string>>();
  const needs = (file: string, id: string, modules: Modules) => {
    const set = known.get(file) ?? reached(file, modules, ({ importedIds }) => importedIds);
    known.set(file, set);
    return set.has(id);
  };
  const costs = /\/src\/(ui\/(chart|saves|quality|published|results)|state\/results|compare)\/.*\.ts$/;
  const figures = (id: string) => (costs.test(id) ? 'figures' : null);
  const later = (id: string) => (/\/src\/(ui|state)\/.*\.ts$/.test(id) ? 'later' : null);
  return [
    ...OPENED.map(
      ([name, file]) =>
        (id: string, modules: Modules) =>
          needs(file, id, modules) ? name : null,
    ),
    figures,
    later,
  ].map((name, i) => ({ name, minShareCount: 2, priority: 9 - i }));
}

/** Names of the elements inside, from the files that define them. */
function innerTags(): string[] {
  const sources = readdirSync('src/ui', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return sources
    .flatMap((name) => [...readFileSync(join('src/ui', name), 'utf8').matchAll(/@customElement\('([\w-]+)'\)/g)])
    .map(([, tag]) => tag)
    .filter((tag) => !tag.startsWith('moe-'));
}

/** Puts `moe-` before the name of every element: on another page, short names may be taken. */
export function prefixTags(tags: readonly string[] = innerTags()): Plugin & { prefix(code: string): string } {
  // Not the names of files: `./status-line.ts`.
  const named = new RegExp(`(?<![\\w-]|[\\w.]/)(${tags.join('|')})(?![\\w-]|\\.ts)`, 'g');
  const prefix = (code: string) => code.replace(named, 'moe-$1');
  return {
    name: 'prefix-tags',
    enforce: 'pre',
    prefix,
    transform: (code, id) => (/\/src\/(ui|embed)\/[\w/-]+\.ts$/.test(id) ? { code: prefix(code), map: null } : null),
  };
}

/** Takes out what fetches files ahead of an import(): in one file there are none, and it asks where the script lies. */
function noPreload(): Plugin {
  return {
    name: 'no-preload',
    enforce: 'pre',
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
  };
}

type Built = Pick<ResolvedConfig['build'], 'outDir' | 'target'>;

/**
 * On another page the element is the measure, not the window and not the root: lengths hang on the element's own type size
 * (`--moe-unit`, see src/embed/styles.ts), and a style that asks how wide the window is asks how wide the element is.
 */
export function ownMeasure(): Plugin & { own(code: string): string } {
  // In the condition of a container query, em is the type size of the container: one unit, see src/embed/scope-view.ts.
  const asked = /@(?:media|container)(?= \((?:min|max)-width)[^{]*/g;
  const own = (code: string) =>
    code
      .replace(asked, (condition) => condition.replace('@media', '@container').replace(/rem\b/g, 'em'))
      .replace(/(?<![\w.])(-?\d*\.?\d+)rem\b/g, 'calc($1*var(--moe-unit))');
  return {
    name: 'own-measure',
    enforce: 'pre',
    own,
    transform: (code, id) =>
      /\/src\/(ui|embed)\/([\w/-]+\.ts|[\w/-]*palette\.css\?inline)$/.test(id) ? { code: own(code), map: null } : null,
  };
}

/** One input as one file with this very name in the built folder. */
function oneFile(name: string, input: string, { target, outDir }: Built): InlineConfig {
  return {
    configFile: false,
    // Nothing lies beside it. A relative base would write import.meta.url after every import(), for bundlers to replace.
    base: '/',
    define: { POSTER_FACTS: JSON.stringify(posterFacts()), REPOSITORY: JSON.stringify(repository()) },
    logLevel: 'warn',
    publicDir: false,
    build: {
      target,
      outDir,
      emptyOutDir: false,
      assetsInlineLimit: 0,
      rolldownOptions: { input: { [name]: input }, output: { entryFileNames: '[name].js', codeSplitting: false } },
    },
    // Plain scripts: see workerFrom() in src/embed/home.ts.
    worker: { format: 'iife', plugins: () => [compactShaders()] },
    plugins: [compactStyles(), compactShaders(), prefixTags(), ownMeasure(), noPreload()],
  };
}

/** Builds files that other pages can rely on by their names. */
export function singleFiles(inputs: Readonly<Record<string, string>>): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'single-files',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    closeBundle: {
      sequential: true,
      handler: async () => {
        for (const [name, input] of Object.entries(inputs)) await build(oneFile(name, input, config.build));
      },
    },
  };
}

/** Files of the built folder that are for other pages; the page works without them. */
const FOR_OTHERS =
  /^((element|moe-layer|moe-scope|moe-scope-worker|sw)\.js$|custom-elements\.json$|(og|oembed|share|types)\/)/;
const SERVICE_WORKER = 'src/offline/service-worker.ts';

/** Builds sw.js with the list of all files of the folder that the page needs. */
export async function buildServiceWorker(options: Built): Promise<void> {
  const { outDir } = options;
  const paths = readdirSync(outDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(outDir, '/').length))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !FOR_OTHERS.test(path))
    .sort();
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(outDir, path)))
      .digest('hex');
  const files = Object.fromEntries(paths.map((path) => [path, hash(path)]));
  await build({ ...oneFile('sw', SERVICE_WORKER, options), define: { BUILT_FILES: JSON.stringify(files) } });
}

/** The service worker comes last, when all files are there. */
export function serviceWorker(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved: (resolved) => {
      config = resolved;
    },
    closeBundle: { sequential: true, order: 'post', handler: () => buildServiceWorker(config.build) },
  };
}

/**
 * moe-scope.js for bundlers, which would put a path of the building machine in the place of its address.
 * @throws Error when it asks for its address more than once: then something lies beside it that a bundler cannot know of.
 */
export function forBundlers(script: string): string {
  const parts = script.split('import.meta.url');
  if (parts.length !== 2 || parts.join('').includes('import.meta'))
    throw new Error(`moe-scope.js asks ${parts.length - 1} times where it is, not once.`);
  return parts.join('void 0');
}
