/** Lets the browser paint what stands in index.html before it has the page to set up. */
import './ui/page/palette.css';
import './ui/page/page.css';
import { keptTheme } from './state/page/kept-theme.ts';
import { painted } from './state/session/turn.ts';

/** A paint that does not come is not waited for. */
const LONGEST_MILLISECONDS = 1000;

/** As the page will be: by the link, else by the visitor's earlier choice. */
function dress(): void {
  const theme = /[#&]theme=(light|dark)\b/.exec(location.hash)?.[1] ?? keptTheme();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}

async function arrive(): Promise<void> {
  dress();
  // A tab behind others paints nothing.
  const longEnough = new Promise((resolve) => setTimeout(resolve, LONGEST_MILLISECONDS));
  if (!document.hidden) await Promise.race([painted(), longEnough]);
  try {
    await import('./main.ts');
  } catch {
    const words = document.querySelector('.arriving p');
    if (words) words.textContent = 'This page did not load completely. Please reload it.';
  }
}

void arrive();
