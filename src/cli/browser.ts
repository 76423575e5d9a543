/** The same job in headless Chromium: for machines where Node's `webgpu` package or a Vulkan driver is missing. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { UserError } from '../model/errors.ts';
import { partNames } from '../model/parts.ts';
import { answered } from './answer.ts';
import type { Host } from './host.ts';
import type { Job, JobResult } from './job.ts';
import { LOGITS_PATH, MODEL_PATH } from './pageProtocol.ts';

const NO_DEVICE = new UserError(
  'no-webgpu',
  'No WebGPU device was found: no Vulkan driver for Node, and no Chromium to run in.',
  'Install a Vulkan driver (Debian: mesa-vulkan-drivers or the GPU’s own) or Chromium (Debian: apt-get install chromium), or use --device cpu.',
);

async function body(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return new Uint8Array(Buffer.concat(pieces));
}

/** A page of its own process: only that has a fine clock, and threads. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers with a file. */
export async function sendFile(path: string): Promise<Handler> {
  const { size } = await stat(path);
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
    createReadStream(path).pipe(response);
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Answers with the files of a folder, as they are. */
export function sendFolder(folder: string): Handler {
  return async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const file = join(folder, path);
    try {
      if (!file.startsWith(folder + sep)) throw new Error('outside');
      const bytes = await readFile(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { ...ISOLATED, 'content-type': type }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  };
}

/** Serves the engine's own source files, and what `routes` answer. */
async function serve({ root, load }: Host, routes: Readonly<Record<string, Handler>>) {
  const { createServer } = await load.vite();
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, headers: ISOLATED },
    optimizeDeps: { noDiscovery: true },
    plugins: [
      {
        name: 'moe-cli',
        // Here and not afterwards, so that Vite's own answer to unknown paths (the page) comes second.
        configureServer: ({ middlewares }) => {
          for (const [path, handler] of Object.entries(routes)) middlewares.use(path, handler);
        },
      },
    ],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (!address || typeof address === 'string') throw new Error('the local server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/**
 * Opens a page of the sources in a headless browser and does something with it.
 * @param file the page, as import.meta.url gives it.
 * @throws UserError no-webgpu where there is no browser.
 */
export async function withPage<T>(
  host: Host,
  file: URL,
  routes: Readonly<Record<string, Handler>>,
  act: (page: Page, browser: Browser) => Promise<T>,
): Promise<T> {
  const playwright = await host.load.playwright().catch(() => null);
  if (!host.browser || !playwright) throw NO_DEVICE;
  const server = await serve(host, routes);
  let browser: Browser | null = null;
  try {
    browser = await playwright.chromium
      .launch({ executablePath: host.browser, args: [...host.browserArgs] })
      .catch(() => {
        throw new UserError(
          'no-webgpu',
          `The browser ${host.browser} does not start.`,
          'Set CHROMIUM_PATH, or use --device cpu.',
        );
      });
    const page = await browser.newPage();
    await page.goto(server.url + fileURLToPath(file).slice(host.root.length));
    return await act(page, browser);
  } finally {
    await browser?.close();
    await server.close();
  }
}

/** Runs the job in a headless browser's WebGPU. Throws UserError('no-webgpu') where there is no browser. */
export async function runInBrowser(
  host: Host,
  modelFile: string,
  job: Job,
  onText: (text: string) => void,
): Promise<JobResult> {
  let logits: Float32Array | null = null;
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    logits = new Float32Array((await body(request)).buffer as ArrayBuffer);
    response.end('{}');
  };
  const files = partNames(modelFile) ?? [modelFile];
  const sent = await Promise.all(files.map(async (file, i) => [`${MODEL_PATH}/${i}`, await sendFile(file)] as const));
  const routes = {
    ...Object.fromEntries(sent),
    [LOGITS_PATH]: (request: IncomingMessage, response: ServerResponse) => void receive(request, response),
  };
  return withPage(host, new URL('./page.html', import.meta.url), routes, async (page) => {
    await page.exposeFunction('moeText', onText);
    await page.waitForFunction('window.moeRun !== undefined');
    const answer = await page.evaluate(([wanted, count]) => window.moeRun!(wanted, count), [
      job,
      files.length,
    ] as const);
    return { ...answered(answer), logits };
  });
}
