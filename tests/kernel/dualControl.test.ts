import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Temporal } from '../../src/kernel/dates.js';
import {
  assertMayApprove,
  assertMayRefuse,
  assertMayUse,
  closesRing,
  contentDigest,
  type ApprovalContent,
  type ApprovalEdge,
  type ByAt,
  type RequestBeforeApprover,
} from '../../src/kernel/dualControl.js';
import { OPERATION_BODY_BYTES_MAX, OPERATION_BODY_DEPTH_MAX } from '../../src/kernel/limits.js';

const MORNING = Temporal.Instant.from('2026-11-02T09:00:00+09:00');
const after = (hours: number) => MORNING.add({ milliseconds: Math.round(hours * 3_600_000) });
const by = (person: string, hours: number): ByAt => ({ by: person, at: after(hours) });
const DIGEST = contentDigest({ op: 'erase', count: 1 });

/** A request of A at 09:00 that B opened at 10:00, with what a test wants otherwise. */
function requestOf(changes: Partial<RequestBeforeApprover> = {}): RequestBeforeApprover {
  return {
    kind: 'erase',
    contentDigest: DIGEST,
    state: 'requested',
    requested: by('A', 0),
    opened: by('B', 1),
    decided: undefined,
    ...changes,
  };
}

/** The same, approved by B at 11:00. */
function approvedOf(changes: Partial<RequestBeforeApprover> = {}): RequestBeforeApprover {
  return requestOf({ state: 'approved', decided: by('B', 2), ...changes });
}

const use = (person: string, hours: number, changes: object = {}) => ({
  ...by(person, hours),
  kind: 'erase',
  contentDigest: DIGEST,
  ...changes,
});

/** The code and the rule that a call refuses with; undefined when it does not. */
function refusal(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const { code, facts } = error as { code: string; facts: { rule?: string } };
    return facts.rule ?? code;
  }
}

describe('the ring rule, by the example of the handbook (15 §6.3)', () => {
  const edges: ApprovalEdge[] = [
    { requestedBy: 'A', approvedBy: 'B', at: after(0) },
    { requestedBy: 'B', approvedBy: 'C', at: after(1) },
  ];

  it('refuses A as approver of C after A→B and B→C', () => {
    expect(closesRing(edges, 'C', by('A', 2))).toBe(true);
    expect(
      refusal(() =>
        assertMayApprove(requestOf({ requested: by('C', 1), opened: by('A', 1.5) }), by('A', 2), edges),
      ),
    ).toBe('ring');
  });

  it('allows D as approver of C', () => {
    expect(closesRing(edges, 'C', by('D', 2))).toBe(false);
  });

  it('refuses the ring of two', () => {
    expect(closesRing(edges, 'B', by('A', 2))).toBe(true);
  });

  it('allows the same pair again in the same direction', () => {
    expect(closesRing(edges, 'A', by('B', 2))).toBe(false);
  });

  it('forgets an approval after exactly 24 hours', () => {
    expect(closesRing(edges, 'B', by('A', 23.9999))).toBe(true);
    expect(closesRing(edges, 'B', by('A', 24))).toBe(false);
  });

  it('counts an approval that the clock places later than now', () => {
    expect(closesRing(edges, 'B', by('A', -1))).toBe(true);
  });

  it('never lets approvals of one day close a ring, whatever is asked in whatever order', () => {
    const person = fc.integer({ min: 0, max: 6 }).map((n) => `P${n}`);
    const attempt = fc.record({ requester: person, approver: person });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
        const accepted: ApprovalEdge[] = [];
        for (const [n, { requester, approver }] of attempts.entries()) {
          const decided = { by: approver, at: MORNING.add({ minutes: n }) };
          const request = requestOf({ requested: { by: requester, at: MORNING }, opened: decided });
          if (refusal(() => assertMayApprove(request, decided, accepted)) === undefined) {
            accepted.push({ requestedBy: requester, approvedBy: approver, at: decided.at });
          } else {
            // What is refused would really have closed a ring, or was the same person.
            expect(hasCycle([...accepted, { requestedBy: requester, approvedBy: approver }])).toBe(true);
          }
        }
        expect(hasCycle(accepted)).toBe(false);
      }),
    );
  });
});

/** Written apart from the rule: people without anyone left to approve them are taken away until none can be. */
function hasCycle(edges: readonly Omit<ApprovalEdge, 'at'>[]): boolean {
  let left = [...edges];
  for (;;) {
    const requesters = new Set(left.map(({ requestedBy }) => requestedBy));
    const next = left.filter(({ approvedBy }) => requesters.has(approvedBy));
    if (next.length === left.length) return left.length > 0;
    left = next;
  }
}

