import { describe, expect, test } from 'vitest';
import type { Answer, InquiryResult } from '../../../src/protocol/intermediary/answer.js';
import type { BatchEnvelope } from '../../../src/vault/intermediary/intermediary.js';
import { batchResultOf, batchStandingOf, hasResults } from '../../../src/vault/intermediary/batchVerdict.js';

const BATCH = '01993b2a-7c00-7000-8000-000000000001';
const NAME = 'TM00000000000172';
const line = (lineNo: number) => ({ lineNo, recordId: `R-${lineNo}`, informationNameCode: NAME });
// Of an envelope the verdict reads the name of the message and its lines.
const asked = {
  kind: 'inquiry.batch',
  messageId: BATCH,
  body: { lines: [line(1), line(2)] },
} as unknown as BatchEnvelope;

const result = (lineNo: number, said: Partial<InquiryResult> = {}): InquiryResult => ({
  lineNo,
  recordId: `R-${lineNo}`,
  lineStatus: '09',
  lineMessage: '正常終了',
  names: [{ informationNameCode: NAME, status: '01', message: '正常', items: { KZ01: '0999' } }],
  outcome: 'OK',
  ...said,
});
const answer = (said: Partial<Answer> = {}): Answer =>
  ({
    kind: 'inquiry.batch',
    status: 'DONE',
    body: { batchId: BATCH, count: 2, lines: [result(1), result(2)] },
    ...said,
  }) as Answer;

describe('how far a batch is', () => {
  test.each([
    ['ACCEPTED', 'PENDING WAITING'],
    ['PENDING', 'PENDING WAITING'],
    ['RETRYABLE', 'RETRY_WAIT OUTAGE'],
    ['INDETERMINATE', 'INDETERMINATE NO_ANSWER'],
    ['REFUSED', 'ANSWERED OK'],
    ['DONE', 'PENDING WAITING'],
    ['PARTIAL', 'PENDING WAITING'],
  ] as const)('%s, when it was sent, is %s', (status, expected) => {
    const { state, reason } = batchStandingOf(answer({ status }), { isKnown: false, withResults: false });
    expect(`${state} ${reason}`).toBe(expected);
  });

  test('an outage of a batch that is known has lost nothing: it waits', () => {
    const standing = batchStandingOf(answer({ status: 'RETRYABLE' }), { isKnown: true, withResults: false });
    expect(standing).toEqual({ state: 'PENDING', reason: 'WAITING' });
  });

  test.each(['DONE', 'PARTIAL'] as const)('%s, with its results asked for, is an end', (status) => {
    const standing = batchStandingOf(answer({ status }), { isKnown: true, withResults: true });
    expect(standing).toEqual({ state: 'ANSWERED', reason: 'OK' });
  });

  test('a refusal of its time alone lets it be sent again', () => {
    const refused = answer({ status: 'REFUSED', reason: 'SENT_AT_OUT_OF_WINDOW' });
    expect(batchStandingOf(refused, { isKnown: false, withResults: false })).toEqual({
      state: 'RETRY_WAIT',
      reason: 'NOT_RECEIVED',
    });
  });

  test('an answer to another kind of message is an end, and not a good one', () => {
    const other = answer({ kind: 'inquiry' });
    expect(batchStandingOf(other, { isKnown: true, withResults: true }).state).toBe('ANSWERED');
    expect(hasResults(other)).toBe(false);
    expect(batchResultOf(asked, other).whole).toEqual({ state: 'FAILED', reason: 'SYSTEM_ERROR' });
  });
});

describe('results of a batch', () => {
  test('are read line by line, whatever their order', () => {
    const nothing = { names: [{ informationNameCode: NAME, status: '02', message: 'なし', items: {} }] };
    const lines = [result(2, { ...nothing, outcome: 'NO_DATA' }), result(1)];
    const { fault, of } = batchResultOf(asked, answer({ body: { batchId: BATCH, count: 2, lines } }));
    expect(fault).toBeUndefined();
    expect(of(1)).toMatchObject({ state: 'DONE', reason: 'OK', result: result(1) });
    expect(of(2)).toMatchObject({ state: 'DONE', reason: 'NO_DATA' });
  });

  test('of a line nobody asked are none', () => {
    expect(batchResultOf(asked, answer()).of(3)).toEqual({ state: 'FAILED', reason: 'SYSTEM_ERROR' });
  });

  test.each([
    ['MISSING_LINE', { batchId: BATCH, count: 2, lines: [result(1)] }],
    ['MISSING_LINE', { batchId: BATCH, count: 2 }],
    ['UNKNOWN_LINE', { batchId: BATCH, count: 2, lines: [result(1), result(2), result(3)] }],
    ['WRONG_LINE', { batchId: BATCH, count: 3, lines: [result(1), result(2)] }],
    ['WRONG_LINE', { batchId: BATCH.replace(/1$/, '2'), count: 2, lines: [result(1), result(2)] }],
    ['OUTCOME_DIFFERS', { batchId: BATCH, count: 2, lines: [result(1), result(2, { lineStatus: '00' })] }],
  ] as const)('are set aside whole for %s', (fault, body) => {
    const read = batchResultOf(asked, answer({ body: body as unknown as Answer['body'] }));
    expect(read.fault).toBe(fault);
    for (const lineNo of [1, 2]) expect(read.of(lineNo)).toEqual({ state: 'FAILED', reason: 'QUARANTINED' });
  });

  test('that have not their form stop the whole batch', () => {
    const read = batchResultOf(asked, answer({ body: { batchId: BATCH, lines: 'all well' } }));
    expect(read.whole).toEqual({ state: 'FAILED', reason: 'SYSTEM_ERROR' });
  });

  test('of a batch that was refused are its refusal, on each line', () => {
    const read = batchResultOf(asked, answer({ status: 'REFUSED', reason: 'STAFF_ENDED', body: {} }));
    expect(read.of(1)).toEqual({ state: 'REFUSED', reason: 'NOT_PERMITTED' });
  });
});
