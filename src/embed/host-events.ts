/** What an element tells its host page: each change of the session as one event. */

import { follow } from '../state/session/follow.ts';
import type { Session } from '../state/session/session.ts';
import { untracked } from '../state/session/signals.ts';
import { written } from '../state/text/begun.ts';
import type { MoeScopeEventMap } from './contract.ts';
import { tokensOf } from './tokens.ts';

export type Tell = (name: keyof MoeScopeEventMap, detail: unknown) => void;
export type ElementState = 'loading' | 'live' | 'recorded' | 'cpu' | 'error';

/** Calls `tell` from now on, outside of whatever is being drawn, until what is returned is called. */
export function hostEvents(session: Session, tell: Tell, show: (states: readonly ElementState[]) => void): () => void {
  let epoch = -1;
  /** Tokens of this text that were told. */
  let told = 0;
  const stops = [
    follow(() => {
      const engine = session.engine.get();
      if (engine.phase === 'loading') {
        const { stage, done, total } = engine.progress.get() ?? { stage: 'download', done: 0, total: engine.bytes };
        tell('moe-progress', { stage, done, total });
      } else if (engine.phase === 'ready') {
        const { info, model } = engine.opened;
        tell('moe-ready', { device: info, model });
      }
    }),
    follow(() => {
      const notice = session.notice.get();
      if (notice?.tone !== 'fault') return;
      const { code, message, hint } = notice;
      tell('moe-error', { code, message, hint });
    }),
    follow(() => {
      session.trace.version.get();
      const { trace } = session;
      const now = trace.epoch.get();
      if (now !== epoch) told = 0;
      epoch = now;
      for (const token of tokensOf(trace, told)) tell('moe-token', token);
      told = trace.count;
      if (told) tell('moe-step', { tokens: told, generated: written(session) });
    }),
    follow(() => {
      const phase = session.phase.get();
      const { trace } = session;
      if (phase === 'ended' && trace.count) {
        tell('moe-end', { tokens: trace.count, generated: written(session), text: trace.text() });
      }
    }),
    follow(() => {
      const token = session.pinned.get();
      const experts = session.pinnedExperts.get().map(({ layer, expert }) => ({ layer, expert }));
      if (token !== null || experts.length) tell('moe-select', { token, experts });
    }),
    follow(() => {
      const source = session.source.get();
      if (source.kind === 'live' && !source.stopped) tell('moe-device-change', { device: source.info });
    }),
    follow(() => {
      const engine = session.engine.get();
      const source = session.source.get();
      const states: ElementState[] = [];
      if (engine.phase === 'loading') states.push('loading');
      if (engine.phase === 'failed') states.push('error');
      if (source.kind === 'live' && !source.stopped) states.push(source.info.kind === 'cpu' ? 'cpu' : 'live');
      else if (source.kind === 'recorded') states.push('recorded');
      untracked(() => show(states));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
