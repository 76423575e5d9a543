/** The colours of page.css as a canvas can use them: custom properties resolved for the theme in force. */
export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly paper: string;
  readonly well: string;
  readonly rule: string;
  readonly now: string;
  readonly nowSoft: string;
  readonly onNow: string;
  /** Load from 0 to 1 in 64 steps. */
  readonly load: readonly string[];
  /** The same as pixels of an ImageData, four bytes in one. */
  readonly loadPixels: Uint32Array;
  readonly nowPixel: number;
  readonly hues: readonly string[];
  readonly tints: readonly string[];
  readonly figureFace: string;
  readonly textFace: string;
}

const STEPS = 64;

const NAMES = ['ink', 'ink-2', 'paper', 'well', 'rule', 'now', 'now-soft', 'on-now'];

/** `host` must be connected: the probes take the theme of the place where they stand. */
export function readPalette(host: HTMLElement): Palette {
  const eight = (name: string) => Array.from({ length: 8 }, (_, i) => `${name}-${i}`);
  const ramp = Array.from({ length: STEPS }, (_, step) => {
    const most = (step / (STEPS - 1)) * 100;
    return `color-mix(in oklch, var(--load-1) ${most}%, var(--load-0))`;
  });
  const variables = [...NAMES, ...eight('hue'), ...eight('tint')].map((name) => `var(--${name})`);
  const [ink, ink2, paper, well, rule, now, nowSoft, onNow, ...rest] = resolve(host, [...variables, ...ramp]);
  const [hues, tints, load] = [rest.slice(0, 8), rest.slice(8, 16), rest.slice(16)];
  const style = getComputedStyle(host);
  const faces = { figureFace: style.fontFamily, textFace: style.getPropertyValue('--text-face') };
  const named = { ink, ink2, paper, well, rule, now, nowSoft, onNow };
  return { ...named, hues, tints, load, loadPixels: pixelsOf(load), nowPixel: pixelsOf([now])[0], ...faces };
}

/** All probes stand before the first is asked: asked one by one, each would have the page styled anew. */
function resolve(host: HTMLElement, colors: readonly string[]): string[] {
  const box = document.createElement('span');
  box.style.display = 'none';
  const probes = colors.map((color) => {
    const probe = document.createElement('span');
    probe.style.color = color;
    return probe;
  });
  box.append(...probes);
  (host.shadowRoot ?? host).append(box);
  const resolved = probes.map((probe) => getComputedStyle(probe).color);
  box.remove();
  return resolved;
}

function pixelsOf(colors: readonly string[]): Uint32Array {
  const canvas = document.createElement('canvas');
  canvas.width = colors.length;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (const [at, color] of colors.entries()) {
    context.fillStyle = color;
    context.fillRect(at, 0, 1, 1);
  }
  return new Uint32Array(context.getImageData(0, 0, colors.length, 1).data.buffer);
}

export function loadStep(share: number): number {
  return Math.max(0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1))));
}
