/**
 * embed.html: one element as a whole page, for a frame. It tells whoever frames it its height and nothing else; it listens,
 * and speaks of the text, only to origins that its address allows. docs/embedding.md has the messages.
 */
import '../ui/page/palette.css';
import '../ui/page/page.css';
import { readAddress } from '../state/address/address.ts';
import { Appearance } from '../state/page/theme.ts';
import engineUrl from '../worker/worker.ts?worker&url';
import { allowedOrigins, withoutTyped } from './allowed.ts';
import { define } from './define.ts';
import './frame.css';
import { workerFrom } from './home.ts';

const asked = new URLSearchParams(location.search);
const allowed = allowedOrigins(asked.getAll('allow'), (entry) =>
  console.warn(`moescope: allow=${entry} is no origin, such as https://blog.example.`),
);
const element = document.querySelector('moe-scope')!;
const appearance = new Appearance(false);

/** What the page around is told, event by event; no event is told that is not listed here. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'moe-ready': ['device', 'model'],
  'moe-step': ['tokens', 'generated'],
  'moe-select': ['token', 'experts'],
  'moe-change': ['link'],
  'moe-error': ['code', 'message', 'hint'],
};
/** The last link that came from outside. */
let given = '';

function follow(): void {
  appearance.take(readAddress(location.hash).state.theme);
  set(location.hash);
}

function set(link: string): void {
  given = link;
  element.setAttribute('link', link);
}

/** Obeys only the page around the frame, and only when it is on the list. */
function obey({ source, origin, data }: MessageEvent): void {
  if (source !== parent || !allowed.includes(origin)) return;
  if (data?.type === 'moe:set' && typeof data.link === 'string') set(data.link);
  else if (data?.type === 'moe:play') element.play();
  else if (data?.type === 'moe:pause') element.pause();
}

function tell({ type, detail }: Event & { readonly detail?: Readonly<Record<string, unknown>> }): void {
  const told = Object.fromEntries(TOLD[type].map((key) => [key, detail?.[key]]));
  if (type === 'moe-change') told.link = withoutTyped(String(told.link), given);
  for (const origin of allowed) parent.postMessage({ ...told, type: type.replace('moe-', 'moe:') }, origin);
}

appearance.wear(document.documentElement);
follow();
addEventListener('hashchange', follow);
for (const name of ['variant', 'device', 'recording', 'reveal']) {
  const value = asked.get(name);
  if (value !== null) element.setAttribute(name, value);
}
const folder = new URL('.', document.baseURI).href;
const engine = new URL(engineUrl, import.meta.url);
// Without an origin of its own (a sandboxed frame) the worker's script is read like any other file, and has to be one file.
define({
  folder,
  createWorker: () => workerFrom(engine.origin === self.origin ? engine.href : `${folder}moe-scope-worker.js`),
});

if (parent !== window) {
  addEventListener('message', obey);
  for (const name of Object.keys(TOLD)) element.addEventListener(name, tell);
  new ResizeObserver(() => {
    parent.postMessage({ type: 'moe:height', height: Math.ceil(document.body.getBoundingClientRect().height) }, '*');
  }).observe(document.body);
}
