import { expect } from 'vitest';
import { INTERMEDIARY_BATCH_LINES_MAX } from '../../../../../src/kernel/limits.js';
import type { Envelope, InquiryBody } from '../../../../../src/protocol/intermediary/message.js';
import { reconcileFault } from '../../../../../src/protocol/intermediary/reconcile.js';
import { PEOPLE } from '../../../../../src/reference/intermediary/seedPeople.js';
import { TAX_INFORMATION } from '../../../../../src/reference/intermediary/seed.js';
import { accountLine, bodyOf, newRecordId, taxLine, type Linkage } from '../../support/linkage.js';
import { NOON } from '../../support/stand.js';
import { one, type Case } from '../case.js';

const ask = (linkage: Linkage, lines: readonly InquiryBody[]) =>
  linkage.ask('inquiry.batch', { lines: [...lines] });

async function resultsOf(linkage: Linkage, batchId: string) {
  const answer = await linkage.get(`/v1/batches/${batchId}/result`, batchId);
  return { answer, lines: bodyOf(answer, 'inquiry.batch').lines ?? [] };
}

const threeLines = () => [
  accountLine(),
  accountLine({ lineNo: 2, unifiedAddresseeNo: PEOPLE.accountNotRegistered }),
  accountLine({ lineNo: 3, unifiedAddresseeNo: PEOPLE.supersedes }),
];

/** What an adapter must not believe, although the server has signed it. */
const isSetAside = (no: number, title: string, fault: string, expected: string): Case =>
  one(no, title, async ({ municipality, stand }) => {
    const lines = threeLines();
    const { messageId } = await ask(municipality, lines);
    await stand.setFaults([{ fault }]);
    expect(reconcileFault(lines, (await resultsOf(municipality, messageId)).lines)).toBe(expected);
    expect(reconcileFault(lines, (await resultsOf(municipality, messageId)).lines)).toBeUndefined();
  });

/** 一括照会. */
export const BATCHES: readonly Case[] = [
  one(601, 'a batch is accepted, and its results are fetched', async ({ municipality }) => {
    const lines = threeLines();
    const accepted = await ask(municipality, lines);
    const { messageId } = accepted;
    expect(accepted).toMatchObject({ status: 'ACCEPTED', body: { batchId: messageId, count: 3 } });
    const { answer, lines: results } = await resultsOf(municipality, messageId);
    expect(answer.status).toBe('DONE');
    expect(results.map(({ outcome }) => outcome)).toEqual(['OK', 'NO_DATA', 'OK']);
    expect(reconcileFault(lines, results)).toBeUndefined();
  }),
  one(602, 'a partial batch says of each line what became of it', async ({ municipality }) => {
    const lines = [
      accountLine(),
      accountLine({ lineNo: 2, unifiedAddresseeNo: '000000000009602' }),
      taxLine({ lineNo: 3, procedureCode: TAX_INFORMATION.procedures.expired }),
      accountLine({ lineNo: 4, unifiedAddresseeNo: PEOPLE.provisionStopped }),
      taxLine({ lineNo: 5, unifiedAddresseeNo: PEOPLE.autoAnswerForbidden }),
    ];
    const { messageId } = await ask(municipality, lines);
    const { answer, lines: results } = await resultsOf(municipality, messageId);
    expect(answer.status).toBe('PARTIAL');
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'OK',
      'CODE_NOT_ACQUIRED',
      'NOT_PERMITTED',
      'PROVIDER_REFUSED',
      'MANUAL_PENDING',
    ]);
    expect(reconcileFault(lines, results)).toBeUndefined();
  }),
  one(603, 'a record number twice in a batch is used by the first line', async ({ municipality }) => {
    const line = accountLine();
    const { messageId } = await ask(municipality, [line, { ...line, lineNo: 2 }]);
    const { lines } = await resultsOf(municipality, messageId);
    expect(lines.map(({ outcome }) => outcome)).toEqual(['OK', 'DUPLICATE_RECORD']);
  }),
  one(604, 'a line number twice is a defect of form', async ({ municipality }) => {
    const answer = await ask(municipality, [accountLine(), accountLine()]);
    expect(answer).toMatchObject({ status: 'REFUSED', reason: 'FORMAT_ERROR' });
  }),
  one(
    605,
    `a batch has up to ${INTERMEDIARY_BATCH_LINES_MAX} lines, and not one more`,
    async ({ municipality }) => {
      const line = accountLine({ unifiedAddresseeNo: '000000000009605', itemCodes: ['KZ01'] });
      const stem = newRecordId();
      const lines = Array.from({ length: INTERMEDIARY_BATCH_LINES_MAX }, (_, at) => ({
        ...line,
        lineNo: at + 1,
        recordId: `${stem}-${at}`,
      }));
      const accepted = await ask(municipality, lines);
      expect(accepted).toMatchObject({ status: 'ACCEPTED' });
      const { lines: results } = await resultsOf(municipality, accepted.messageId);
      expect(reconcileFault(lines, results)).toBeUndefined();
      const more = [...lines, { ...line, lineNo: 1, recordId: `${stem}-more` }];
      const over = municipality.envelope('inquiry.batch', { lines: more }) as Envelope;
      expect(await municipality.send(over)).toMatchObject({ status: 'REFUSED', reason: 'FORMAT_ERROR' });
    },
  ),
  one(606, 'the state of a batch is told without its results', async ({ municipality }) => {
    const { messageId } = await ask(municipality, threeLines());
    const state = await municipality.get(`/v1/batches/${messageId}`, messageId);
    expect(state).toMatchObject({ status: 'DONE', body: { batchId: messageId, count: 3 } });
    expect(bodyOf(state, 'inquiry.batch').lines).toBeUndefined();
  }),
  one(607, 'the same batch again asks nothing a second time', async ({ municipality }) => {
    const envelope = municipality.envelope('inquiry.batch', { lines: threeLines() });
    await municipality.send(envelope);
    const first = await resultsOf(municipality, envelope.messageId);
    expect(await municipality.send(envelope)).toMatchObject({ status: 'ACCEPTED' });
    expect(await resultsOf(municipality, envelope.messageId)).toEqual(first);
  }),
  isSetAside(608, 'results without a line are set aside', 'missingLine', 'MISSING_LINE'),
  isSetAside(609, 'results with a line nobody asked are set aside', 'unknownLine', 'UNKNOWN_LINE'),
  isSetAside(610, 'results with a status nobody knows are set aside', 'unknownStatus', 'OUTCOME_DIFFERS'),
  one(611, 'results are kept for 30 days, and then gone for good', async ({ municipality, stand }) => {
    const envelope = municipality.envelope('inquiry.batch', { lines: threeLines() });
    const { messageId } = await municipality.send(envelope);
    await stand.setClock(NOON.add({ hours: 30 * 24 }).subtract({ seconds: 1 }));
    expect((await resultsOf(municipality, messageId)).answer.status).toBe('DONE');
    await stand.setClock(NOON.add({ hours: 30 * 24 }));
    const gone = { status: 'REFUSED', reason: 'RESULT_EXPIRED', body: {} };
    expect((await resultsOf(municipality, messageId)).answer).toMatchObject(gone);
    await stand.setClock(NOON);
    expect(await municipality.send(envelope)).toMatchObject(gone);
    const other = await municipality.ask('inquiry', accountLine(), { messageId });
    expect(other).toMatchObject({ reason: 'REPLAY_DETECTED' });
  }),
];
