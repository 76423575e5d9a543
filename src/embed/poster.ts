/** What stands in the element before the start, where the author wants to be asked: a picture of the wall, and the button. */
import { say } from '../ui/kit/more-words.ts';

/** Made at build, from the files that are built: nothing is fetched to show it. */
export interface PosterFacts {
  readonly model: string;
  /** Of each model. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Of the recording, how many tokens went to each expert of each layer. */
  readonly wall: readonly (readonly number[])[];
  /** The experts of its last token, layer by layer. */
  readonly last: readonly (readonly number[])[];
}

declare const POSTER_FACTS: PosterFacts;

const SVG = 'http://www.w3.org/2000/svg';
/** A cell and the gap after it. */
const [WIDE, HIGH, GAP] = [36, 24, 2];

function picture({ wall, last }: PosterFacts): SVGElement {
  const most = Math.max(...wall.flat());
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${wall[0].length * WIDE - GAP} ${wall.length * HIGH - GAP}`);
  svg.setAttribute('role', 'img');
  svg.ariaLabel = `A recorded text on the wall: ${wall.length} layers of ${wall[0].length} experts, darker the more tokens an expert had; those of the last token are lit.`;
  for (const [layer, counts] of wall.entries()) {
    for (const [expert, count] of counts.entries()) {
      const cell = document.createElementNS(SVG, 'rect');
      const box = { x: expert * WIDE, y: layer * HIGH, width: WIDE - GAP, height: HIGH - GAP };
      for (const [name, value] of Object.entries(box)) cell.setAttribute(name, String(value));
      cell.style.fill = last[layer].includes(expert)
        ? 'var(--now)'
        : `color-mix(in oklch, var(--load-1) ${(100 * count) / most}%, var(--load-0))`;
      svg.append(cell);
    }
  }
  return svg;
}

/**
 * @param model the id that is asked for; null for the usual one
 * @param start what the button does
 */
export function poster(model: string | null, recorded: boolean, start: () => void): HTMLElement[] {
  const slot = document.createElement('slot');
  slot.name = 'poster';
  slot.append(picture(POSTER_FACTS), document.createElement('slot'));
  const button = document.createElement('button');
  button.part.add('start');
  const bytes = POSTER_FACTS.bytes[model ?? POSTER_FACTS.model];
  button.textContent = recorded
    ? say('start-recording')
    : `${say('start-model')}${bytes ? ` (${Math.max(1, Math.round(bytes / 1e6))}\u00a0MB)` : ''}`;
  button.onclick = start;
  return [slot, button];
}
