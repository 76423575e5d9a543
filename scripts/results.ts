/** The results of others: from the cards in results/ to the file that the page fetches and the table in docs/benchmark.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCard } from '../src/state/results/reader.ts';
import { inOrder, type SharedResult } from '../src/state/results/shared.ts';
import { fileName, tableOf } from '../src/ui/results/result-words.ts';

export { tableOf };

const [BEGIN, END] = ['<!-- results -->', '<!-- end of results -->'];

/** All cards of a folder, checked. @throws Error with the file and what is wrong in it */
export function readResults(folder: string): SharedResult[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const results = names.map((name) => {
    try {
      const result = readCard(readFileSync(join(folder, name), 'utf8'));
      if (!name.startsWith(fileName(result).replace(/\.json$/, '')))
        throw new Error(`It is to be called ${fileName(result)}.`);
      return result;
    } catch (thrown) {
      throw new Error(`${join(folder, name)}: ${(thrown as Error).message}`);
    }
  });
  return inOrder(results);
}

/** public/results.json. */
export const pageFile = (results: readonly SharedResult[]): string => `${JSON.stringify(results, null, 1)}\n`;

/** The document with the table between its two marks. @throws Error when they are not there */
export function withTable(document: string, results: readonly SharedResult[]): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The document has no ${BEGIN} before an ${END}.`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${tableOf(results)}\n\n${document.slice(to)}`;
}
