import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import { REASONS, type Answer, type Reason } from '../../../src/protocol/intermediary/answer.js';
import { MESSAGE_STATUSES } from '../../../src/protocol/intermediary/status.js';
import { composeEnvelope, composeQuestion } from '../../../src/vault/intermediary/compose.js';
import { verdictOf } from '../../../src/vault/intermediary/verdict.js';
import { ACCOUNT_ITEMS } from '../push/support/peer.js';

const { privateKey } = generateKeyPairSync('ed25519');
const messageId = '01938d2c-0000-7000-8000-00000000000a';
const at = Temporal.Instant.from('2026-11-22T03:00:00Z');
const sender = { sender: { bodyCode: '0220000000992011', systemId: 'kuramori' }, layoutVersion: '2026-07' };
const by = { messageId, personId: 'P-1', unit: 'nozei', assertedAt: at, purpose: 'REFUND', basis: 'B-1' };
const unifiedAddresseeNo = '000000000012345';
const asked = { pushRequestId: messageId, unifiedAddresseeNo };
const inquiry = composeEnvelope(
  sender,
  by,
  {
    ...asked,
    procedure: 'inquireRefundAccount',
    refundId: 'RF-1',
    consentId: `CO-${messageId}`,
    holderKana: 'ヤマダ',
  },
  at,
  privateKey,
);
const acquisition = composeEnvelope(sender, by, { ...asked, procedure: 'acquireCode' }, at, privateKey);

const answer = (change: Partial<Answer>): Answer =>
  ({ messageId, kind: 'inquiry', status: 'DONE', body: {}, ...change }) as Answer;
const result = (line: string, name: string | undefined, outcome: string, items = {}) => {
  if (inquiry.kind !== 'inquiry') throw new Error('no inquiry');
  const { informationNameCode, recordId } = inquiry.body;
  const names = name === undefined ? [] : [{ informationNameCode, status: name, message: 'm', items }];
  return { lineNo: 1, recordId, lineStatus: line, lineMessage: 'm', names, outcome };
};
const states = (change: Partial<Answer>, of = inquiry) => {
  const { state, reason } = verdictOf(of, answer(change));
  return `${state} ${reason}`;
};

describe('an answer to an inquiry', () => {
  test.each([
    ['09', '01', 'OK', ACCOUNT_ITEMS, 'DONE OK'],
    ['09', '02', 'NO_DATA', {}, 'DONE NO_DATA'],
    ['09', '01', 'NO_DATA', {}, 'DONE NO_DATA'],
    ['09', '03', 'NOT_PERMITTED', {}, 'REFUSED NOT_PERMITTED'],
    ['09', '04', 'MANUAL_PENDING', {}, 'PENDING MANUAL_PENDING'],
    ['09', '05', 'PROVIDER_REFUSED', {}, 'REFUSED PROVIDER_REFUSED'],
    ['21', undefined, 'CODE_NOT_ACQUIRED', {}, 'REFUSED CODE_NOT_ACQUIRED'],
    ['31', undefined, 'DUPLICATE_RECORD', {}, 'FAILED DUPLICATE_RECORD'],
    ['41', undefined, 'FORMAT_ERROR', {}, 'FAILED FORMAT_ERROR'],
    ['77', undefined, 'SYSTEM_ERROR', {}, 'FAILED SYSTEM_ERROR'],
    // What it says and what its statuses come to are two things.
    ['77', undefined, 'OK', {}, 'FAILED SYSTEM_ERROR'],
    ['09', '02', 'OK', {}, 'FAILED SYSTEM_ERROR'],
    ['09', '01', 'OK', { XX99: 'not asked for' }, 'FAILED SYSTEM_ERROR'],
  ])('with the statuses %s and %s that says %s is taken so', (line, name, outcome, items, expected) => {
    expect(states({ body: result(line, name, outcome, items) })).toBe(expected);
  });

  test('about another record stops the push', () => {
    expect(states({ body: { ...result('09', '01', 'OK', ACCOUNT_ITEMS), recordId: 'R-2' } })).toBe(
      'FAILED SYSTEM_ERROR',
    );
  });

  test('of another kind, or without its form, stops the push', () => {
    expect(states({ kind: 'query' })).toBe('FAILED SYSTEM_ERROR');
    expect(states({ body: { lineNo: 1 } })).toBe('FAILED SYSTEM_ERROR');
  });

  test('that waits is waited for, with or without its line', () => {
    expect(states({ status: 'PENDING' })).toBe('PENDING MANUAL_PENDING');
    const body = result('09', '04', 'MANUAL_PENDING');
    expect(verdictOf(inquiry, answer({ status: 'PENDING', body })).result?.lineStatus).toBe('09');
  });
});

