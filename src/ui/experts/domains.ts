/** The kinds of held-out text, as in models/heldout.json, and what the page calls them. */
export const DOMAINS: readonly [string, string][] = [
  ['french', 'French'],
  ['german', 'German'],
  ['spanish', 'Spanish'],
  ['code', 'code'],
  ['math', 'school maths'],
  ['verse', 'verse'],
  ['prose', 'English novels'],
  ['story', 'children’s stories'],
];
