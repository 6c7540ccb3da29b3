import type { LogFact } from '../../../../src/vault/analysis/fact.js';
import type { Material } from '../../../../src/vault/analysis/rule.js';
import type { Grant } from '../../../../src/vault/grant/grant.js';
import { watchIndex } from '../../../../src/vault/analysis/watchList.js';
import type { Person } from '../../../../src/vault/staff/person.js';
import { person } from '../../staff/support/register.js';

export const NOVEMBER = { from: '2026-11-01', to: '2026-11-30' } as const;
export const REF = `vr_${'0'.repeat(25)}1`;

let sequence = 0n;

/** A reveal that was done. @param at in Japan, `2026-11-10 10:00` */
export function fact(at: string, own: Partial<LogFact> = {}): LogFact {
  const [day = '', time = ''] = at.split(' ');
  const [hours, minutes] = time.split(':').map(Number);
  sequence += 1n;
  return {
    sequence,
    ms: Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}+09:00`),
    day,
    minute: Number(hours) * 60 + Number(minutes),
    personId: 'P-1029',
    source: 'gateway',
    unit: 'nozei',
    op: 'reveal',
    outcome: 'done',
    rule: '',
    rows: 1,
    subjects: [REF],
    caseRef: 'C-1',
    ...own,
  };
}

/** Something that was refused to a person, or to nobody known. */
export function refusal(at: string, own: Partial<LogFact> = {}): LogFact {
  return fact(at, { outcome: 'refused', rule: 'grant-missing', rows: 0, subjects: [], ...own });
}

export function material(facts: readonly LogFact[], own: Partial<Material> = {}): Material {
  return {
    period: NOVEMBER,
    facts: facts.toSorted((a, b) => a.ms - b.ms),
    people: peopleOf(person(), person({ personId: 'P-1030', unit: 'hoken' }), person({ personId: 'P-1031' })),
    grants: [],
    decisions: [],
    watched: watchIndex([]),
    holidays: new Set(['2026-11-03', '2026-11-23']),
    ...own,
  };
}

export function peopleOf(...people: readonly Person[]): ReadonlyMap<string, Person> {
  return new Map(people.map((each) => [each.personId, each]));
}

export function grantOf(own: Partial<Grant> = {}): Grant {
  return {
    id: 7n,
    personId: 'P-1029',
    purpose: 'REFUND',
    operations: ['reveal'],
    validFrom: '2026-04-01',
    validTo: '2027-03-31',
    state: 'approved',
    requestedBy: 'OFFICER-1',
    approvedBy: 'OFFICER-2',
    confirmedOn: '2026-10-05',
    lastUsedOn: undefined,
    stateSince: undefined,
    ...own,
  };
}
