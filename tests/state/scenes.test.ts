/** Lists of scenes: the shipped ones are right, and whatever anybody writes gets one sentence, never a crash. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { TOUR } from '../../src/state/page/tour.ts';
import { isSceneList, parseScenes } from '../../src/state/stage/scenes.ts';
import { clock, planned } from '../../src/state/stage/time.ts';

const scene = { title: 'One' };
const list = (scenes: unknown, more: object = {}) =>
  JSON.stringify({ 'moescope-scenes': 1, title: 'T', scenes, ...more });
const complaint = (text: string): string => {
  try {
    parseScenes(text);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError);
    return (thrown as UserError).message;
  }
  return '';
};

describe('a list of scenes', () => {
  it.each([
    ['3-minutes', 180],
    ['12-minutes', 720],
  ])('%s lasts what its name says, with notes for each scene', (name, seconds) => {
    const text = readFileSync(`public/scenes/${name}.json`, 'utf8');
    expect(isSceneList(text)).toBe(true);
    const shipped = parseScenes(text);
    expect(planned(shipped)).toBe(seconds);
    for (const { title, notes, picture, state } of shipped.scenes) {
      // So long that it can be read aloud, and no longer than the scene takes.
      expect(notes.length, title).toBeGreaterThan(150);
      // The painters have the page to themselves.
      expect(picture === null, title).toBe(state.train !== null);
    }
  });

  it('takes the page from a link, and the light from a step of the tour unless it names its own', () => {
    const text = list([
      { title: 'A', link: 'https://example.org/#view=router&off=2:5', seconds: 20 },
      { title: 'B', tour: 5 },
      { title: 'C', tour: 5, spotlight: 'wall' },
    ]);
    const [a, b, c] = parseScenes(text).scenes;
    expect(a.state.view).toBe('router');
    expect(a.state.interventions).toEqual([{ kind: 'off', layer: 2, expert: 5 }]);
    expect(a.spotlight).toBeNull();
    expect(b.spotlight).toBe(TOUR[4].target);
    expect(c.spotlight).toBe('expert-wall');
    expect(planned(parseScenes(text))).toBeNull();
    expect(planned(parseScenes(text), 1)).toBe(20);
    expect(clock(754.9)).toBe('12:34');
  });

  it.each([
    ['no JSON', '{"moescope-scenes": 1,', 'This list of scenes is not JSON.'],
    ['no mark', '{"scenes": []}', 'A list of scenes must begin with "moescope-scenes": 1.'],
    ['no scenes', list([]), 'The list must have scenes, 1 to 99 of them.'],
    ['no title', list([scene, { text: 'x' }]), 'Scene 2 needs a title.'],
    [
      'a typo',
      list([{ ...scene, notez: '' }]),
      'Scene 1 has “notez”, which is none of title, text, link, tour, spotlight, picture, seconds, notes.',
    ],
    [
      'a light on nothing',
      list([{ ...scene, spotlight: 'constructor' }]),
      'Scene 1: spotlight must be one of text, wall, panel, cost, interventions, not “constructor”.',
    ],
    [
      'a picture of nothing',
      list([{ ...scene, picture: 'moon' }]),
      'Scene 1: picture must be one of machine, lit, router, next, kinds, proof, touched, bill, not “moon”.',
    ],
    ['a tour too long', list([{ ...scene, tour: 11 }]), 'Scene 1: tour must be a whole number from 1 to 10, not “11”.'],
    [
      'a bad link',
      list([{ ...scene, link: 'view=nowhere' }]),
      'Scene 1: its link cannot be taken as it stands: view “nowhere” (not understood).',
    ],
    [
      'a talk in a talk',
      list([{ ...scene, link: 'scenes=other' }]),
      'Scene 1: its link must not lead to another talk, a booth or the tour; “tour” names a step.',
    ],
    ['a number for a text', list([{ ...scene, notes: 3 }]), 'Scene 1: notes must be a text.'],
  ])('says what is wrong: %s', (_, text, sentence) => {
    expect(complaint(text)).toBe(sentence);
  });

  it('answers anything with a list or with one sentence', () => {
    const keys = fc.constantFrom(
      'title',
      'text',
      'link',
      'tour',
      'spotlight',
      'picture',
      'seconds',
      'notes',
      '__proto__',
    );
    const strange = fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.constantFrom('x', 'wall', 3)), { maxKeys: 5 });
    const any = fc.oneof(fc.array(strange, { maxLength: 4 }), fc.jsonValue()).map((scenes) => list(scenes));
    fc.assert(
      fc.property(fc.oneof(any, fc.json(), fc.string()), (text) => {
        const said = complaint(text);
        expect(said === '' || /^[A-Z][^\n]*\.$/.test(said), said).toBe(true);
        expect(said.length).toBeLessThan(400);
      }),
    );
  });
});
