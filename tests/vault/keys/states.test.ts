import { describe, expect, it } from 'vitest';
import { KEY_STATES } from '../../../schema/vault/key.js';
import { assertTransition, mayFollow, opens } from '../../../src/vault/keys/states.js';

const ALLOWED = [
  'preActive active',
  'preActive compromised',
  'preActive destroyed',
  'active deactivated',
  'active compromised',
  'deactivated compromised',
  'deactivated destroyed',
  'compromised destroyed',
];

describe('the states of a key', () => {
  it.each(KEY_STATES.flatMap((from) => KEY_STATES.map((to) => [from, to] as const)))(
    'go from %s to %s only as NIST SP 800-57 has it',
    (from, to) => {
      const allowed = ALLOWED.includes(`${from} ${to}`);
      expect(mayFollow(from, to)).toBe(allowed);
      if (allowed) expect(() => assertTransition(from, to)).not.toThrow();
      else expect(() => assertTransition(from, to)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    },
  );

  it('let a key open while it is active or was', () => {
    expect(KEY_STATES.filter(opens)).toEqual(['active', 'deactivated', 'compromised']);
  });
});
