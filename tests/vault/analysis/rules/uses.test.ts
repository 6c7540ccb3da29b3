import { describe, expect, it, test } from 'vitest';
import type { LogFact } from '../../../../src/vault/analysis/fact.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { ANALYSIS_RULES } from '../../../../src/vault/analysis/rules.js';
import { THRESHOLDS_AT_FOUNDING as DEFAULTS } from '../../../../src/vault/analysis/thresholds.js';
import { watchIndex, type WatchEntry } from '../../../../src/vault/analysis/watchList.js';
import { fact, material, REF, refusal } from '../support/material.js';

const { outOfHours, watched, manyUnits, emptySearches, withoutAction } = ANALYSIS_RULES;

describe('out of hours', () => {
  const hitsOf = (...facts: readonly LogFact[]) => outOfHours.find(material(facts), DEFAULTS);

  test.each([
    ['2026-11-10 06:59:59', 1],
    ['2026-11-10 07:00', 0],
    ['2026-11-10 21:59:59', 0],
    ['2026-11-10 22:00', 1],
    ['2026-11-14 10:00', 1],
    ['2026-11-15 10:00', 1],
    ['2026-11-03 10:00', 1],
    ['2026-12-01 23:00', 0],
    ['2026-10-31 23:00', 0],
  ])('a use at %s is %d hits', (at, hits) => {
    expect(hitsOf(fact(at))).toHaveLength(hits);
  });

  it('counts attempts by person and day, and neither step-ups nor what nobody known did', () => {
    const hits = hitsOf(
      fact('2026-11-10 22:10'),
      refusal('2026-11-10 22:20'),
      fact('2026-11-10 22:30', { op: 'stepUp' }),
      refusal('2026-11-10 22:40', { personId: undefined }),
      refusal('2026-11-10 22:50', { op: undefined }),
      fact('2026-11-11 22:10'),
      fact('2026-11-11 22:10', { personId: 'P-1030', unit: 'hoken' }),
    );
    expect(hits.map(({ day, people, units, count }) => [day, people, units, count])).toEqual([
      ['2026-11-10', ['P-1029'], ['nozei'], 2],
      ['2026-11-11', ['P-1029'], ['nozei'], 1],
      ['2026-11-11', ['P-1030'], ['hoken'], 1],
    ]);
    expect(hits[0]!.sequences).toHaveLength(2);
  });
});

describe('a watched subject', () => {
  const entry = (own: Partial<WatchEntry>): WatchEntry => ({
    watchId: 'WL-1',
    ref: REF as VaultRef,
    category: 'publicFigure',
    personId: null,
    validFrom: '2026-11-05',
    validTo: null,
    ...own,
  });
  const hitsOf = (own: Partial<WatchEntry>, ...facts: readonly LogFact[]) =>
    watched.find(material(facts, { watched: watchIndex([entry(own)]) }), DEFAULTS);

  test.each([
    ['a public figure by anybody', {}, 1],
    ['a colleague by anybody', { category: 'colleague', personId: 'P-1031' }, 1],
    ['a colleague by himself', { category: 'colleague', personId: 'P-1029' }, 1],
    ['the own household', { category: 'household', personId: 'P-1029' }, 1],
    ['the household of another', { category: 'household', personId: 'P-1031' }, 0],
    ['on the first day', { validFrom: '2026-11-10' }, 1],
    ['before the first day', { validFrom: '2026-11-11' }, 0],
    ['on the last day', { validTo: '2026-11-10' }, 1],
    ['after the last day', { validTo: '2026-11-09' }, 0],
    ['another subject', { ref: `vr_${'2'.repeat(26)}` }, 0],
  ] as const)('%s', (_, own, hits) => {
    expect(hitsOf(own, fact('2026-11-10 10:00'))).toHaveLength(hits);
  });

  it('is named alone, of all that one operation was about', () => {
    const [hit] = hitsOf({}, fact('2026-11-10 10:00', { subjects: [`vr_${'3'.repeat(26)}`, REF] }));
    expect(hit!.about).toEqual([REF]);
  });

  it('that was refused, or is no use of a number, is no hit', () => {
    expect(hitsOf({}, refusal('2026-11-10 10:00', { subjects: [REF] }))).toEqual([]);
    expect(hitsOf({}, fact('2026-11-10 10:00', { op: 'requestApproval' }))).toHaveLength(1);
    expect(hitsOf({}, fact('2026-11-10 10:00', { op: 'openApproval' }))).toEqual([]);
  });
});

