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
  readonly hues: readonly string[];
  readonly tints: readonly string[];
  readonly figureFace: string;
  readonly textFace: string;
}

const STEPS = 64;

/** `host` must be connected: the probe takes the theme of the place where it stands. */
export function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  (host.shadowRoot ?? host).append(probe);
  const resolve = (color: string) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const read = (name: string) => resolve(`var(--${name})`);
  const load = Array.from({ length: STEPS }, (_, step) => {
    const most = (step / (STEPS - 1)) * 100;
    return resolve(`color-mix(in oklch, var(--load-1) ${most}%, var(--load-0))`);
  });
  const palette: Palette = {
    ink: read('ink'),
    ink2: read('ink-2'),
    paper: read('paper'),
    well: read('well'),
    rule: read('rule'),
    now: read('now'),
    nowSoft: read('now-soft'),
    onNow: read('on-now'),
    load,
    loadPixels: pixelsOf(load),
    hues: Array.from({ length: 8 }, (_, i) => read(`hue-${i}`)),
    tints: Array.from({ length: 8 }, (_, i) => read(`tint-${i}`)),
    figureFace: getComputedStyle(host).fontFamily,
    textFace: getComputedStyle(host).getPropertyValue('--text-face'),
  };
  probe.remove();
  return palette;
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
