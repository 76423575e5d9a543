/**
 * Keeps the whole built folder, so that the page works without a network. Every file is kept under its path and the hash of
 * its bytes: a new version brings only what changed, beside the old one, and takes over when no page of the old one is open,
 * or when the only one that is asks for it.
 */
import { TAKE_OVER } from './take-over.ts';

declare const self: ServiceWorkerGlobalScope;
/** Written by the build. */
declare const BUILT_FILES: Readonly<Record<string, string>>;

/** Path in the folder → SHA-256 in hex. */
const FILES = BUILT_FILES;

/** Other folders of the same origin have caches of their own. */
const CACHE = `moescope:${self.registration.scope}`;

const keyOf = (path: string) => `${new URL(path, self.registration.scope).href}?sha256=${FILES[path]}`;

/** What browsers insist on; a host that says otherwise is put right. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript'],
  ['css', 'text/css'],
  ['json', 'application/json'],
  ['webmanifest', 'application/manifest+json'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['woff2', 'font/woff2'],
]);

/** Headers that speak of the transfer, which is over, or of other requests. */
const OF_THE_TRANSFER = ['content-encoding', 'content-length', 'transfer-encoding', 'content-range', 'vary'];

const isPage = (path: string) => path.endsWith('.html');

/**
 * The path in the folder that a request asks for; null when it is none of ours. Hosts with clean URLs send visitors of
 * `embed.html` on to `embed`, which must work without them, too.
 */
function pathOf({ method, url }: Request): string | null {
  const { origin, pathname } = new URL(url);
  const scope = new URL(self.registration.scope);
  if (method !== 'GET' || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return null;
  const path = pathname.slice(scope.pathname.length) || 'index';
  return [path, `${path}.html`].find((name) => Object.hasOwn(FILES, name)) ?? null;
}

/** Hosts add scripts of their own to a page: it is of this version when all of its files are. */
function isOfThisVersion(page: string): boolean {
  const named = [...page.matchAll(/["'=](?:\.?\/)?(assets\/[^"'?#\s>]+)/g)].map(([, name]) => name);
  return named.length > 0 && named.every((name) => Object.hasOwn(FILES, name));
}

/**
 * An answer that holds whatever the host's was like: a redirected one may not answer for a page, one with `Vary: *` cannot
 * be kept, one that was compressed says so of bytes that no longer are.
 */
function plain(path: string, { headers: sent }: Response, bytes: ArrayBuffer): Response {
  const headers = new Headers(sent);
  for (const name of OF_THE_TRANSFER) headers.delete(name);
  headers.set('content-length', String(bytes.byteLength));
  const type = TYPES.get(path.slice(path.lastIndexOf('.') + 1));
  if (type) headers.set('content-type', type);
  return new Response(bytes, { headers });
}

/** @throws Error when what arrives is not what was built. */
async function bring(path: string): Promise<Response> {
  const response = await fetch(new URL(path, self.registration.scope), { cache: 'reload' });
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== FILES[path] && !(isPage(path) && isOfThisVersion(new TextDecoder().decode(bytes)))) {
    throw new Error(`${path} arrived damaged, or is of another version`);
  }
  return plain(path, response, bytes);
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const path of Object.keys(FILES)) {
    if (!(await cache.match(keyOf(path)))) await cache.put(keyOf(path), await bring(path));
  }
}

async function forgetOthers(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set(Object.keys(FILES).map(keyOf));
  for (const { url } of await cache.keys()) if (!kept.has(url)) await cache.delete(url);
}

/** A page of the old version would miss the files that are forgotten now: only one that is about to reload may be open. */
async function takeOver(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length <= 1) await self.skipWaiting();
}

/** Fetches a file and keeps it; where there is no room for it, or no longer any right to store, it is handed on all the same. */
async function renew(cache: Cache, path: string): Promise<Response> {
  const fresh = await bring(path);
  const key = keyOf(path);
  await cache.delete(key);
  await cache.put(key, fresh.clone()).catch(() => {});
  return fresh;
}

/** A request that asks past every cache finds a kept file damaged; a file that is not kept had no room when it came. */
async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  if (request.cache === 'reload') return renew(cache, path);
  return (await cache.match(keyOf(path))) ?? renew(cache, path).catch(() => fetch(request));
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener('message', (event) => {
  if (event.data === TAKE_OVER) event.waitUntil(takeOver());
});
self.addEventListener('fetch', (event) => {
  const path = pathOf(event.request);
  if (path !== null) event.respondWith(answer(event.request, path));
});
