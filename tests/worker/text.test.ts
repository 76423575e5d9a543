import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { RunningText } from '../../src/worker/text.ts';
import { randomModel } from '../model/randomModel.ts';

const { tokenizer } = loadModel(randomModel('qwen3moe'));

describe('RunningText', () => {
  it('gives every token its text once, whether it was prompt or drawn', () => {
    const text = new RunningText(tokenizer, tokenizer.encode('hello world'));
    const prompt = new Uint32Array(text.waiting);
    expect(text.take(prompt).join('')).toBe('hello world');
    const [bang] = tokenizer.encode('!');
    expect(text.draw(bang)).toBe('!');
    expect(text.toRun(prompt.length)).toEqual([bang]);
    // A flight of two steps: the drawn token, and one drawn and run inside the flight.
    expect(text.take(new Uint32Array([bang, prompt[0]]))).toEqual(['!', 'hello']);
    expect(text.routed).toEqual([...prompt, bang, prompt[0]]);
  });

  it('shows control tokens of a prompt by their names', () => {
    const text = new RunningText(tokenizer, tokenizer.prompt('hello<|end|>é', { special: true }));
    expect(text.take(new Uint32Array(text.waiting))).toEqual(['hello', '<|end|>', 'é']);
  });

  it('runs again what an empty cache has forgotten', () => {
    const text = new RunningText(tokenizer, tokenizer.encode('hello'));
    const prompt = new Uint32Array(text.waiting);
    text.take(prompt);
    text.draw(7);
    expect(text.toRun(0)).toEqual([...prompt, 7]);
    expect(text.toRun(prompt.length)).toEqual([7]);
  });

  it('joins a character split over tokens', () => {
    const text = new RunningText(tokenizer, []);
    const [high, low] = [...new TextEncoder().encode('ß')].map((byte) => byteToken(byte));
    expect(text.draw(high)).toBe('');
    text.take(new Uint32Array([high]));
    expect(text.draw(low)).toBe('ß');
  });

  it('ends at the end mark, which adds nothing', () => {
    const text = new RunningText(tokenizer, tokenizer.encode('hello'));
    text.take(new Uint32Array(text.waiting));
    expect(text.ended).toBe(false);
    expect(text.draw([...tokenizer.ends][0])).toBe('');
    expect(text.ended).toBe(true);
  });
});

function byteToken(byte: number): number {
  for (let id = 0; id < tokenizer.size; id++) {
    const bytes = tokenizer.bytes(id);
    if (bytes.length === 1 && bytes[0] === byte) return id;
  }
  throw new Error(`no token for byte ${byte}`);
}
