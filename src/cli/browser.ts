/** The same job in headless Chromium: for machines where Node's `webgpu` package or a Vulkan driver is missing. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { UserError } from '../model/errors.ts';
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

/** Serves the engine's own source files, the model, and takes the logits. */
async function serve({ root, load }: Host, modelFile: string, onLogits: (bytes: Uint8Array) => void) {
  const { createServer } = await load.vite();
  const { size } = await stat(modelFile);
  const send = (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
    createReadStream(modelFile).pipe(response);
  };
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    onLogits(await body(request));
    response.end('{}');
  };
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [
      {
        name: 'moe-cli',
        // Here and not afterwards, so that Vite's own answer to unknown paths (the page) comes second.
        configureServer: ({ middlewares }) => {
          middlewares.use(MODEL_PATH, send);
          middlewares.use(LOGITS_PATH, (request, response) => void receive(request, response));
        },
      },
    ],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (!address || typeof address === 'string') throw new Error('the local server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Runs the job in a headless browser's WebGPU. Throws UserError('no-webgpu') where there is no browser. */
export async function runInBrowser(
  host: Host,
  modelFile: string,
  job: Job,
  onText: (text: string) => void,
): Promise<JobResult> {
  const playwright = await host.load.playwright().catch(() => null);
  if (!host.browser || !playwright) throw NO_DEVICE;
  let logits: Float32Array | null = null;
  const server = await serve(host, modelFile, (bytes) => {
    logits = new Float32Array(bytes.buffer);
  });
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
    await page.exposeFunction('moeText', onText);
    const path = fileURLToPath(new URL('./page.html', import.meta.url)).slice(host.root.length);
    await page.goto(server.url + path);
    await page.waitForFunction('window.moeRun !== undefined');
    const answer = await page.evaluate((wanted) => window.moeRun!(wanted), job);
    if ('fault' in answer) throw new UserError(answer.fault.code, answer.fault.message, answer.fault.hint);
    return { ...answer, logits };
  } finally {
    await browser?.close();
    await server.close();
  }
}
