import type { ReportedStanding } from '../../../../src/collection/transfer/acts/standing.js';

/** Two cases that were handed over on 2026-11-17, T1 with two lines, T2 with one. */
export const STANDING: ReportedStanding = {
  cases: new Map([
    ['T1', { caseId: 1n, addresseeNo: 'A1', handedOverOn: '2026-11-17' }],
    ['T2', { caseId: 2n, addresseeNo: 'A2', handedOverOn: '2026-11-17' }],
  ]),
  lines: new Map([
    ['T1/1', { lineId: 11n, levyId: 101n }],
    ['T1/2', { lineId: 12n, levyId: 102n }],
    ['T2/1', { lineId: 21n, levyId: 201n }],
  ]),
};