describe('an answer to an acquisition', () => {
  const body = (state: string) => ({ kind: 'code.acquire', body: { acquisitionNo: 'A-1', state } }) as const;

  test.each([
    ['ACQUIRED', 'DONE OK'],
    ['REQUESTED', 'PENDING WAITING'],
    ['LOST', 'FAILED SYSTEM_ERROR'],
  ])('that says %s is taken so', (state, expected) => {
    expect(states(body(state), acquisition)).toBe(expected);
  });

  test('that is only accepted is waited for', () => {
    expect(states({ kind: 'code.acquire', status: 'ACCEPTED' }, acquisition)).toBe('PENDING WAITING');
  });
});

describe('an answer to the question whether a code was acquired', () => {
  const question = composeQuestion(sender, by, asked, at, privateKey);
  const said = (state: string) => ({ kind: 'query', body: { ask: 'codeStatus', state } }) as const;

  test.each([
    ['ACQUIRED', 'DONE OK'],
    ['REQUESTED', 'PENDING WAITING'],
    ['ENDED', 'REFUSED CODE_NOT_ACQUIRED'],
    ['NOT_REQUESTED', 'FAILED UNRESOLVED'],
    ['LOST', 'PENDING WAITING'],
  ])('that says %s is taken so', (state, expected) => {
    expect(states(said(state), question)).toBe(expected);
  });

  test('decides nothing when it is refused, or about another question', () => {
    expect(states({ ...said('ACQUIRED'), status: 'REFUSED' }, question)).toBe('PENDING WAITING');
    expect(states({ kind: 'query', body: { ask: 'message', state: 'DONE' } }, question)).toBe(
      'PENDING WAITING',
    );
  });

  test('is asked under a name of its own', () => {
    expect(question.messageId).not.toBe(messageId);
  });
});

describe('a refusal of the whole message', () => {
  const EXPECTED: Partial<Record<Reason, string>> = {
    INQUIRY_NOT_PERMITTED: 'REFUSED NOT_PERMITTED',
    CONSENT_REQUIRED: 'REFUSED NOT_PERMITTED',
    STAFF_UNKNOWN: 'REFUSED NOT_PERMITTED',
    STAFF_ENDED: 'REFUSED NOT_PERMITTED',
    STAFF_WITHOUT_RIGHT: 'REFUSED NOT_PERMITTED',
    STEP_UP_REQUIRED: 'REFUSED NOT_PERMITTED',
    CODE_NOT_ACQUIRED: 'REFUSED CODE_NOT_ACQUIRED',
    DUPLICATE_RECORD: 'FAILED DUPLICATE_RECORD',
    FORMAT_ERROR: 'FAILED FORMAT_ERROR',
    LAYOUT_UNKNOWN: 'FAILED FORMAT_ERROR',
    RESULT_EXPIRED: 'FAILED UNRESOLVED',
    SENT_AT_OUT_OF_WINDOW: 'RETRY_WAIT NOT_RECEIVED',
  };

  test.each([...REASONS])('for %s ends the push or stops it', (reason) => {
    expect(states({ status: 'REFUSED', reason })).toBe(EXPECTED[reason] ?? 'FAILED SYSTEM_ERROR');
  });

  test('without a reason stops the push', () => {
    expect(states({ status: 'REFUSED' })).toBe('FAILED SYSTEM_ERROR');
  });
});

test('no status is taken for well by default', () => {
  const done = MESSAGE_STATUSES.filter((status) => states({ status }).startsWith('DONE'));
  expect(done).toEqual([]);
  expect(states({ status: 'RETRYABLE', reason: 'OUTAGE' })).toBe('RETRY_WAIT OUTAGE');
  expect(states({ status: 'INDETERMINATE' })).toBe('INDETERMINATE NO_ANSWER');
});

test('no message holds what could be an individual number', () => {
  for (const envelope of [inquiry, acquisition]) {
    const values = JSON.stringify(envelope.body);
    expect(values).not.toMatch(/(?<!\d)\d{12}(?!\d)/);
  }
});
