import { describe, expect, test } from 'vitest';
import { callerOf } from '../../../src/access/session/decision.js';
import type { SessionState } from '../../../src/access/session/state.store.js';
import { Temporal } from '../../../src/kernel/dates.js';

const instant = (text: string) => Temporal.Instant.from(text);
const ms = (text: string) => instant(text).epochMilliseconds;
const IDLE_MS = 15 * 60_000;

const state: SessionState = {
  sessionId: 'sid',
  actorId: 'S001',
  kind: 'staff',
  name: '試験 花子',
  terminal: 'T-1',
  clientApp: 'front',
  strength: 'password+totp',
  absoluteUntil: ms('2027-03-31T23:00:00Z'),
  lastSeenAt: ms('2027-03-31T14:50:00Z'),
  endedAt: undefined,
  accountState: 'active',
  accountFrom: '2020-04-01',
  accountTo: '2027-03-31',
  day: '2027-03-31',
  department: 'SHUNO',
  branchCode: undefined,
  roles: ['collectionClerk'],
  isBranchScoped: false,
  functions: new Set(['ledger:read'] as const),
  purposes: new Set(['COLLECTION', 'REFUND'] as const),
  stepUps: [{ purpose: 'REFUND', until: ms('2027-03-31T14:57:00Z') }],
};
const claim = { actorId: 'S001', terminal: 'T-1' };

function outcome(changed: Partial<SessionState>, at: string, claimed = claim): string {
  try {
    callerOf({ ...state, ...changed }, claimed, instant(at), IDLE_MS);
    return 'allowed';
  } catch (error) {
    const { code, rule } = error as { code: string; rule?: string };
    return rule ?? code;
  }
}

describe('who the caller is', () => {
  test('handbook 15 §6.2: employed to 2027-03-31 is allowed to 23:59:59.999 in Japan, refused from 24:00', () => {
    expect(outcome({}, '2027-03-31T14:59:59.999Z')).toBe('allowed');
    expect(outcome({}, '2027-03-31T15:00:00.000Z')).toBe('ACCOUNT_REVOKED');
  });

  test('employment begins at 00:00 in Japan of its first day', () => {
    const changed = { accountFrom: '2027-03-31', lastSeenAt: ms('2027-03-30T14:59:59Z') };
    expect(outcome(changed, '2027-03-30T14:59:59.999Z')).toBe('ACCOUNT_REVOKED');
    expect(outcome(changed, '2027-03-30T15:00:00Z')).toBe('allowed');
  });

  test.each([
    ['revoked', 'ACCOUNT_REVOKED'],
    ['suspended', 'ACCOUNT_REVOKED'],
    ['active', 'allowed'],
    ['pending', 'allowed'],
  ] as const)('an account that is %s: %s', (accountState, expected) => {
    expect(outcome({ accountState }, '2027-03-31T14:55:00Z')).toBe(expected);
  });

  test('a session is over after 15 minutes without a request, to the millisecond', () => {
    const changed = { lastSeenAt: ms('2027-03-31T14:40:00Z') };
    expect(outcome(changed, '2027-03-31T14:54:59.999Z')).toBe('allowed');
    expect(outcome(changed, '2027-03-31T14:55:00.000Z')).toBe('sessionIdle');
  });

  test('a session is over at its absolute end, exclusive', () => {
    const changed = { absoluteUntil: ms('2027-03-31T14:55:00Z') };
    expect(outcome(changed, '2027-03-31T14:54:59.999Z')).toBe('allowed');
    expect(outcome(changed, '2027-03-31T14:55:00Z')).toBe('sessionOver');
  });

  test('an ended session, another actor, another terminal are refused', () => {
    const at = '2027-03-31T14:55:00Z';
    expect(outcome({ endedAt: ms(at) }, at)).toBe('sessionEnded');
    expect(outcome({}, at, { ...claim, actorId: 'S002' })).toBe('claims');
    expect(outcome({}, at, { ...claim, terminal: 'T-2' })).toBe('binding');
    expect(outcome({}, at, { ...claim, terminal: '' })).toBe('binding');
    expect(outcome({ terminal: '' }, at, { ...claim, terminal: 'T-2' })).toBe('allowed');
  });

  test('a withdrawn account is told so even when its session was ended with it', () => {
    expect(outcome({ accountState: 'revoked', endedAt: 1 }, '2027-03-31T14:55:00Z')).toBe('ACCOUNT_REVOKED');
  });

  test('a step-up holds for its purpose to its end, exclusive', () => {
    const at = (text: string) => [...callerOf(state, claim, instant(text), IDLE_MS).steppedUp];
    expect(at('2027-03-31T14:56:59.999Z')).toEqual(['REFUND']);
    expect(at('2027-03-31T14:57:00Z')).toEqual([]);
  });

  test('only roles that are all of a branch limit to it; a branch role without a branch reaches nobody', () => {
    const branch = (changed: Partial<SessionState>) =>
      callerOf({ ...state, ...changed }, claim, instant('2027-03-31T14:55:00Z'), IDLE_MS).branchCode;
    expect(branch({ branchCode: '01' })).toBeUndefined();
    expect(branch({ branchCode: '01', isBranchScoped: true })).toBe('01');
    expect(branch({ isBranchScoped: true })).toBe('');
  });
});
