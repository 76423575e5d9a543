/** What the page around a frame is told: nothing that the visitor wrote, whatever its address asks for. */
import { describe, expect, it } from 'vitest';
import { allowedOrigins, withoutTyped } from '../../src/embed/allowed.ts';
import { DEFAULT_STATE, readAddress, writeAddress } from '../../src/state/address/address.ts';

const PAGE = 'https://example.org/moescope/';

it('one bad entry of allow= costs the good ones nothing', () => {
  const wrong: string[] = [];
  const entries = ['nonsense', 'https://a.example', '*', 'https://b.example:8443/path?x#y', 'data:text/html,x', ''];
  expect(allowedOrigins(entries, (entry) => wrong.push(entry))).toEqual([
    'https://a.example',
    'https://b.example:8443',
  ]);
  expect(wrong).toEqual(['nonsense', '*', 'data:text/html,x', '']);
});

describe('a link that is told', () => {
  const link = (changes: object) => `${PAGE}#${writeAddress({ ...DEFAULT_STATE, ...changes })}`;

  it('has no prompt that the visitor typed, and keeps all settings', () => {
    const typed = link({ prompt: 'My secret & more', other: 'A second one', view: 'router', length: 7 });
    const told = withoutTyped(typed, '#prompt=Of+the+host&tokens=9');
    expect(told).not.toMatch(/secret|second/);
    const { state, complaints } = readAddress(new URL(told).hash);
    expect(complaints).toEqual([]);
    expect(state).toEqual({ ...DEFAULT_STATE, view: 'router', length: 7 });
  });

  it('keeps the prompts that came from outside', () => {
    const own = link({ prompt: 'Of the host: 50 % & more', other: 'Its other', length: 7 });
    const given = '#tokens=9&prompt=Of%20the%20host:%2050%20%25%20%26%20more&other=Its+other';
    expect(withoutTyped(own, given)).toBe(own);
    expect(withoutTyped(own, `${PAGE}embed.html${given}`)).toBe(own);
  });

  it('may be empty', () => {
    expect(withoutTyped(PAGE, '')).toBe(PAGE);
    expect(withoutTyped(link({ prompt: 'x' }), '')).toBe(PAGE);
  });
});
