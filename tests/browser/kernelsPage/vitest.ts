/** What the kernel tests take from vitest, of its own parts, in a page. */
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

export const { expect } = chai;
export { afterAll, describe, it, test } from '@vitest/runner';