describe('an approval', () => {
  it('is given by another person who has opened the summary', () => {
    expect(refusal(() => assertMayApprove(requestOf(), by('B', 2), []))).toBeUndefined();
    expect(refusal(() => assertMayApprove(requestOf(), by('B', 1), []))).toBeUndefined();
  });

  it.each([
    ['samePerson', requestOf({ opened: by('A', 1) }), by('A', 2)],
    ['notOpened', requestOf({ opened: undefined }), by('B', 2)],
    ['notOpened', requestOf({ opened: by('C', 1) }), by('B', 2)],
    ['notOpened', requestOf({ opened: by('B', 3) }), by('B', 2)],
    ['beforeRequest', requestOf({ opened: by('B', -1) }), by('B', 2)],
    ['beforeRequest', requestOf({ opened: by('B', -2) }), by('B', -1)],
    ['waited', requestOf(), by('B', 7 * 24)],
    ['CONFLICT', requestOf({ state: 'refused' }), by('B', 2)],
    ['CONFLICT', approvedOf(), by('B', 3)],
  ] as const)('is refused by the rule %s', (rule, request, decision) => {
    expect(refusal(() => assertMayApprove(request, decision, []))).toBe(rule);
  });

  it('may still be given a millisecond before the request has waited too long', () => {
    const last = { by: 'B', at: after(7 * 24).subtract({ milliseconds: 1 }) };
    expect(refusal(() => assertMayApprove(requestOf(), last, []))).toBeUndefined();
  });

  it('may be refused without being opened, but not by the one who asked', () => {
    expect(refusal(() => assertMayRefuse(requestOf({ opened: undefined }), by('B', 1)))).toBeUndefined();
    expect(refusal(() => assertMayRefuse(requestOf(), by('A', 1)))).toBe('samePerson');
    expect(refusal(() => assertMayRefuse(requestOf(), by('B', -1)))).toBe('beforeRequest');
    expect(refusal(() => assertMayRefuse(requestOf({ state: 'void' }), by('B', 1)))).toBe('CONFLICT');
  });
});

describe('the use of an approval', () => {
  it('is allowed to the one who asked, for what was approved, until 24 hours have passed', () => {
    expect(assertMayUse(approvedOf(), use('A', 2)).decided).toEqual(by('B', 2));
    expect(refusal(() => assertMayUse(approvedOf(), use('A', 25.9999)))).toBeUndefined();
    expect(refusal(() => assertMayUse(approvedOf(), use('A', 26)))).toBe('stale');
  });

  it.each([
    ['missing', undefined, use('A', 3)],
    ['missing', requestOf(), use('A', 3)],
    ['missing', approvedOf({ decided: undefined }), use('A', 3)],
    ['refused', approvedOf({ state: 'refused' }), use('A', 3)],
    ['withdrawn', approvedOf({ state: 'void' }), use('A', 3)],
    ['used', approvedOf({ state: 'consumed' }), use('A', 3)],
    ['samePerson', approvedOf({ decided: by('A', 2) }), use('A', 3)],
    ['otherPerson', approvedOf(), use('B', 3)],
    ['otherContent', approvedOf(), use('A', 3, { kind: 'hold' })],
    ['otherContent', approvedOf(), use('A', 3, { contentDigest: contentDigest({ op: 'erase', count: 2 }) })],
    ['beforeRequest', approvedOf(), use('A', 1.5)],
  ] as const)('is refused by the rule %s', (rule, request, used) => {
    expect(refusal(() => assertMayUse(request, used))).toBe(rule);
  });
});

describe('the digest of what is approved', () => {
  it('is SHA-256 over the RFC 8785 text, base64url', () => {
    const text = '{"count":2,"op":"erase","refs":["a","b"],"until":null,"urgent":false}';
    expect(contentDigest({ until: null, urgent: false, refs: ['a', 'b'], op: 'erase', count: 2 })).toBe(
      `sha256:${createHash('sha256').update(text).digest('base64url')}`,
    );
  });

  it('changes with any change of the content, and with nothing else', () => {
    const content = fc.jsonValue() as fc.Arbitrary<ApprovalContent>;
    fc.assert(
      fc.property(content, content, (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(contentDigest(a) === contentDigest(b)).toBe(same);
        expect(contentDigest(JSON.parse(JSON.stringify(a)) as ApprovalContent)).toBe(contentDigest(a));
      }),
    );
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a number beyond all', { a: Number.POSITIVE_INFINITY }],
    ['a large integer', { a: 1n }],
    ['half a character', { a: '\ud800' }],
    ['a name of half a character', { '\udfff': 1 }],
    ['a date', { a: new Date(0) }],
    ['a function', { toJSON: () => 1 }],
    ['a hole in a list', { a: Array.from({ length: 2 }) }],
    ['too many levels', nested(OPERATION_BODY_DEPTH_MAX + 1)],
    ['too many bytes', 'a'.repeat(OPERATION_BODY_BYTES_MAX)],
  ])('is not made of %s', (_, content) => {
    expect(refusal(() => contentDigest(content as ApprovalContent))).toBe('BAD_INPUT');
  });

  it('is made of what lies just within the limits', () => {
    expect(contentDigest(nested(OPERATION_BODY_DEPTH_MAX))).toMatch(/^sha256:/);
    expect(contentDigest('a'.repeat(OPERATION_BODY_BYTES_MAX - 2))).toMatch(/^sha256:/);
  });
});

function nested(levels: number): ApprovalContent {
  return levels === 1 ? 'deep' : [nested(levels - 1)];
}

function sorted(value: ApprovalContent): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { members: members.map(([name, held]) => [name, sorted(held)]) };
}
