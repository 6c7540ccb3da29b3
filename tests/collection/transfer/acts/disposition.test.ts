import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  placeDispositions,
  type KnownDisposition,
} from '../../../../src/collection/transfer/acts/disposition.js';
import type { ResultRow } from '../../../../src/protocol/transfer/result.js';
import { STANDING } from './standing.js';

type Row = ResultRow['23_dispositions.csv'];
const TODAY = '2026-12-08';

const NOTHING = { claims: null, assetKind: null, identification: null, thirdParty: null, receiptNo: null };

function seizure(change: Partial<Row> = {}): Row {
  return {
    ...NOTHING,
    caseNo: 'T1',
    dispositionNo: 'K-1',
    act: 'SEIZURE',
    on: '2026-11-25',
    claims: '1:90000;2:40000',
    assetKind: 'DEPOSIT',
    identification: '普通預金',
    ...change,
  };
}

function end(change: Partial<Row> = {}): Row {
  return { ...NOTHING, caseNo: 'T1', dispositionNo: 'K-1', act: 'RELEASE', on: '2026-12-01', ...change };
}

const place = (rows: readonly Row[], known: readonly KnownDisposition[] = []) =>
  placeDispositions(rows, STANDING, known, TODAY);

/** What the records know after a file. */
function knownAfter(rows: readonly Row[]): KnownDisposition[] {
  const { begun, ended } = place(rows);
  return begun.map((each) => ({
    ...each,
    end: ended.find(({ organizationNo }) => organizationNo === each.organizationNo),
  }));
}

describe('dispositions are put to their case and lines', () => {
  test('the worked lines of handbook 13 §2, seized for what they owed', () => {
    expect(place([seizure({ thirdParty: '架空銀行', receiptNo: '第12号' })])).toMatchObject({
      begun: [
        {
          caseId: 1n,
          addresseeNo: 'A1',
          organizationNo: 'K-1',
          kind: 'seizure',
          assetClass: 'deposit',
          object: '普通預金',
          thirdParty: '架空銀行',
          receiptNo: '第12号',
          executedOn: '2026-11-25',
          claims: [
            { levyId: 101n, amount: 90_000n },
            { levyId: 102n, amount: 40_000n },
          ],
        },
      ],
      ended: [],
    });
  });

  test.each([
    ['JOINED_SEIZURE', 'participatingSeizure'],
    ['DISTRIBUTION_DEMAND', 'claimForDistribution'],
  ] as const)('%s is a %s', (act, kind) => {
    expect(place([seizure({ act })]).begun).toMatchObject([{ kind }]);
  });

  test.each([
    ['RELEASE', 'released'],
    ['CANCELLATION', 'cancelled'],
    ['COMPLETION', 'completed'],
  ] as const)('%s ends one as %s, wherever it stands in the file', (act, kind) => {
    const ended = [{ caseId: 1n, organizationNo: 'K-1', kind, endedOn: '2026-12-01' }];
    expect(place([end({ act }), seizure()]).ended).toEqual(ended);
    expect(place([end({ act })], knownAfter([seizure()]))).toMatchObject({ begun: [], ended });
  });

  test('what an earlier result told in the same way adds nothing', () => {
    const rows = [seizure(), seizure({ dispositionNo: 'K-2', claims: '2:1' }), end()];
    expect(place(rows, knownAfter(rows))).toMatchObject({ begun: [], ended: [] });
    expect(place([...rows, ...rows]).begun).toHaveLength(2);
  });

  test('one of an earlier round may have ended before the case was handed over again', () => {
    const known = knownAfter([seizure()]).map((each) => ({ ...each, executedOn: '2025-05-20' }));
    expect(place([end({ on: '2026-03-31' })], known).ended).toMatchObject([{ endedOn: '2026-03-31' }]);
  });

  test('what may be an individual number does not reach the records', () => {
    const row = seizure({ identification: '給与 1234 5678 9018', thirdParty: '西町工業 123456789018' });
    expect(place([row]).begun).toMatchObject([
      { object: '給与 ［番号の疑い］', thirdParty: '西町工業 ［番号の疑い］' },
    ]);
  });
});

describe('a row that cannot be so refuses the file, by place', () => {
  test.each<[string, Row[]]>([
    ['the organization has no such case of ours', [end(), seizure({ caseNo: 'T9' })]],
    [
      'the organization has no such line of ours',
      [end(), seizure({ dispositionNo: 'K-2', claims: '1:5;3:5' })],
    ],
    ['the day has not come yet', [end(), seizure({ dispositionNo: 'K-2', on: '2026-12-09' })]],
    [
      'the day lies before the case was handed over',
      [end(), seizure({ dispositionNo: 'K-2', on: '2026-11-16' })],
    ],
    ['a disposition names a line twice', [end(), seizure({ dispositionNo: 'K-2', claims: '1:5;1:5' })]],
    ['the number stands for another disposition of the case', [end(), seizure({ claims: '1:90000' })]],
    ['no disposition of this number was reported in the case', [end(), end({ dispositionNo: 'K-2' })]],
    ['no disposition of this number was reported in the case', [end(), end({ caseNo: 'T2' })]],
    ['the day has not come yet', [end(), end({ on: '2026-12-09' })]],
    ['the disposition ends before it was made', [end({ on: '2026-12-02' }), end({ on: '2026-11-24' })]],
    ['the disposition has ended already, and otherwise', [end(), end({ act: 'CANCELLATION' })]],
    ['the disposition has ended already, and otherwise', [end(), end({ on: '2026-12-02' })]],
  ])('%s (%#)', (fault, rows) => {
    expect(() => place(rows, knownAfter([seizure()]))).toThrow(
      expect.objectContaining({
        code: 'FILE_REJECTED',
        message: `23_dispositions.csv, row 2: ${fault}.`,
        facts: expect.objectContaining({ file: '23_dispositions.csv', row: 2 }) as object,
      }),
    );
  });

  test('the same number in another case is another disposition', () => {
    const other = seizure({ caseNo: 'T2', claims: '1:7' });
    expect(place([seizure(), other]).begun.map(({ caseId }) => caseId)).toEqual([1n, 2n]);
  });
});

test('however results repeat what was told, each disposition and each end enters once', () => {
  const numbers = ['K-1', 'K-2', 'K-3'];
  const told = fc.array(fc.record({ no: fc.constantFrom(...numbers), ends: fc.boolean() }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 4 }), (results) => {
      let known: KnownDisposition[] = [];
      const [begun, ended]: [string[], string[]] = [[], []];
      for (const rows of results) {
        const placed = place(
          rows.flatMap(({ no: dispositionNo, ends }) => [
            seizure({ dispositionNo }),
            ...(ends ? [end({ dispositionNo })] : []),
          ]),
          known,
        );
        begun.push(...placed.begun.map(({ organizationNo }) => organizationNo));
        ended.push(...placed.ended.map(({ organizationNo }) => organizationNo));
        known = [...known, ...placed.begun.map((each) => ({ ...each, end: undefined }))].map((each) => ({
          ...each,
          end: each.end ?? placed.ended.find(({ organizationNo }) => organizationNo === each.organizationNo),
        }));
      }
      const all = results.flat();
      expect(begun.toSorted()).toEqual(numbers.filter((no) => all.some((each) => each.no === no)));
      expect(ended.toSorted()).toEqual(
        numbers.filter((no) => all.some((each) => each.no === no && each.ends)),
      );
    }),
  );
});
