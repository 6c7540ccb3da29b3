import { describe, expect, it, test } from 'vitest';
import type { FoundAuditEntry } from '../../../src/audit/search.filter.js';
import { ANALYSIS_HITS_MAX, ANALYSIS_TEXT_BYTES_MAX } from '../../../src/kernel/limits.js';
import { analyse } from '../../../src/vault/analysis/analyse.js';
import { analysesExpected } from '../../../src/vault/analysis/due.js';
import { factOf } from '../../../src/vault/analysis/fact.js';
import { obstacleOf } from '../../../src/vault/analysis/review.js';
import { periodOf, runDigest } from '../../../src/vault/analysis/run.js';
import { ANALYSIS_RULE_NAMES } from '../../../src/vault/analysis/rules.js';
import { THRESHOLDS_AT_FOUNDING as DEFAULTS } from '../../../src/vault/analysis/thresholds.js';
import { person } from '../staff/support/register.js';
import { fact, grantOf, material, refusal } from './support/material.js';

describe('an entry of the log', () => {
  const entry = (own: Partial<FoundAuditEntry>): FoundAuditEntry => ({
    sequence: 4n,
    recordNo: 2n,
    kind: 'vaultOperation',
    at: '2026-11-10T15:30:00.000Z',
    requestId: 'R-1',
    actorId: 'P-1029',
    roles: ['handler'],
    department: 'nozei',
    terminal: 'T-0417',
    sessionId: '',
    strength: 'signature',
    clientApp: 'gateway',
    purpose: 'REFUND',
    caseRef: 'C-1',
    coordinate: 'Vault.reveal',
    decision: 'allow',
    reason: 'done',
    rows: 1,
    subjects: ['vr_1'],
    raised: false,
    ...own,
  });

  it('is a fact of its day and time in Japan', () => {
    expect(factOf(entry({}))).toEqual({
      sequence: 4n,
      ms: Date.parse('2026-11-10T15:30:00Z'),
      day: '2026-11-11',
      minute: 30,
      personId: 'P-1029',
      source: 'gateway',
      unit: 'nozei',
      op: 'reveal',
      outcome: 'done',
      rule: '',
      rows: 1,
      subjects: ['vr_1'],
      caseRef: 'C-1',
    });
  });

  test.each([
    ['that was begun', { reason: 'intent' }],
    ['that was begun in an emergency', { reason: 'intent breakGlass:AP-1' }],
    ['that was told again', { reason: 'repeated' }],
    ['of a key', { coordinate: 'Credential.forged' }],
    ['of the log itself', { coordinate: 'Log.body', kind: 'refusal', decision: 'refuse' }],
    ['of the operator', { coordinate: 'Vault.open', kind: 'configuration' }],
    ['of an operation that is none', { coordinate: 'Vault.open' }],
    ['of nobody known', { roles: [] }],
    ['that was allowed beside a refusal', { kind: 'refusal' }],
    ['of a refused command', { kind: 'configuration', decision: 'refuse' }],
  ] as const)('%s is none', (_what, own) => {
    expect(factOf(entry(own))).toBeUndefined();
  });

  it('of a refusal has its rule, and where it came from when nobody was known', () => {
    const refused = { kind: 'refusal', decision: 'refuse', roles: [], rows: 3, subjects: [] } as const;
    const own = {
      ...refused,
      coordinate: 'Vault.connection',
      reason: 'certificate',
      clientApp: '',
      terminal: '::1',
    };
    const { caseRef: _, reason: __, ...bare } = entry(own);
    expect(factOf(bare)).toMatchObject({
      outcome: 'refused',
      personId: undefined,
      source: '::1',
      rule: '',
      caseRef: '',
    });
    expect(factOf(entry(own))).toMatchObject({ op: undefined, rule: 'certificate', rows: 3 });
  });
});

