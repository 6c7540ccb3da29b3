import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import {
  BREAK_GLASS_MS_MAX,
  BREAK_GLASS_PRESENT_MS_MAX,
  BREAK_GLASS_SUBJECTS_MAX,
} from '../../../src/kernel/limits.js';
import {
  assertMayReview,
  assertPresent,
  openingState,
  openUntil,
  reviewDueOn,
  sealObstacle,
  useObstacle,
  type GlassUse,
  type Opening,
} from '../../../src/vault/breakGlass/breakGlass.js';
import { glassCodeDigest, isGlassCode, newGlassCode } from '../../../src/vault/breakGlass/code.js';
import { openingNamed } from '../../../src/vault/breakGlass/named.js';

const at = (text: string) => Temporal.Instant.from(text);
const after = (instant: Temporal.Instant, milliseconds: number) => instant.add({ milliseconds });
const OPENED = at('2026-11-20T01:00:00Z');
const opening = (own: Partial<Opening> = {}): Opening => ({
  openingId: 'AP-1',
  breakGlassId: 'BG-1',
  sealNo: 'S-1',
  openedBy: 'P-1',
  secondedBy: 'P-2',
  terminalId: 'T-1',
  purpose: 'REFUND',
  openedAt: OPENED,
  until: openUntil(OPENED),
  review: undefined,
  ...own,
});
const use = (own: Partial<GlassUse> = {}): GlassUse => ({
  personId: 'P-1',
  terminalId: 'T-1',
  purpose: 'REFUND',
  at: OPENED,
  isSecondInForce: true,
  spent: 0,
  ...own,
});
const review = {
  outcome: 'justified',
  finding: '相当',
  reviewedBy: 'P-3',
  approvedBy: 'P-4',
  reviewedAt: '2026-11-24T00:00:00Z',
} as const;
/** 勤労感謝の日. */
const HOLIDAYS = new Set(['2026-11-23']);

describe('a use of an opening (handbook 15 §6.4)', () => {
  test.each<[string, Partial<Opening> | undefined, Partial<GlassUse>, string | undefined]>([
    ['the first moment', {}, {}, undefined],
    ['the last millisecond of the hour', {}, { at: after(OPENED, 60 * 60_000 - 1) }, undefined],
    ['the 61st minute', {}, { at: after(OPENED, 60 * 60_000) }, 'break-glass-over'],
    ['before it, by a clock set back', {}, { at: after(OPENED, -1) }, 'break-glass-over'],
    ['an opening nobody knows', undefined, {}, 'break-glass-none'],
    ['who was present', {}, { personId: 'P-2' }, 'break-glass-none'],
    ['another terminal', {}, { terminalId: 'T-2' }, 'break-glass-terminal'],
    ['another purpose', {}, { purpose: 'DELINQUENCY' }, 'break-glass-purpose'],
    ['a second person who was withdrawn', {}, { isSecondInForce: false }, 'break-glass-withdrawn'],
    ['the fifth subject', {}, { spent: 4 }, undefined],
    ['the sixth subject', {}, { spent: 5 }, 'budget-break-glass'],
  ])('%s', (_, own, asked, rule) => {
    expect(useObstacle(own && opening(own), use(asked))).toBe(rule);
  });

  test('is let through by all of it together, and by nothing less', () => {
    const asked = fc.record({
      personId: fc.constantFrom('P-1', 'P-2', 'P-3'),
      terminalId: fc.constantFrom('T-1', 'T-2'),
      purpose: fc.constantFrom('REFUND', 'DELINQUENCY'),
      offset: fc.integer({ min: -BREAK_GLASS_MS_MAX, max: 2 * BREAK_GLASS_MS_MAX }),
      isSecondInForce: fc.boolean(),
      spent: fc.nat({ max: 2 * BREAK_GLASS_SUBJECTS_MAX }),
    });
    fc.assert(
      fc.property(asked, ({ offset, ...own }) => {
        const isLetThrough = useObstacle(opening(), use({ ...own, at: after(OPENED, offset) })) === undefined;
        expect(isLetThrough).toBe(
          own.personId === 'P-1' &&
            own.terminalId === 'T-1' &&
            own.purpose === 'REFUND' &&
            offset >= 0 &&
            offset < BREAK_GLASS_MS_MAX &&
            own.isSecondInForce &&
            own.spent < BREAK_GLASS_SUBJECTS_MAX,
        );
      }),
    );
  });
});

