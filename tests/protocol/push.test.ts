import { describe, expect, test } from 'vitest';
import { newUuidV7 } from '../../src/kernel/uuid.js';
import {
  isCancellable,
  isFinal,
  mayFollow,
  PUSH_STATES,
  pushBodyForm,
  pushChangeForm,
  pushChangesQueryForm,
} from '../../src/protocol/push.js';

const pushRequestId = newUuidV7(Date.parse('2026-11-22T03:41:50.123Z'));
const acquire = { pushRequestId, procedure: 'acquireCode', unifiedAddresseeNo: '000000000012345' };
const inquire = {
  ...acquire,
  procedure: 'inquireRefundAccount',
  refundId: 'RF-2026-000123',
  consentId: `CO-${pushRequestId}`,
  holderKana: 'ヤマダ　ハナコ',
};

describe('the body of a push', () => {
  test('is one of the two procedures', () => {
    expect(pushBodyForm.parse(acquire)).toEqual(acquire);
    expect(pushBodyForm.parse({ ...inquire, deadline: '2026-11-22T05:00:00Z' })).toMatchObject(inquire);
  });

  test.each([
    ['one member more', { ...acquire, individualNumber: '1' }],
    ['no consent', { ...inquire, consentId: undefined }],
    ['a consent where none belongs', { ...acquire, consentId: inquire.consentId }],
    ['a number of 14 digits', { ...acquire, unifiedAddresseeNo: '00000000001234' }],
    ['digits of full width', { ...acquire, unifiedAddresseeNo: '０００００００００００1234' }],
    ['a second spelling of its name', { ...acquire, pushRequestId: pushRequestId.toUpperCase() }],
    ['a name of another version', { ...acquire, pushRequestId: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }],
    ['a deadline of no calendar', { ...acquire, deadline: '2026-13-01T00:00:00Z' }],
    ['a deadline in another zone', { ...acquire, deadline: '2026-11-22T05:00:00+09:00' }],
    ['an unknown procedure', { ...acquire, procedure: 'registerCopies' }],
  ])('has not %s', (_what, body) => {
    expect(pushBodyForm.safeParse(body).success).toBe(false);
  });
});

describe('the states', () => {
  test('end in five of them', () => {
    expect(PUSH_STATES.filter(isFinal)).toEqual(['DONE', 'REFUSED', 'FAILED', 'CANCELLED', 'EXPIRED']);
  });

  test('let a push be cancelled while nothing of it can have had an effect', () => {
    expect(PUSH_STATES.filter(isCancellable)).toEqual(['ACCEPTED', 'RETRY_WAIT']);
  });

  test('never lead back to ACCEPTED, and never end what may have had an effect without asking', () => {
    expect(PUSH_STATES.filter((from) => mayFollow(from, 'ACCEPTED'))).toEqual([]);
    expect(mayFollow('INDETERMINATE', 'CANCELLED')).toBe(false);
    expect(mayFollow('INDETERMINATE', 'EXPIRED')).toBe(false);
    expect(mayFollow('SENDING', 'CANCELLED')).toBe(false);
  });
});

describe('changes', () => {
  test('carry codes and instants', () => {
    const change = {
      sequence: '17',
      pushRequestId,
      state: 'RETRY_WAIT',
      reason: 'OUTAGE',
      at: '2026-11-22T03:41:50.123Z',
      attempt: 2,
      nextAttemptAt: '2026-11-22T03:43:50.123Z',
    };
    expect(pushChangeForm.parse(change)).toEqual(change);
    expect(pushChangeForm.safeParse({ ...change, reason: 'somebody said so' }).success).toBe(false);
  });

  test.each([
    [{ after: '0', limit: '500' }, true],
    [{ after: '0', limit: '501' }, false],
    [{ after: '0', limit: '0' }, false],
    [{ after: '-1', limit: '5' }, false],
    [{ after: '0' }, false],
  ])('are asked for by %o: %s', (query, sound) => {
    expect(pushChangesQueryForm.safeParse(query).success).toBe(sound);
  });
});
