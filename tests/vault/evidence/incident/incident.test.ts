import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isClosedDay } from '../../../../src/kernel/closedDays.js';
import { plainDate } from '../../../../src/kernel/dates.js';
import {
  alarmOf,
  deadlinesOf,
  incidentState,
  type Incident,
} from '../../../../src/vault/evidence/incident/incident.js';
import { reportText } from '../../../../src/vault/evidence/incident/report.js';

/** 文化の日, 勤労感謝の日 and what follows (handbook 11 §8 counts with them). */
const HOLIDAYS = new Set(['2026-11-03', '2026-11-23', '2027-01-01', '2027-01-11']);

const incident = (own: Partial<Incident> = {}): Incident => ({
  incidentId: 'IN-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f',
  key: 1n,
  learnedOn: '2026-11-02',
  malicious: false,
  said: { overview: '媒体1個の所在不明' },
  done: {},
  enteredBy: 'OFFICER-1',
  ...own,
});

describe('deadlines (handbook 11 §8)', () => {
  test('learned on Monday 2026-11-02: quick by 11-06, final by 12-01', () => {
    expect(deadlinesOf(incident(), HOLIDAYS)).toEqual({
      alarmFrom: '2026-11-04',
      quickBy: '2026-11-06',
      finalBy: '2026-12-01',
    });
  });

  test('where malice is possible, day 60 is closed and the final report is due on 2027-01-04', () => {
    expect(deadlinesOf(incident({ malicious: true }), HOLIDAYS).finalBy).toBe('2027-01-04');
  });

  test('the quick report is not moved, the final one to the next open day and not further', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), fc.boolean(), (days, malicious) => {
        const learned = plainDate('2026-01-01').add({ days });
        const { quickBy, finalBy } = deadlinesOf({ learnedOn: learned.toString(), malicious }, HOLIDAYS);
        expect(learned.until(plainDate(quickBy)).days).toBe(4);
        const nominal = learned.add({ days: malicious ? 59 : 29 });
        expect(isClosedDay(plainDate(finalBy), HOLIDAYS)).toBe(false);
        for (let day = nominal; day.toString() < finalBy; day = day.add({ days: 1 }))
          expect(isClosedDay(day, HOLIDAYS)).toBe(true);
      }),
    );
  });
});

describe('an alarm', () => {
  const quick = { quickReport: '2026-11-05' };

  test.each([
    ['2026-11-03', {}, undefined],
    ['2026-11-04', {}, 'quickDue'],
    ['2026-11-06', {}, 'quickDue'],
    ['2026-11-07', {}, 'quickOverdue'],
    ['2026-12-02', {}, 'finalOverdue'],
    ['2026-11-07', quick, undefined],
    ['2026-11-26', quick, 'finalDue'],
    ['2026-12-01', quick, 'finalDue'],
    ['2026-12-02', quick, 'finalOverdue'],
    ['2026-12-02', { ...quick, finalReport: '2026-12-01' }, undefined],
    ['2026-11-07', { notReportable: '2026-11-03' }, undefined],
    ['2026-11-07', { closed: '2026-11-03' }, undefined],
  ])('on %s with %j is %s', (day, done, alarm) => {
    expect(alarmOf(incident({ done }), HOLIDAYS, day)).toBe(alarm);
  });
});

test.each([
  [{}, '報告前'],
  [{ quickReport: '2026-11-05' }, '速報済'],
  [{ quickReport: '2026-11-05', finalReport: '2026-12-01' }, '確報済'],
  [{ notReportable: '2026-11-05' }, '報告対象外'],
  [{ finalReport: '2026-12-01', closed: '2026-12-02' }, '終結'],
])('after %j the state is %s', (done, state) => {
  expect(incidentState(incident({ done }))).toBe(state);
});

describe('the text of a report', () => {
  const asked = { municipality: '242039', holidays: HOLIDAYS, day: '2026-11-04' } as const;

  test('has all nine items and says what is not known yet', () => {
    const text = reportText(incident({ done: { subjectNotice: '2026-11-04' } }), {
      ...asked,
      step: 'quickReport',
    });
    expect(text).toContain('（速報）');
    expect(text).toContain('1．概要\n媒体1個の所在不明');
    expect(text.match(/調査中/g)).toHaveLength(8);
    expect(text).toContain('9．その他参考となる事項');
    expect(text).toContain('速報の期限　　　　2026-11-06\n');
    expect(text).toContain('本人への通知　　　2026-11-04');
  });

  test('of the final report names the day of the quick one', () => {
    const done = { quickReport: '2026-11-05' };
    const text = reportText(incident({ done, malicious: true }), { ...asked, step: 'finalReport' });
    expect(text).toContain('速報の期限　　　　2026-11-06（2026-11-05 報告済）');
    expect(text).toContain('不正の目的のおそれ　有');
    expect(text.match(/（未記入）/g)).toHaveLength(8);
  });

  test('holds no number that somebody wrote into an item', () => {
    const text = reportText(incident({ said: { other: '番号 1234-5678-9018' } }), {
      ...asked,
      step: 'quickReport',
    });
    expect(text).not.toContain('9018');
  });
});
