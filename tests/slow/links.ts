/** Fragments that were damaged or made up: each is read, and what was read is written as a link that reads the same. */
import { DEFAULT_STATE, readAddress, writeAddress } from '../../src/state/address/address.ts';
import { complaint, fitToShape } from '../../src/state/address/fit.ts';
import type { Chance, Suite } from './random.ts';

const KEYS = (
  'model prompt temperature top-k top-p seed tokens pace off force bias k route frozen other view layer wall window share ' +
  'order token experts signs open theme hide step batch repeat scenes scene kiosk write constructor __proto__ toString'
).split(' ');
const VALUES = [
  ...[
    '',
    '0',
    '1',
    '-1',
    '1.5',
    '1e400',
    'NaN',
    '0x10',
    '4294967296',
    '99999999999999999999999',
    'full',
    'router',
    'all',
  ],
  ...[
    'load',
    '2:5',
    '0:0:-3.5',
    '1:2,3:4',
    ':',
    '::::',
    ',',
    'random:7',
    '2:uniform:0',
    'every',
    'constructor',
    '__proto__',
  ],
  ...['../../x', '/etc', '%', '%zz', '%E0%A4%A', '<script>', '\u0000', '\ud800', '&&', '=', '#', '🙂', ' '.repeat(50)],
  ...['a,'.repeat(2000), '1:1,'.repeat(3000), 'x'.repeat(30_000), '9'.repeat(400)],
];

function fragment(chance: Chance): string {
  const pairs = Array.from({ length: 1 + chance.whole(8) }, () => {
    const value =
      chance.next() < 0.8
        ? chance.of(VALUES)
        : String.fromCharCode(...Array.from({ length: 6 }, () => chance.whole(0xffff)));
    return `${chance.of(KEYS)}=${chance.next() < 0.5 ? encodeURIComponent(value.replace(/[\ud800-\udfff]/g, '?')) : value}`;
  });
  const text = `${chance.of(['#', '', '##', '#&'])}${pairs.join(chance.of(['&', '&&', ';']))}`;
  return chance.next() < 0.2 ? text.slice(chance.whole(text.length)) : text;
}

export const links = (count: number): Suite => ({
  name: 'links',
  count,
  run: (chance) => {
    const { state, complaints } = readAddress(fragment(chance));
    const again = readAddress(writeAddress(state));
    if (again.complaints.length) return `its own link is complained of: ${again.complaints[0]}`;
    if (JSON.stringify(again.state) !== JSON.stringify(state)) return `reads otherwise again: ${writeAddress(state)}`;
    const fitted = fitToShape(state, { layers: 6, experts: 16, expertsPerToken: 2 });
    const words = complaint([...complaints, ...fitted.complaints]);
    if (words !== null && !/^Not all of this link .*\.$/s.test(words)) return `no sentence: ${words}`;
    const strange = Object.keys(state).find((key) => !Object.hasOwn(DEFAULT_STATE, key));
    return strange === undefined ? null : `has ${strange}`;
  },
});
