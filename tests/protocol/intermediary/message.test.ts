import { describe, expect, test } from 'vitest';
import {
  bodyCode,
  informationNameCode,
  instant,
  itemCode,
  layoutVersion,
  messageId,
  procedureCode,
  recordId,
  shortText,
  taskCode,
  unifiedAddresseeNo,
} from '../../../src/protocol/intermediary/codes.js';
import { envelopeForm, inquiryForm, MESSAGE_KINDS } from '../../../src/protocol/intermediary/message.js';
import { ENVELOPE, INQUIRY } from './support.js';

describe('codes', () => {
  test.each([
    [unifiedAddresseeNo, '000000000000101', ['00000000000101', '0000000000000101', '00000000000010１']],
    [bodyCode, '0220000000242012', ['022000000024201', '0220000000242O12']],
    [taskCode, 'JM00000000000170', ['JT00000000000170', 'JM0000000000170', 'jm00000000000170']],
    [procedureCode, 'JT00000000000171', ['JM00000000000171', 'JT000000000001711']],
    [informationNameCode, 'TM00000000000172', ['TM0000000000017', '0000000000000172']],
    [itemCode, 'KZ01', ['K1', '0101', 'KZ0100000000000000']],
    [recordId, 'R-2026-000001', ['123456789018', 'r-1', '']],
    [layoutVersion, '2026-07', ['2026-13', '2026-7', '2026']],
    [shortText, 'REFUND', ['', 'line\nline', '\ud800', 'x'.repeat(201)]],
    [messageId, '019e0000-0000-7000-8000-000000000001', ['019e0000-0000-4000-8000-000000000001', '019E']],
    [
      instant,
      '2026-11-02T01:00:00.000Z',
      ['2026-11-02T01:00:00+09:00', '2026-02-30T01:00:00Z', '2026-11-02'],
    ],
  ])('%# have one form', (form, good, bad) => {
    expect(form.safeParse(good).success).toBe(true);
    expect(bad.filter((text) => form.safeParse(text).success)).toEqual([]);
  });
});

describe('an envelope', () => {
  test('is one of seven kinds', () => {
    expect(MESSAGE_KINDS).toEqual([
      'code.acquire',
      'inquiry',
      'inquiry.batch',
      'copy.register',
      'copy.delete',
      'provision.decide',
      'query',
    ]);
  });

  test.each([
    ['a member nobody knows', { ...ENVELOPE, extra: 1 }],
    ['a member of the body nobody knows', { ...ENVELOPE, body: { ...INQUIRY, extra: 1 } }],
    ['the body of another kind', { ...ENVELOPE, kind: 'code.acquire' }],
    ['another protocol', { ...ENVELOPE, protocol: 'spi-intermediary/2' }],
    ['a line number that is no whole number', { ...ENVELOPE, body: { ...INQUIRY, lineNo: 1.5 } }],
    ['no items in the list of items', { ...ENVELOPE, body: { ...INQUIRY, itemCodes: [] } }],
    ['no member for the signature', { ...ENVELOPE, signature: undefined }],
  ])('with %s is not read', (_, value) => {
    expect(envelopeForm.safeParse(value).success).toBe(false);
  });

  test('needs neither items nor a condition', () => {
    const { itemCodes: _, consentId: __, ...rest } = INQUIRY;
    expect(inquiryForm.safeParse(rest).success).toBe(true);
    expect(inquiryForm.safeParse({ ...rest, condition: { fiscalYear: '2026' } }).success).toBe(true);
  });
});
