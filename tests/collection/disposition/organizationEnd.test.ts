import { describe, expect, it } from 'vitest';
import {
  organizationEnd,
  type LastingDisposition,
} from '../../../src/collection/disposition/organizationEnd.js';

const TODAY = '2026-11-02';
const LASTING: LastingDisposition = {
  isOfOrganization: true,
  isLocked: false,
  isEnded: false,
  executedOn: '2026-05-20',
};
const ENTRY = { kind: 'released', endedOn: '2026-10-01', evidence: '解除通知書 第12号' } as const;

describe('the end of a disposition of the organization, after it gave the case back', () => {
  it('is entered for any day from the disposition to today, with its evidence', () => {
    for (const endedOn of ['2026-05-20', '2026-10-01', TODAY])
      expect(organizationEnd({ ...ENTRY, endedOn }, LASTING, TODAY)).toEqual({ ...ENTRY, endedOn });
  });

  it.each<[string, Partial<LastingDisposition>]>([
    ['the municipality’s own', { isOfOrganization: false }],
    ['of a case that the organization has', { isLocked: true }],
    ['that has ended', { isEnded: true }],
  ])('is refused for one %s', (_, change) => {
    expect(() => organizationEnd(ENTRY, { ...LASTING, ...change }, TODAY)).toThrow(
      expect.objectContaining({ code: 'CONFLICT', facts: { field: 'dispositionId' } }),
    );
  });

  it.each([
    ['endedOn', { endedOn: '2026-05-19' }],
    ['endedOn', { endedOn: '2026-11-03' }],
    ['evidence', { evidence: ' ' }],
    ['evidence', { evidence: 'あ'.repeat(5_000) }],
  ])('is refused with the field that is wrong: %s', (field, change) => {
    expect(() => organizationEnd({ ...ENTRY, ...change }, LASTING, TODAY)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', facts: expect.objectContaining({ field }) as object }),
    );
  });
});
