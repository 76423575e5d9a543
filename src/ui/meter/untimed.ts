/** Why no times stand where times would: said in words wherever they are missed. */
import type { EngineInfo } from '../../engine/types.ts';
import { say } from '../kit/more-words.ts';

/** @param info of the engine that is open; none while a recording plays */
export function untimed(info: EngineInfo | undefined): string {
  if (!info) return say('times-later');
  if (info.kind === 'cpu') return say('times-on-gpu');
  if (info.fallback) return say('software-adapter');
  return say('times-at-rest');
}
