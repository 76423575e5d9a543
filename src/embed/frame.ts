/**
 * embed.html: one element as a whole page, for a frame. It tells whoever frames it its height and nothing else; it listens,
 * and speaks of the text, only to origins that its address allows. docs/embedding.md has the messages.
 */
import '../ui/palette.css';
import '../ui/page.css';
import { readAddress } from '../state/address/address.ts';
import { Appearance } from '../state/theme.ts';
import engineUrl from '../worker/worker.ts?worker&url';
import { define } from './define.ts';
import './frame.css';
import { workerFrom } from './home.ts';

const asked = new URLSearchParams(location.search);
const allowed = asked.getAll('allow');
const element = document.querySelector('moe-scope')!;
const appearance = new Appearance(false);

function follow(): void {
  appearance.chosen.set(readAddress(location.hash).state.theme);
  element.setAttribute('link', location.hash);
}

/** Obeys only the page around the frame, and only when it is on the list. */
function obey({ source, origin, data }: MessageEvent): void {
  if (source !== parent || !allowed.includes(origin)) return;
  if (data?.type === 'moe:set' && typeof data.link === 'string') element.setAttribute('link', data.link);
  else if (data?.type === 'moe:play') element.play();
  else if (data?.type === 'moe:pause') element.pause();
}

function tell(event: Event): void {
  for (const origin of allowed) {
    parent.postMessage({ type: event.type.replace('moe-', 'moe:'), ...(event as CustomEvent).detail }, origin);
  }
}

appearance.wear(document.documentElement);
follow();
addEventListener('hashchange', follow);
for (const name of ['variant', 'device', 'reveal']) {
  const value = asked.get(name);
  if (value !== null) element.setAttribute(name, value);
}
// Without an origin of its own (a sandboxed frame) the worker's script is read like any other file.
define({
  folder: new URL('.', document.baseURI).href,
  createWorker: () => workerFrom(new URL(engineUrl, import.meta.url).href),
});

if (parent !== window) {
  addEventListener('message', obey);
  for (const name of ['moe-ready', 'moe-step', 'moe-select', 'moe-change', 'moe-error'])
    element.addEventListener(name, tell);
  new ResizeObserver(() => {
    parent.postMessage({ type: 'moe:height', height: Math.ceil(document.body.getBoundingClientRect().height) }, '*');
  }).observe(document.body);
}
