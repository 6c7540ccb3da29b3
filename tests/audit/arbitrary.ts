import fc from 'fast-check';
import { AUDIT_KINDS, type AuditEntry, type AuditRecord } from '../../src/audit/record.js';

const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((value) => !/\p{Cc}/u.test(value) && value.isWellFormed());
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/);
const subject = fc.stringMatching(/^[0-9]{1,12}$/);
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((drawn) => (drawn === undefined ? {} : { [key]: drawn }));

/** Any entry that the log takes. */
export const anyEntry: fc.Arbitrary<AuditEntry> = fc
  .tuple(
    fc.record({
      coordinate: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
      decision: fc.constantFrom('allow' as const, 'mask' as const, 'refuse' as const),
      rows: fc.nat(),
      subjects: fc.array(subject, { maxLength: 5 }),
    }),
    optional('reason', text),
    fc.constantFrom({}, { raised: true }),
  )
  .map(([entry, reason, raised]) => ({ ...entry, ...reason, ...raised }));

/** Any record that the log takes. */
export const anyRecord: fc.Arbitrary<AuditRecord> = fc
  .tuple(
    fc.record({
      kind: fc.constantFrom(...AUDIT_KINDS),
      at: fc
        .date({
          min: new Date('2000-01-01T00:00:00Z'),
          max: new Date('2100-01-01T00:00:00Z'),
          noInvalidDate: true,
        })
        .map((date) => date.toISOString()),
      requestId: text,
      actorId: text,
      roles: fc.array(text, { maxLength: 4 }),
      department: text,
      terminal: text,
      sessionId: text,
      strength: text,
      clientApp: text,
      purpose: text,
      entries: fc.array(anyEntry, { minLength: 1, maxLength: 6 }),
    }),
    optional('caseRef', text),
    optional('operationName', text),
    optional('documentHash', text),
  )
  .map(([record, ...rest]) => Object.assign({}, record, ...rest) as AuditRecord);
