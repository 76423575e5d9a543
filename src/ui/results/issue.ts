/** The form for a new issue, filled in: whoever opens it reads it, and sends it or not. */
import type { SharedResult } from '../../state/results/shared.ts';
import { deviceOf, fileName, tableOf } from './result-words.ts';

/** @param repository as scripts/repository.ts gives it: GitHub, GitLab, or what is made like one of them. */
export function issueAddress(repository: string, result: SharedResult): string {
  const title = `Result: ${deviceOf(result)}, ${result.subject}`;
  const body = [
    `For \`results/${fileName(result)}\`:`,
    ...['', tableOf([result]), ''],
    'The card as JSON (the page has copied it; paste it between the fences, or attach the file):',
    ...['', '```json', '', '```', ''],
  ].join('\n');
  const lab = new URL(repository).hostname.startsWith('gitlab.');
  const address = new URL(`${repository}${lab ? '/-' : ''}/issues/new`);
  address.searchParams.set(lab ? 'issue[title]' : 'title', title);
  address.searchParams.set(lab ? 'issue[description]' : 'body', body);
  return address.href;
}
