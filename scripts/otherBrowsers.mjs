// Finds the other engines: Firefox, and WebKitGTK with its driver and the virtual screen that it needs. None is required.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? null;

/** Path of a Firefox, or null. */
export function findFirefox() {
  const usual = ['/Applications/Firefox.app/Contents/MacOS/firefox'];
  const found = [process.env.FIREFOX_PATH, onPath('firefox-esr'), onPath('firefox'), ...usual];
  return found.find((path) => path && existsSync(path)) ?? null;
}

/** WebKitGTK's small browser, its WebDriver and a virtual screen, or null where one of them is missing. */
export function findWebKit() {
  const [driver, screen] = [onPath('WebKitWebDriver'), onPath('Xvfb')];
  const libraries = ['/usr/lib', '/usr/libexec'].filter((root) => existsSync(root));
  const folders = libraries.flatMap((root) => [root, ...readdirSync(root).map((name) => join(root, name))]);
  const browser = folders
    .flatMap((folder) => ['4.1', '4.0'].map((version) => join(folder, `webkit2gtk-${version}`, 'MiniBrowser')))
    .find((path) => existsSync(path));
  return driver && screen && browser ? { driver, screen, browser } : null;
}
