/** What static hosts do to a folder that is put there: clean URLs, redirects, headers, compression, scripts of their own. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { listen, type Server, TYPES } from './hosts.ts';

export interface StaticHost {
  /** Where the folder lies. */
  readonly at?: string;
  /** Where a visitor of a path in the folder is sent, in the folder. */
  readonly redirect?: (path: string) => string | null;
  /** The file that answers for a path, where there is none of that name. */
  readonly instead?: (path: string) => string;
  readonly headers?: (file: string) => Record<string, string>;
  readonly body?: (file: string, bytes: Buffer) => Buffer;
  readonly status?: number;
}

const isText = (file: string) => /\.(html|js|css|json|svg|webmanifest)$/.test(file);
const cleanUrls: StaticHost = {
  redirect: (path) => (/(^|\/)(index|embed)\.html$/.test(path) ? path.replace(/(index)?\.html$/, '') : null),
  instead: (path) => `${path}.html`,
};
const injected = '<script>window.countedByTheHost = true;</script><script defer src="/host-insights.js"></script>';
const withScript = (file: string, bytes: Buffer) =>
  file.endsWith('.html') ? Buffer.from(bytes.toString().replace('</head>', `${injected}</head>`)) : bytes;
const compressed = (encoding: string, compress: (bytes: Buffer) => Buffer): StaticHost => ({
  headers: (file): Record<string, string> =>
    isText(file) ? { 'content-encoding': encoding, vary: 'Accept-Encoding, Origin' } : {},
  body: (file, bytes) => (isText(file) ? compress(bytes) : bytes),
});

/** A host's name or habit → what it does. */
export const STATIC_HOSTS: Readonly<Record<string, StaticHost>> = {
  'clean URLs, as Cloudflare Pages and Netlify have them': { ...cleanUrls, status: 308 },
  'clean URLs in a folder below, sent on for the time being': { ...cleanUrls, at: '/lab/moe/', status: 302 },
  'a slash that is added to folders': {
    at: '/lab/moe/',
    redirect: (path) => (path === 'index.html' ? '' : null),
    status: 301,
  },
  'Vary: *': { headers: () => ({ vary: '*' }) },
  'a script added to every page': { body: withScript },
  'a script added to every page, with clean URLs': { ...cleanUrls, body: withScript },
  gzip: compressed('gzip', (bytes) => gzipSync(bytes, { level: 1 })),
  brotli: compressed('br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  'wrong media types for all but scripts, styles and pages': {
    headers: (file): Record<string, string> =>
      /\.(js|css|html)$/.test(file) ? {} : { 'content-type': /\.gguf$/.test(file) ? 'text/html' : 'text/plain' },
  },
  'everything immutable, sw.js and pages, too': {
    headers: () => ({ 'cache-control': 'public, max-age=31536000, immutable', etag: 'W/"1"' }),
  },
  'nothing stored, nothing that tells versions apart': { headers: () => ({ 'cache-control': 'no-store' }) },
  'index.html for whatever is missing': { instead: () => 'index.html' },
  'ranges that are promised and never kept': { headers: () => ({ 'accept-ranges': 'bytes' }) },
};

/** The built folder on such a host, which answers GET alone, and never with a part of a file. */
export async function serveOn(host: StaticHost): Promise<Server> {
  const { at = '/', redirect, instead = (path) => path, headers, body = (_, bytes) => bytes, status = 308 } = host;
  const root = resolve('dist');
  const isFile = (path: string) => existsSync(join(root, path)) && statSync(join(root, path)).isFile();
  const server = await listen((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.slice(at.length);
    if (request.method !== 'GET') return void response.writeHead(405).end();
    if (`${pathname}/` === at) return void response.writeHead(status, { location: at }).end();
    if (!pathname.startsWith(at) || path.includes('..')) return void response.writeHead(404).end();
    const to = redirect?.(path) ?? null;
    if (to !== null) return void response.writeHead(status, { location: at + to + search }).end();
    const file = [path || 'index.html', instead(path)].find(isFile);
    if (!file) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...headers?.(file) });
    response.end(body(file, readFileSync(join(root, file))));
  });
  return { ...server, url: server.url + at };
}
