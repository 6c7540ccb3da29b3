import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { assertNames, readEntry } from '../../src/vault/entered.js';
import { readBody } from '../../src/vault/operation/body.js';

const NUMBER = '123456789018';
const form = z.strictObject({
  sealNo: z.string(),
  devices: z.array(z.string()).default([]),
  details: z.record(z.string(), z.string()).default({}),
  bytes: z.instanceof(Buffer).optional(),
  lines: z.array(z.strictObject({ caseNo: z.string() })).default([]),
});
const refusal = (field: string): unknown =>
  expect.objectContaining({
    code: 'BAD_INPUT',
    facts: { field },
    message: expect.not.stringContaining(NUMBER) as string,
  });

describe.each([
  ['an entry of an operator', (input: object) => readEntry(form, input as never)],
  ['the body of an operation', (input: object) => readBody(form, input)],
])('%s', (_, read) => {
  test.each([
    ['a seal', { sealNo: NUMBER }, 'sealNo'],
    ['a seal in groups', { sealNo: 'S 1234-5678-9018' }, 'sealNo'],
    ['a device of a list', { sealNo: 'S-1', devices: ['PC-1', `PC-${NUMBER}`] }, 'devices'],
    ['what a member holds', { sealNo: 'S-1', details: { receivedBy: NUMBER } }, 'receivedBy'],
    ['what a member is called by', { sealNo: 'S-1', details: { [NUMBER]: '受付' } }, 'details'],
  ])('is refused when %s may be a number, and names the member alone', (_name, input, field) => {
    expect(() => read(input)).toThrow(refusal(field));
  });

  test('is read otherwise, with the case numbers of the records whatever their digits', () => {
    const input = { sealNo: 'S-0042', bytes: Buffer.from(NUMBER), lines: [{ caseNo: NUMBER }] };
    expect(read(input)).toEqual({ ...input, devices: [], details: {} });
    expect(() => read({ sealNo: 1 })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

test('what is no text holds no name', () => {
  expect(() => assertNames([123456789018, null, true, undefined])).not.toThrow();
});
