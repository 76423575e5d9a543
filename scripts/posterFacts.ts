/** What an element shows before its start, out of the models and the recording in public/. */
import { readFileSync } from 'node:fs';
import type { PosterFacts } from '../src/embed/poster.ts';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

interface Recording {
  readonly model: { readonly layers: number; readonly experts: number };
  /** By token and layer. */
  readonly expertIds: readonly (readonly (readonly number[])[])[];
}

export function posterFacts(): PosterFacts {
  const list: { default: string; models: { id: string; bytes: number }[] } = read('public/models/index.json');
  const { model, expertIds }: Recording = read('public/recordings/default.json');
  const wall = Array.from({ length: model.layers }, () => new Array<number>(model.experts).fill(0));
  for (const token of expertIds)
    for (const [layer, chosen] of token.entries()) for (const expert of chosen) wall[layer][expert]++;
  return {
    model: list.default,
    bytes: Object.fromEntries(list.models.map(({ id, bytes }) => [id, bytes])),
    wall,
    last: expertIds.at(-1) ?? [],
  };
}
