import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/audit/batch.js';
import { assertRecord } from '../../src/audit/assert.js';
import type { AuditRecord } from '../../src/audit/record.js';
import {
  AUDIT_BODY_BYTES_MAX,
  AUDIT_ENTRIES_MAX,
  AUDIT_ROLES_MAX,
  AUDIT_SUBJECTS_MAX,
  AUDIT_TEXT_CHARS_MAX,
} from '../../src/kernel/limits.js';
import { anyRecord } from './arbitrary.js';
import { entryOf, recordOf } from './records.js';

const DEFECTIVE: readonly [string, Partial<AuditRecord>, string][] = [
  ['an unknown kind', { kind: 'guess' as never }, 'kind'],
  ['nanoseconds', { at: '2026-11-22T03:41:50.123456789Z' }, 'at'],
  ['local time', { at: '2026-11-22T12:41:50+09:00' }, 'at'],
  ['a day that is not in the calendar', { at: '2026-02-30T00:00:00Z' }, 'at'],
  ['a month that is not in the calendar', { at: '2026-13-01T00:00:00Z' }, 'at'],
  ['NUL in the terminal', { terminal: 'T\u0000' }, 'terminal'],
  ['a line feed in the actor', { actorId: 'S1\nS2' }, 'actorId'],
  ['half a surrogate pair in the client app', { clientApp: 'x\ud800' }, 'clientApp'],
  ['a long purpose', { purpose: 'P'.repeat(AUDIT_TEXT_CHARS_MAX + 1) }, 'purpose'],
  ['a long case', { caseRef: 'C'.repeat(AUDIT_TEXT_CHARS_MAX + 1) }, 'caseRef'],
  ['a control character in the operation name', { operationName: '\u0085' }, 'operationName'],
  ['too many roles', { roles: Array.from({ length: AUDIT_ROLES_MAX + 1 }, () => 'r') }, 'roles'],
  ['a role with a tabulator', { roles: ['a\tb'] }, 'roles'],
  ['no entries', { entries: [] }, 'entries'],
  [
    'too many entries',
    { entries: Array.from({ length: AUDIT_ENTRIES_MAX + 1 }, () => entryOf()) },
    'entries',
  ],
  ['a coordinate with a quote', { entries: [entryOf({ coordinate: 'A."b' })] }, 'coordinate'],
  ['an unknown decision', { entries: [entryOf({ decision: 'maybe' as never })] }, 'decision'],
  ['a reason with NUL', { entries: [entryOf({ reason: '\u0000' })] }, 'reason'],
  ['half a row', { entries: [entryOf({ rows: 0.5 })] }, 'rows'],
  ['fewer than no rows', { entries: [entryOf({ rows: -1 })] }, 'rows'],
  ['an empty subject', { entries: [entryOf({ subjects: [''] })] }, 'subjects'],
  ['a name for a subject', { entries: [entryOf(), entryOf({ subjects: ['山田'] })] }, 'subjects'],
  [
    'too many subjects',
    { entries: [entryOf({ subjects: someSubjects(AUDIT_SUBJECTS_MAX + 1) })] },
    'subjects',
  ],
  [
    'too many subjects in all',
    { entries: Array.from({ length: 6 }, () => entryOf({ subjects: someSubjects(AUDIT_SUBJECTS_MAX) })) },
    'subjects',
  ],
];

function someSubjects(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

describe('a record offered to the log', () => {
  it.each(DEFECTIVE)('is refused with %s', (_, changes, field) => {
    expect(() => assertRecord(recordOf(changes))).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', facts: { field } }),
    );
  });

  it('is never quoted in the refusal', () => {
    expect(() => assertRecord(recordOf({ terminal: 'secret\u0000' }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    );
  });

  it('is taken when it is sound', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        assertRecord(record);
      }),
    );
    assertRecord(recordOf({ at: '2024-02-29T23:59:59.123456Z' }));
    const shared = someSubjects(AUDIT_SUBJECTS_MAX);
    const entries = Array.from({ length: 20 }, (_, i) => entryOf({ subjects: i % 2 === 0 ? shared : [] }));
    assertRecord(recordOf({ entries }));
  });

  it('is given back the coordinates it was checked by, written out', () => {
    const entries = [
      entryOf({ coordinate: 'Levy.amount' }),
      entryOf(),
      entryOf({ coordinate: 'Levy.amount' }),
    ];
    expect(assertRecord(recordOf({ entries }))).toEqual({
      names: 'Levy.amount Addressee.levies Levy.amount',
      shape: 'Addressee.levies\nLevy.amount',
      subjectCount: 3,
    });
  });

  it('is refused when its body would be too large', () => {
    const subjects = (seed: number) =>
      Array.from({ length: AUDIT_SUBJECTS_MAX }, (_, i) => `${seed}${i}`.padStart(32, '0'));
    const entries = [
      ...[1, 2, 3, 4, 5].map((seed) => entryOf({ subjects: subjects(seed) })),
      ...Array.from({ length: 1_000 }, (_, i) =>
        entryOf({ subjects: [], rows: i, reason: '理'.repeat(AUDIT_TEXT_CHARS_MAX) }),
      ),
    ];
    expect(() => prepare(recordOf({ entries }))).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', facts: { bytesMax: AUDIT_BODY_BYTES_MAX } }),
    );
  });
});