describe('one subject of many units', () => {
  const of = (...units: readonly string[]) =>
    manyUnits.find(
      material(units.map((unit, n) => fact(`2026-11-10 10:0${n}`, { unit, personId: `P-${n}` }))),
      DEFAULTS,
    );

  it('is a hit from three units a day on, however often', () => {
    expect(of('a', 'b', 'b', 'a')).toEqual([]);
    expect(of('a', 'b', 'b', 'c')).toMatchObject([
      { about: [REF], units: ['a', 'b', 'c'], people: ['P-0', 'P-1', 'P-2', 'P-3'], count: 3, threshold: 3 },
    ]);
  });

  it('counts each day by itself, and each subject', () => {
    const facts = [
      fact('2026-11-10 23:59', { unit: 'a' }),
      fact('2026-11-10 23:59', { unit: 'b', subjects: [REF, REF] }),
      fact('2026-11-11 00:00', { unit: 'c' }),
      fact('2026-11-10 12:00', { unit: 'd', subjects: [`vr_${'4'.repeat(26)}`] }),
    ];
    expect(manyUnits.find(material(facts), DEFAULTS)).toEqual([]);
  });
});

describe('a search that found nobody', () => {
  const empty = (at: string) => fact(at, { op: 'resolve', subjects: [], rows: 0 });

  it('is a hit of its person and day', () => {
    const facts = [
      empty('2026-11-10 10:00'),
      empty('2026-11-10 11:00'),
      fact('2026-11-10 12:00', { op: 'resolve' }),
    ];
    expect(emptySearches.find(material(facts), DEFAULTS)).toMatchObject([{ count: 2, about: [] }]);
  });

  it('is one from so many on that are entered', () => {
    const thresholds = { ...DEFAULTS, emptySearches: { searches: 3 } };
    const facts = ['10', '11', '12'].map((hour) => empty(`2026-11-10 ${hour}:00`));
    expect(emptySearches.find(material(facts.slice(1)), thresholds)).toEqual([]);
    expect(emptySearches.find(material(facts), thresholds)).toHaveLength(1);
  });
});

describe('a reveal that nothing follows', () => {
  const hitsOf = (...facts: readonly LogFact[]) => withoutAction.find(material(facts), DEFAULTS);

  test.each([
    ['nothing', undefined, 1],
    ['a push of the case 24 hours after', () => fact('2026-12-01 23:00', { op: 'push' }), 0],
    ['a push a second later', () => fact('2026-12-01 23:00:01', { op: 'push' }), 1],
    ['a push of another case', () => fact('2026-11-30 23:10', { op: 'push', caseRef: 'C-2' }), 1],
    ['a push that was refused', () => refusal('2026-11-30 23:10', { op: 'push' }), 1],
    ['another look', () => fact('2026-11-30 23:10', { op: 'status' }), 1],
    ['an approval that is asked for', () => fact('2026-11-30 23:10', { op: 'requestApproval' }), 0],
  ] as const)('%s', (_, then, hits) => {
    const shown = fact('2026-11-30 23:00');
    expect(hitsOf(shown, ...(then ? [then()] : []))).toHaveLength(hits);
  });

  it('is not made good by what was done before', () => {
    expect(hitsOf(fact('2026-11-30 22:59', { op: 'push' }), fact('2026-11-30 23:00'))).toHaveLength(1);
  });

  it('is looked for among reveals of the period alone', () => {
    expect(hitsOf(fact('2026-10-31 10:00'), fact('2026-12-01 10:00'))).toEqual([]);
    expect(hitsOf(fact('2026-11-10 10:00', { op: 'resolve' }), refusal('2026-11-10 10:00'))).toEqual([]);
  });
});
