import { expect, test } from 'vitest';
import { clerksFor } from '../../../bench/support/vaultClerks.js';
import { REVEALS_PERSON_HOUR } from '../../../src/kernel/limits.js';

test.each([
  [1, 1],
  [REVEALS_PERSON_HOUR, 1],
  [REVEALS_PERSON_HOUR + 1, 2],
  [REVEALS_PERSON_HOUR * 200, 200],
])('for %i reveals there are %i clerks, so that no budget is exceeded', (reveals, clerks) => {
  expect(clerksFor(reveals)).toBe(clerks);
});
