import { expect, test } from 'vitest';
import { feedText } from '../../src/cli/vault.js';

const days = { asOf: '2026-11-04', stopsOn: '2026-11-12' };

test.each([
  [{ state: 'never' }, 'none has arrived yet'],
  [{ state: 'current', ...days }, 'current, as of 2026-11-04; grants stop on 2026-11-12 without another'],
  [{ state: 'late', ...days }, 'late, as of 2026-11-04; grants stop on 2026-11-12 without another'],
  [{ state: 'stopped', ...days }, 'stopped, as of 2026-11-04; no grant is given since 2026-11-12'],
] as const)('the feed %j is told as: %s', (standing, text) => {
  expect(feedText(standing)).toBe(text);
});
