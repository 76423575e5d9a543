// Finds a Chromium: CHROMIUM_PATH, the usual paths, Playwright's own; and the software Vulkan driver that ships in it.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function playwrightBuilds() {
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache/ms-playwright');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => /^chromium-\d+$/.test(name))
    .flatMap((name) => ['chrome-linux/chrome', 'chrome-linux64/chrome'].map((path) => join(root, name, path)));
}

/** Path of a Chromium or Chrome on this machine, or null. */
export function findChromium() {
  const candidates = [process.env.CHROMIUM_PATH, ...USUAL, ...playwrightBuilds()];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

/** Arguments for headless Chromium with WebGPU on whatever GPU there is. */
const WEBGPU_ARGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
];

/** What Playwright switches off itself: of several such arguments Chromium heeds the last one alone. */
const OFF_BY_PLAYWRIGHT = `AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades
  HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning
  AvoidCorsURLLoaderRestartOnRedirect OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch`;

/**
 * Without what Chromium starts beside each page that nobody sees here: a process that draws the suggestions of its own address
 * bar, and one that waits for the next page. They take as much of the processor as a page without its model does.
 */
export const NOTHING_BESIDE_PAGES = `--disable-features=${[
  ...OFF_BY_PLAYWRIGHT.split(/\s+/),
  ...['WebUIOmniboxPopup', 'WebUIOmniboxFullPopup', 'WebUIOmniboxAimPopup', 'SpareRendererForSitePerProcess'],
].join()}`;

/** Arguments that give headless Chromium a WebGPU device on the software adapter. */
export const SOFTWARE_WEBGPU_ARGS = [...WEBGPU_ARGS, '--use-webgpu-adapter=swiftshader'];

/**
 * For measuring: the machine's GPU where it has one, else (or with MOESCOPE_SOFTWARE=1) the software adapter; the driver's
 * text, and clocks that are not coarsened. CHROMIUM_ARGS are added.
 */
export function webgpuArgs(software = process.env.MOESCOPE_SOFTWARE === '1') {
  const none = process.platform === 'linux' && !hasHardwareDriver();
  const more = process.env.CHROMIUM_ARGS?.split(' ').filter(Boolean) ?? [];
  const args = software || none ? SOFTWARE_WEBGPU_ARGS : WEBGPU_ARGS;
  return [...args, '--enable-webgpu-developer-features', ...more];
}

/**
 * Environment for Node's `webgpu` package: with no Vulkan driver of a real GPU (or MOESCOPE_SOFTWARE=1) it points to the
 * SwiftShader inside Chromium. Must be set before the process starts, because the loader reads it once.
 */
export function vulkanEnvironment(software = process.env.MOESCOPE_SOFTWARE === '1') {
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return {};
  if (!software && hasHardwareDriver()) return {};
  const browser = findChromium();
  const places = ['/usr/lib/chromium', ...(browser ? [dirname(realpathSync(browser))] : [])];
  const home = places.find((dir) => existsSync(join(dir, 'vk_swiftshader_icd.json')));
  if (!home) return {};
  return {
    VK_ICD_FILENAMES: join(home, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: [home, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp',
  };
}

/** Mesa installs drivers for every GPU there is, present or not; lavapipe ("lvp") is Mesa's CPU, which Dawn refuses. */
function hasHardwareDriver() {
  const drivers = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap((dir) =>
    existsSync(dir) ? readdirSync(dir) : [],
  );
  return ['/dev/dri', '/dev/nvidiactl'].some(existsSync) && drivers.some((name) => !name.startsWith('lvp'));
}
