/** How what a page did, or why it did not, comes back to the command that drives it. */
import { UserError } from '../model/errors.ts';

export interface Refusal {
  readonly fault: { readonly code: UserError['code']; readonly message: string; readonly hint: string };
}

/** In the page: what was done, or what the user can mend; anything else is thrown on. */
export async function answering<T extends object>(act: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { fault: { code: error.code, message: error.message, hint: error.hint } };
  }
}

/** In the command. @throws UserError what the page refused with */
export function answered<T extends object>(answer: T | Refusal): T {
  if ('fault' in answer) throw new UserError(answer.fault.code, answer.fault.message, answer.fault.hint);
  return answer;
}
