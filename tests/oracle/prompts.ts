/** What the oracle tests continue: three openings of each of the eight domains the shipped models were trained on. */
export const PROMPTS: Readonly<Record<string, readonly string[]>> = {
  story: [
    'Once upon a time there was a little fox who lived at the edge of the wood.',
    '"Where are you going, grandmother?" asked the child.',
    'The king had three daughters, and the youngest of them',
  ],
  prose: [
    'It was late in the autumn of that year when Mr. Harding returned to the house;',
    'She did not answer him at once, but turned towards the window and',
    'CHAPTER II.\n\nThe morning after the ball, Lady Anne',
  ],
  verse: [
    'KING HENRY:\nMy lord, what news from France?\n\n',
    'O wild and lonely sea,\nThat never sleeps nor',
    'When in the silent evening I behold\nThe',
  ],
  code: [
    "import { readFileSync } from 'node:fs';\n\nexport function readConfig(path: string) {\n  ",
    'for (let i = 0; i < items.length; i++) {\n',
    '/**\n * Returns true if the value is an array.\n */\nfunction isArray(value) {',
  ],
  math: [
    'Question: Tom has 5 apples and buys 7 more. How many apples does he have?\nAnswer:',
    'Question: A train travels 60 miles in 2 hours. What is its speed?\nAnswer: The speed is',
    'Question: If a book costs $12 and Anna buys 3 books, she pays',
  ],
  french: [
    "Il était une fois, dans un petit village, une jeune fille qui s'appelait",
    '— Monsieur le comte, répondit-elle en rougissant, je ne',
    'Le lendemain matin, à neuf heures, le marquis',
  ],
  german: [
    'Es war einmal ein alter Müller, der hatte drei Söhne und',
    '»Was wollen Sie damit sagen?« fragte der Graf und',
    'Am nächsten Morgen ging er über die Straße, als',
  ],
  spanish: [
    'Había una vez un niño que vivía en una pequeña casa cerca del',
    '—¿Qué quiere usted decir, señor don Juan? —preguntó',
    'A la mañana siguiente, la condesa salió de',
  ],
};

export const ALL_PROMPTS: readonly string[] = Object.values(PROMPTS).flat();
