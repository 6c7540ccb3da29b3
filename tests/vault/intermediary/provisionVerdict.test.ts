import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/protocol/intermediary/answer.js';
import type { ProvisionEnvelope } from '../../../src/vault/intermediary/intermediary.js';
import { provisionVerdictOf } from '../../../src/vault/intermediary/provisionVerdict.js';

// Of an envelope the verdict reads kind and body.
const asked = (kind: string, body: unknown) => ({ kind, body }) as unknown as ProvisionEnvelope;
const registered = asked('copy.register', { copies: [{ recordId: 'C-1' }, { recordId: 'C-2' }] });
const deleted = asked('copy.delete', { recordIds: ['C-1'] });
const decided = asked('provision.decide', { provisionId: 'PV-1', decision: 'PROVIDE' });
const answer = (kind: string, said: Partial<Answer>) => ({ kind, status: 'DONE', ...said }) as Answer;
const copies = (...results: [string, string][]) => ({
  copies: results.map(([recordId, result]) => ({ recordId, result })),
});
const verdict = (of: ProvisionEnvelope, said: Partial<Answer>, kind: string = of.kind) => {
  const { state, reason } = provisionVerdictOf(of, answer(kind, said));
  return `${state} ${reason}`;
};

describe('an answer to what is given', () => {
  test('says of each copy what became of it', () => {
    const well = copies(['C-1', 'REGISTERED'], ['C-2', 'REGISTERED']);
    expect(verdict(registered, { body: well })).toBe('DONE OK');
    const partly = copies(['C-1', 'REGISTERED'], ['C-2', 'DUPLICATE_RECORD']);
    expect(
      provisionVerdictOf(registered, answer('copy.register', { status: 'PARTIAL', body: partly })),
    ).toEqual({
      state: 'DONE',
      reason: 'PARTIAL',
      ...partly,
    });
    expect(verdict(deleted, { body: copies(['C-1', 'DELETED']) })).toBe('DONE OK');
    expect(verdict(decided, { body: { provisionId: 'PV-1', decision: 'PROVIDE' } })).toBe('DONE PROVIDE');
  });

  test.each([
    ['speaks of other copies', registered, { body: copies(['C-1', 'REGISTERED']) }],
    ['has another form', deleted, { body: {} }],
    ['speaks of another decision', decided, { body: { provisionId: 'PV-1', decision: 'REFUSE' } }],
    ['speaks of another provision', decided, { body: { provisionId: 'PV-2', decision: 'PROVIDE' } }],
    ['has no form of a decision', decided, { body: {} }],
    [
      'is partly a decision',
      decided,
      { status: 'PARTIAL', body: { provisionId: 'PV-1', decision: 'PROVIDE' } },
    ],
    ['only accepts', registered, { status: 'ACCEPTED', body: {} }],
    ['refuses without a reason', registered, { status: 'REFUSED', body: {} }],
  ] as [string, ProvisionEnvelope, Partial<Answer>][])('stops the message when it %s', (_, of, said) => {
    expect(verdict(of, said)).toBe('FAILED SYSTEM_ERROR');
  });

  test.each([
    [{ status: 'RETRYABLE', reason: 'OUTAGE' }, 'RETRY_WAIT OUTAGE'],
    [{ status: 'INDETERMINATE' }, 'INDETERMINATE NO_ANSWER'],
    [{ status: 'REFUSED', reason: 'SENT_AT_OUT_OF_WINDOW' }, 'RETRY_WAIT NOT_RECEIVED'],
    [{ status: 'REFUSED', reason: 'STAFF_ENDED' }, 'REFUSED STAFF_ENDED'],
  ] as [Partial<Answer>, string][])('%o comes to %s', (said, expected) => {
    expect(verdict(registered, said)).toBe(expected);
  });

  test('to another kind of message stops it', () => {
    expect(verdict(registered, { body: {} }, 'inquiry')).toBe('FAILED SYSTEM_ERROR');
  });
});
