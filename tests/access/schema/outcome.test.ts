import { describe, expect, it } from 'vitest';
import { outcomeOf, outcomeWith } from '../../../src/access/schema/outcome.js';
import { atLeastOne, rowKey } from '../../../src/access/schema/reading.js';
import { KuramoriError, type ErrorCode } from '../../../src/kernel/errors.js';

const failing = (code: ErrorCode, facts = {}) =>
  outcomeOf(() => Promise.reject(new KuramoriError(code, 'A sentence.', facts)));

describe('the outcome of a change', () => {
  it('is the keys of what was changed, and what was given out', async () => {
    expect(await outcomeOf(() => Promise.resolve({ refund: 1n }))).toEqual({ keys: { refund: 1n } });
    expect(await outcomeWith(() => Promise.resolve({ keys: {}, given: { code: 'x' } }))).toEqual({
      keys: {},
      given: { code: 'x' },
    });
  });

  it.each(['BAD_INPUT', 'NOT_FOUND', 'CONFLICT', 'DUAL_CONTROL_REQUIRED'] as const)(
    'is a user error for %s',
    async (code) => {
      expect(await failing(code, { field: 'amount' })).toEqual({
        userErrors: [{ code, message: 'A sentence.', field: 'amount' }],
      });
      expect(await failing(code)).toEqual({ userErrors: [{ code, message: 'A sentence.' }] });
    },
  );

  it.each(['DATABASE_ERROR', 'INTERNAL', 'RATE_MISSING', 'TIMEOUT'] as const)(
    'is a failure for %s',
    async (code) => {
      await expect(failing(code)).rejects.toMatchObject({ code });
    },
  );

  it('is a failure for whatever is not ours', async () => {
    await expect(outcomeOf(() => Promise.reject(new TypeError('defect')))).rejects.toThrow(TypeError);
  });
});

describe('arguments', () => {
  it('are row numbers or refused without repeating them', () => {
    expect(rowKey('9007199254740993')).toBe('9007199254740993');
    for (const id of ['', '0', '-1', '1e3', '01', ' 1', '1; drop table', '9999999999999999999']) {
      expect(() => rowKey(id), id).toThrow('An id is not one of ours. Use the id that a query answered.');
    }
  });

  it('name at least one condition', () => {
    expect(() => atLeastOne({ kana: 'x', name: undefined })).not.toThrow();
    expect(() => atLeastOne({ name: undefined })).toThrow('Give at least one');
    expect(() => atLeastOne(undefined)).toThrow('Give at least one');
  });
});
