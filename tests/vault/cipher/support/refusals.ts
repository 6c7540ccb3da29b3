import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { KuramoriError, type ErrorCode, type ErrorFacts } from '../../../../src/kernel/errors.js';

/** Matches our error with this code and exactly these facts, and without any cause. */
export function refusal(code: ErrorCode, facts: ErrorFacts = {}, message?: string): Error {
  return expect.toSatisfy(
    (error: unknown) =>
      error instanceof KuramoriError &&
      error.code === code &&
      error.cause === undefined &&
      isDeepStrictEqual(error.facts, facts) &&
      (message === undefined || error.message === message),
    `is ${code} with facts ${JSON.stringify(facts)}`,
  ) as Error;
}

/** The one failure of integrity: the same sentence whatever the fault. */
export const INTEGRITY_FAILURE = refusal(
  'INTEGRITY_FAILURE',
  {},
  'Protected data was altered, moved or sealed under another key. Stop the work and tell the audit officer.',
);

export const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** The bytes with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
