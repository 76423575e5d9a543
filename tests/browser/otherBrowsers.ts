/** Firefox and WebKit behind one small interface: what a visit in another engine needs, and no more. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { vulkanEnvironment } from '../../scripts/chromium.mjs';
import { findFirefox, findWebKit } from '../../scripts/otherBrowsers.mjs';

export interface OtherBrowser {
  open(url: string): Promise<void>;
  /** Runs in the page, knowing nothing but its arguments. */
  evaluate<Given extends unknown[], Result>(
    script: (...given: Given) => Result,
    ...given: Given
  ): Promise<Awaited<Result>>;
  resize(width: number, height: number): Promise<void>;
  /** What the window shows, as PNG in base64. */
  picture(): Promise<string>;
  close(): Promise<void>;
}

/** Headless, with WebGPU on the software adapter. */
export async function launchFirefox(): Promise<OtherBrowser> {
  // Its own libraries, but the driver of Chromium.
  const { VK_ICD_FILENAMES = process.env.VK_ICD_FILENAMES } = vulkanEnvironment(true);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox()!,
    headless: true,
    timeout: 120_000,
    protocolTimeout: 600_000,
    env: { ...process.env, ...(VK_ICD_FILENAMES && { VK_ICD_FILENAMES }) },
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
  });
  const page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url, { timeout: 120_000 })),
    evaluate: (script, ...given) =>
      page.evaluate(`(${script}).apply(null, ${JSON.stringify(given)})`) as Promise<Awaited<ReturnType<typeof script>>>,
    resize: (width, height) => page.setViewport({ width, height }),
    picture: () => page.screenshot({ encoding: 'base64' }),
    close: () => browser.close(),
  };
}

/** A window as narrow as a phone: the buttons of the small browser's own bar would keep it wider. */
const NARROW =
  '* { min-width: 0; min-height: 0; margin: 0; padding: 0; font-size: 1px; } image { -gtk-icon-transform: scale(0.1); }';

const started = (child: ChildProcess) =>
  new Promise<string>((ready, fail) => {
    child.once('error', fail).once('exit', (code) => fail(new Error(`The virtual screen ended with ${code}.`)));
    child.stdio[3]!.once('data', (number) => ready(`:${String(number).trim()}`));
  });

/** A free port: the driver names none of its own. */
async function freePort(): Promise<number> {
  const server = (await import('node:net')).createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** WebKitGTK's MiniBrowser, by W3C WebDriver. It has no WebGPU. */
export async function launchWebKit(): Promise<OtherBrowser> {
  const found = findWebKit()!;
  const home = mkdtempSync(join(tmpdir(), 'moescope-webkit-'));
  mkdirSync(join(home, 'gtk-3.0'));
  writeFileSync(join(home, 'gtk-3.0/gtk.css'), NARROW);
  const screen = spawn(found.screen, ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();
  const driver = spawn(found.driver, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: await started(screen),
      GDK_BACKEND: 'x11',
      XDG_CONFIG_HOME: home,
      // Its sandbox refuses to start as root.
      ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
    },
  });
  let session = '';
  const stop = () => {
    driver.kill();
    screen.kill();
    rmSync(home, { recursive: true, force: true });
  };
  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${port}${session}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  }
  try {
    for (let tries = 0; ; tries++) {
      const up = await ask('GET', '/status').catch((error) => (tries < 300 ? null : Promise.reject(error)));
      if (up) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { sessionId } = await ask<{ sessionId: string }>('POST', '/session', {
      capabilities: {
        alwaysMatch: { 'webkitgtk:browserOptions': { binary: found.browser, args: ['--automation'] } },
      },
    });
    session = `/session/${sessionId}`;
    await ask('POST', '/timeouts', { script: 300_000, pageLoad: 300_000 });
  } catch (error) {
    stop();
    throw error;
  }
  const evaluate: OtherBrowser['evaluate'] = (script, ...given) =>
    ask('POST', '/execute/sync', { script: `return (${script}).apply(null, arguments)`, args: given });
  return {
    evaluate,
    open: (url) => ask('POST', '/url', { url }),
    async resize(width, height) {
      await ask('POST', '/window/rect', { x: 0, y: 0, width, height });
      // The bar above the page has a height of its own.
      const bar = height - (await evaluate(() => innerHeight));
      if (bar > 0) await ask('POST', '/window/rect', { x: 0, y: 0, width, height: height + bar });
    },
    picture: () => ask('GET', '/screenshot'),
    async close() {
      await ask('DELETE', '').catch(() => {});
      stop();
    },
  };
}