describe('an analysis', () => {
  it('applies every rule and says by which version and thresholds', async () => {
    const { rules, hits, people } = await analyse(material([]), DEFAULTS, undefined);
    expect(rules.map(({ rule }) => rule)).toEqual(ANALYSIS_RULE_NAMES);
    expect(rules.find(({ rule }) => rule === 'manyUnits')).toEqual({
      rule: 'manyUnits',
      version: 1,
      thresholds: { units: 3 },
      hits: 0,
      kept: 0,
    });
    expect(rules.find(({ rule }) => rule === 'watched')?.thresholds).toBeNull();
    expect([hits, people]).toEqual([[], []]);
  });

  it('of a unit keeps what concerns it', async () => {
    const facts = [
      fact('2026-11-10 23:00', { op: 'push' }),
      fact('2026-11-10 23:00', { op: 'push', personId: 'P-1030', unit: 'hoken' }),
      ...Array.from({ length: 20 }, () => refusal('2026-11-10 10:00', { personId: undefined, unit: '' })),
    ];
    expect((await analyse(material(facts), DEFAULTS, 'hoken')).hits).toMatchObject([
      { rule: 'outOfHours', people: ['P-1030'] },
    ]);
    expect((await analyse(material(facts), DEFAULTS, undefined)).hits.map(({ rule }) => rule)).toEqual([
      'outOfHours',
      'outOfHours',
      'refusedBursts',
    ]);
  });

  it('of more hits than are kept keeps the first of everybody: nobody hides behind many', async () => {
    const noise = Array.from({ length: 30 }, (_, n) => `2026-11-${String(n + 1).padStart(2, '0')} 23:00`);
    const facts = [
      ...noise.flatMap((at) => [fact(at, { op: 'push' }), fact(at, { op: 'push', personId: 'P-1030' })]),
      fact('2026-11-30 23:30', { op: 'push', personId: 'P-1031' }),
    ];
    const { rules, hits, people } = await analyse(material(facts), DEFAULTS, undefined);
    expect(rules[0]).toMatchObject({ hits: 61, kept: ANALYSIS_HITS_MAX });
    expect(hits.filter(({ people: [who] }) => who === 'P-1031')).toHaveLength(1);
    expect(hits.map(({ day }) => day)).toEqual(hits.map(({ day }) => day).toSorted());
    expect(people).toEqual(['P-1029', 'P-1030', 'P-1031']);
  });
});

it('a run that is over its limit has no digest', () => {
  const people = ['P'.repeat(ANALYSIS_TEXT_BYTES_MAX)];
  expect(() => runDigest({ people } as never)).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
  );
});

describe('a period', () => {
  test.each([
    [{ kind: 'monthly', unit: 'nozei', month: '2026-02' }, '2026-02-01', '2026-02-28'],
    [{ kind: 'quarterly', month: '2026-10' }, '2026-10-01', '2026-12-31'],
    [{ kind: 'occasional', from: '2026-10-31', to: '2026-11-30' }, '2026-10-31', '2026-11-30'],
  ] as const)('%j', (asked, from, to) => {
    expect(periodOf(asked)).toEqual({ from, to });
  });

  test.each([
    { kind: 'occasional', from: '2026-10-30', to: '2026-11-30' },
    { kind: 'occasional', from: '2026-11-30', to: '2026-11-29' },
    { kind: 'quarterly', month: '2026-13' },
  ] as const)('%j is none', (asked) => {
    expect(() => periodOf(asked)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('what is expected', () => {
  const who = [person(), person({ personId: 'P-1030', unit: 'hoken' }), person({ personId: 'P-1031' })];
  const grants = [grantOf(), grantOf({ personId: 'P-1030', validFrom: '2026-11-01' })];
  const on = (day: string, own = grants) =>
    analysesExpected(day, own, who).map(({ kind, unit, from, to }) => [kind, unit, from, to].join(' '));

  test.each([
    ['2026-11-14', ['monthly nozei 2026-09-01 2026-09-30', 'quarterly  2026-07-01 2026-09-30']],
    ['2026-11-15', ['monthly nozei 2026-10-01 2026-10-31', 'quarterly  2026-07-01 2026-09-30']],
    [
      '2027-01-15',
      [
        'monthly hoken 2026-12-01 2026-12-31',
        'monthly nozei 2026-12-01 2026-12-31',
        'quarterly  2026-10-01 2026-12-31',
      ],
    ],
    ['2026-04-16', []],
  ])('on %s: %j', (day, expected) => {
    expect(on(day)).toEqual(expected);
  });

  it('is nothing where nobody could use a number', () => {
    expect(on('2026-11-15', [grantOf({ approvedBy: undefined })])).toEqual([]);
  });
});

describe('who reviews', () => {
  const obstacle = (
    unit: string | null,
    role: Parameters<typeof person>[0],
    people: readonly string[] = [],
  ) => obstacleOf({ unit, people }, person(role), '2026-12-02') ?? 'may';

  test.each([
    ['nozei', { role: 'unitOfficer' }, 'may'],
    ['nozei', { role: 'unitOfficer', unit: 'hoken' }, 'role'],
    ['nozei', { role: 'unitOfficer', unitUntil: '2026-12-01' }, 'role'],
    ['nozei', { role: 'chiefOfficer', unit: 'soumu' }, 'may'],
    ['nozei', { role: 'auditOfficer' }, 'role'],
    ['nozei', { role: 'handler' }, 'role'],
    [null, { role: 'auditOfficer' }, 'may'],
    [null, { role: 'chiefOfficer' }, 'role'],
  ] as const)('of %s %j: %s', (unit, who, expected) => {
    expect(obstacle(unit, who)).toBe(expected);
  });

  it('is nobody who is named in a hit', () => {
    expect(obstacle('nozei', { role: 'unitOfficer' }, ['P-1029'])).toBe('analysis-own');
  });
});