test.each([
  [undefined, false, 'break-glass-code'],
  [undefined, true, 'break-glass-code'],
  [{ isBroken: false, awaitsReview: false }, false, 'break-glass-code'],
  [{ isBroken: false, awaitsReview: false }, true, undefined],
  [{ isBroken: true, awaitsReview: false }, true, 'break-glass-disabled'],
  [{ isBroken: false, awaitsReview: true }, true, 'break-glass-disabled'],
] as const)('a seal %j with its code %s: %s', (seal, isItsCode, rule) => {
  expect(sealObstacle(seal, isItsCode)).toBe(rule);
});

test('who approved five minutes ago is present no longer', () => {
  const decided = { by: 'P-2', at: OPENED };
  assertPresent(decided, after(OPENED, BREAK_GLASS_PRESENT_MS_MAX - 1));
  expect(() => assertPresent(decided, after(OPENED, BREAK_GLASS_PRESENT_MS_MAX))).toThrow(
    expect.objectContaining({ code: 'DUAL_CONTROL_REQUIRED', facts: { rule: 'stale' } }) as Error,
  );
});

describe('a review', () => {
  test.each([
    ['on Friday, before a holiday on Monday', '2026-11-20T01:00:00Z', '2026-11-25'],
    ['late on Thursday, which is Friday in Japan', '2026-11-19T15:00:00Z', '2026-11-25'],
    ['on a Sunday', '2026-11-22T03:00:00Z', '2026-11-25'],
    ['before the end of the year', '2026-12-28T01:00:00Z', '2027-01-05'],
  ])('of what was opened %s is due by %s', (_, openedAt, due) => {
    expect(reviewDueOn({ openedAt: at(openedAt) }, HOLIDAYS)).toBe(due);
  });

  test.each([
    ['2026-11-20T01:59:59.999Z', {}, 'open'],
    ['2026-11-20T02:00:00Z', {}, 'awaitsReview'],
    ['2026-11-25T14:59:59.999Z', {}, 'awaitsReview'],
    ['2026-11-25T15:00:00Z', {}, 'overdue'],
    ['2026-11-25T15:00:00Z', { review }, 'reviewed'],
  ] as const)('at %s with %j: %s', (now, own, state) => {
    expect(openingState(opening(own), at(now), HOLIDAYS)).toBe(state);
  });

  test.each([
    ['by two others after the hour', {}, ['P-3', 'P-4'], 60 * 60_000, 'may'],
    ['a second time', { review }, ['P-3', 'P-4'], 60 * 60_000, 'CONFLICT'],
    ['while it is open', {}, ['P-3', 'P-4'], 60 * 60_000 - 1, 'CONFLICT'],
    ['by who opened it', {}, ['P-1'], 60 * 60_000, 'DUAL_CONTROL_REQUIRED'],
    ['with who was present', {}, ['P-3', 'P-2'], 60 * 60_000, 'DUAL_CONTROL_REQUIRED'],
  ] as const)('%s', (_, own, people, ms, code) => {
    const outcome = () => {
      try {
        assertMayReview(opening(own), people, after(OPENED, ms));
        return 'may';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(outcome()).toBe(code);
  });
});

test('a code is long, typed in any form, and nobody else’s', () => {
  const code = newGlassCode();
  expect(code).toMatch(/^([A-Z2-7]{4}-){6}[A-Z2-7]{2}$/);
  expect(newGlassCode()).not.toBe(code);
  const digest = glassCodeDigest('BG-1', code);
  expect(digest).toMatch(/^sha256:[\w-]{43}$/);
  for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' ')])
    expect(isGlassCode(digest, 'BG-1', typed)).toBe(true);
  expect(isGlassCode(digest, 'BG-2', code)).toBe(false);
  expect(isGlassCode(digest, 'BG-1', newGlassCode())).toBe(false);
});

test.each([
  ['reveal', [], undefined],
  ['reveal', ['AP-0198c1e0-7c1f-4f6e-8a55-1f0e6a9d4c01'], 'AP-0198c1e0-7c1f-4f6e-8a55-1f0e6a9d4c01'],
  ['reveal', ['AP-1', 'AP-2'], 'unknown'],
  ['reveal', ['123456789018'], 'unknown'],
  ['hold', ['AP-0198c1e0-7c1f-4f6e-8a55-1f0e6a9d4c01'], undefined],
] as const)('%s with the approvals %j goes by %s', (op, approvals, opening_) => {
  expect(openingNamed({ op, approvals })).toBe(opening_);
});
