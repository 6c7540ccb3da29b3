import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InquiryResult } from '../../../src/protocol/intermediary/answer.js';
import { reconcileFault } from '../../../src/protocol/intermediary/reconcile.js';
import {
  LINE_STATUS,
  NAME_STATUS,
  outcomeOf,
  type Outcome,
} from '../../../src/protocol/intermediary/status.js';
import { INQUIRY } from './support.js';

const name = (status: string, items: Record<string, string> = {}) => ({ status, items });
const given = name(NAME_STATUS.provided, { KZ01: '0001' });

describe('two levels of statuses come to one outcome (handbook 12 §1.11)', () => {
  test.each<[string, string, ReturnType<typeof name>[], Outcome]>([
    ['a line that ended, and data', '09', [given], 'OK'],
    ['a line that ended, and a name without an item', '09', [name('01')], 'NO_DATA'],
    ['a line that ended, and no name at all', '09', [], 'SYSTEM_ERROR'],
    ['no data', '09', [name('02')], 'NO_DATA'],
    ['a name that was not permitted', '09', [name('03')], 'NOT_PERMITTED'],
    ['a person of the provider decides', '09', [name('04')], 'MANUAL_PENDING'],
    ['the provider refused', '09', [name('05')], 'PROVIDER_REFUSED'],
    ['one of two names refused', '09', [given, name('05')], 'PROVIDER_REFUSED'],
    ['one of two names without data', '09', [given, name('02')], 'NO_DATA'],
    ['data beside a status that denies them', '09', [name('02', { KZ01: '0001' })], 'SYSTEM_ERROR'],
    ['a name with a code nobody knows', '09', [given, name('77')], 'SYSTEM_ERROR'],
    ['no code of the person', '21', [], 'CODE_NOT_ACQUIRED'],
    ['a code that has ended', '22', [], 'CODE_NOT_ACQUIRED'],
    ['a record number used before', '31', [], 'DUPLICATE_RECORD'],
    ['a defect of form', '41', [], 'FORMAT_ERROR'],
    ['a line with a code nobody knows, and data', '00', [given], 'SYSTEM_ERROR'],
  ])('%s', (_, line, names, outcome) => {
    expect(outcomeOf(line, names)).toBe(outcome);
  });

  test('nothing that is not known comes to data', () => {
    const known = new Set<string>([...Object.values(LINE_STATUS), ...Object.values(NAME_STATUS)]);
    const code = fc.stringMatching(/^[0-9A-Z]{2}$/).filter((each) => !known.has(each));
    fc.assert(
      fc.property(code, (unknown) => {
        expect(outcomeOf(unknown, [given])).toBe('SYSTEM_ERROR');
        expect(outcomeOf('09', [given, name(unknown)])).toBe('SYSTEM_ERROR');
      }),
    );
  });
});

describe('a batch is believed line by line, or not at all', () => {
  const lines = [INQUIRY, { ...INQUIRY, lineNo: 2, recordId: 'R-2026-000002' }];
  const resultOf = ({ lineNo, recordId }: (typeof lines)[number]): InquiryResult => ({
    lineNo,
    recordId,
    lineStatus: '09',
    lineMessage: '正常終了',
    names: [
      {
        informationNameCode: INQUIRY.informationNameCode,
        status: '01',
        message: '正常',
        items: { KZ01: '0001' },
      },
    ],
    outcome: 'OK',
  });
  const [first, second] = lines.map(resultOf) as [InquiryResult, InquiryResult];
  const other = { ...first.names[0]!, informationNameCode: 'TM00000000000999' };
  const unasked = { ...first.names[0]!, items: { KZ07: 'ﾔﾏﾀﾞ' } };

  test.each<[string, InquiryResult[], ReturnType<typeof reconcileFault>]>([
    ['each line has its result', [first, second], undefined],
    ['the order does not matter', [second, first], undefined],
    ['a line is missing', [first], 'MISSING_LINE'],
    ['a line nobody asked', [first, second, { ...first, lineNo: 3 }], 'UNKNOWN_LINE'],
    ['a line twice', [first, second, second], 'LINE_TWICE'],
    ['a line of another record', [first, { ...second, recordId: first.recordId }], 'WRONG_LINE'],
    ['another information name', [{ ...first, names: [other] }, second], 'WRONG_LINE'],
    ['an item nobody asked for', [{ ...first, names: [unasked] }, second], 'WRONG_LINE'],
    [
      'an outcome that its statuses do not come to',
      [{ ...first, outcome: 'NO_DATA' }, second],
      'OUTCOME_DIFFERS',
    ],
  ])('%s', (_, results, fault) => {
    expect(reconcileFault(lines, results)).toBe(fault);
  });
});
