/** What a view shows of the engine's answers is about what it looks at, also when the answer was kept. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/state/session/follow.ts';
import { signal } from '../../src/state/session/signals.ts';
import { Question } from '../../src/state/views/inspecting.ts';

describe('a question to the engine', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Draws as an element does: reads what is there, and wishes, in one tracked reading. */
  function view(question: Question<string>) {
    const looked = signal('a');
    const asked: string[] = [];
    let drawn = '';
    follow(() => {
      const key = looked.get();
      const answer = question.answer.get();
      drawn = answer.state === 'here' ? `${key} shows ${answer.result}` : `${key} ${answer.state}`;
      question.want(key, async () => {
        asked.push(key);
        return `the answer to ${key}`;
      });
    });
    const settled = async (milliseconds: number) => {
      await vi.advanceTimersByTimeAsync(milliseconds);
      return drawn;
    };
    return { looked, asked, settled };
  }

  it('is never answered with what was said of another token', async () => {
    const { looked, asked, settled } = view(new Question<string>());
    expect(await settled(0)).toBe('a waiting');
    expect(await settled(1000)).toBe('a shows the answer to a');
    looked.set('b');
    expect(await settled(0)).toBe('b waiting');
    expect(await settled(1000)).toBe('b shows the answer to b');
    looked.set('a');
    expect(await settled(0)).toBe('a shows the answer to a');
    expect(asked).toEqual(['a', 'b']);
  });
});
