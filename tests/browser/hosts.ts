/** Other people's servers: one that has the built folder at a sub-path for everybody, one with the pages of a blog. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';

export const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens at a free port. */
export function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  return new Promise((ready) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      ready({ url: `http://127.0.0.1:${port}`, close });
    });
  });
}

export interface Folder extends Server {
  /** Paths that were asked for. */
  readonly requests: string[];
  /** Added to the end of a file, by its path in the folder: another version of it. */
  readonly appended: Map<string, string>;
}

/**
 * The built folder under a path of its own, as a static host would serve it, readable from every origin.
 * @param policy Content-Security-Policy of its pages.
 */
export function serveFolder(policy?: string): Promise<Folder> {
  const path = '/lab/moe/';
  const requests: string[] = [];
  const appended = new Map<string, string>();
  const root = resolve('dist');
  const served = listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    const file = join(root, pathname.slice(path.length) || 'index.html');
    if (!pathname.startsWith(path) || !file.startsWith(root) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      ...(policy && extname(file) === '.html' && { 'content-security-policy': policy }),
    });
    response.end(Buffer.concat([readFileSync(file), Buffer.from(appended.get(pathname.slice(path.length)) ?? '')]));
  });
  return served.then((server) => ({ ...server, url: server.url + path, requests, appended }));
}

export interface Page {
  readonly body: string;
  readonly type?: string;
  /** Content-Security-Policy of the page. */
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Pages by path; on `localhost`, which is another origin and another site than the folder's 127.0.0.1. */
export async function servePages(pages: Readonly<Record<string, Page>>): Promise<Server> {
  const server = await listen((request, response) => {
    const page = pages[request.url ?? ''];
    if (!page) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': page.type ?? 'text/html; charset=utf-8',
      ...(page.policy && { 'content-security-policy': page.policy }),
      ...page.headers,
    });
    response.end(page.body);
  });
  return { ...server, url: server.url.replace('127.0.0.1', 'localhost') };
}
