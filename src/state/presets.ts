/** One beginning for each domain the shipped model was trained on; `kind` is its name. */
export interface Preset {
  readonly domain: string;
  readonly kind: string;
  readonly prompt: string;
}

export const PRESETS: readonly Preset[] = [
  {
    domain: 'story',
    kind: 'a story',
    prompt: 'Once upon a time there was a little fox who lived at the edge of the forest. One morning',
  },
  {
    domain: 'prose',
    kind: 'a novel',
    prompt: 'CHAPTER I.\nIt was late in the autumn of that year when Mr. Harding came down to the village, and',
  },
  {
    domain: 'verse',
    kind: 'verse',
    prompt: 'The moon upon the silent water lay,\nAnd all the stars were bright above the sea;\n',
  },
  {
    domain: 'code',
    kind: 'code',
    prompt: "import { useState, useEffect } from 'react';\n\nexport function useCounter(initial: number) {\n  const",
  },
  {
    domain: 'math',
    kind: 'a sum',
    prompt:
      'Question: Anna has 12 apples. She gives 5 apples to Tom and then buys 3 more. How many apples does Anna have?\nAnswer:',
  },
  {
    domain: 'french',
    kind: 'French',
    prompt: 'La jeune fille ouvrit la fenêtre et regarda longtemps la mer. Elle pensait que',
  },
  {
    domain: 'german',
    kind: 'German',
    prompt: 'Der alte Mann stand am Fenster und sah auf die Straße hinaus. Endlich',
  },
  {
    domain: 'spanish',
    kind: 'Spanish',
    prompt: 'El anciano abrió la puerta de la casa y miró hacia el camino. Entonces',
  },
];
