/** The text that stands, and how the engine's cache is brought to a place in it. */
import type { Engine } from '../engine/types.ts';
import type { Rulebook } from './rulebook.ts';
import type { RunningText } from './text.ts';

export interface Site {
  readonly engine: Engine;
  readonly text: RunningText;
  /** Lent to this job. */
  readonly rules: Rulebook;
}

/**
 * Reads what the cache lacks of the text's first `end` positions, each under the interventions it was written under. `exactly`: by
 * the kernels that wrote it, since the others round otherwise, and a draw that hangs on it would be another.
 */
export async function readTo({ engine, text, rules }: Site, end: number, exactly: boolean): Promise<void> {
  while (engine.length < end) {
    const from = engine.length;
    const revision = text.revisions[from];
    const prompt = from < text.promptTokens;
    const next = text.revisions.findIndex(
      (each, at) => at > from && (each !== revision || (exactly && prompt !== at < text.promptTokens)),
    );
    const ids = text.routed.slice(from, next < 0 ? end : Math.min(next, end));
    engine.setRouting(rules.planAt(engine, revision));
    await engine.read(ids, exactly && !prompt);
  }
}

/**
 * Does a job with the cache as it was before a position, and then puts it back as it is. What layers that see little keep no longer
 * is read again first.
 */
export function atPosition<T>(site: Site, position: number, job: () => Promise<T>): Promise<T> {
  const { engine } = site;
  return engine.aside(engine.holds(position) ? position : 0, async () => {
    engine.truncate(position);
    await readTo(site, position, false);
    return job();
  });
}
