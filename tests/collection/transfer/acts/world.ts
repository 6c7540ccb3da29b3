import * as tables from '../../../../schema/records/index.js';
import { learnAcceptance, learnStatus } from '../../../../src/collection/transfer/follow.js';
import { freezeRound } from '../../../../src/collection/transfer/freeze.js';
import { chooseCandidates, issueNotices, proposeRound } from '../../../../src/collection/transfer/prepare.js';
import { submitRound } from '../../../../src/collection/transfer/submit.js';
import type { ResultRow } from '../../../../src/protocol/transfer/result.js';
import type { TestDatabase } from '../../../support/database.js';
import type { Records } from '../../../support/records.js';
import type { KeptVault } from '../keptVault.js';
import { approve, ROUND, type Jobs } from '../world.js';

export const ROUND_NO = '2026-01';

/** Whose limitation is complete on 2026-10-01, if nobody does anything: lines due 2021-06-30, reminded 2021-07-20. */
export async function oldDebtor(records: Records, lines: number, change: { name?: string } = {}) {
  const addresseeNo = await records.addressee(change);
  const levies: bigint[] = [];
  for (let at = 0; at < lines; at += 1) {
    const levyId = await records.levy(addresseeNo, { taxAmount: 40_000n, dueOn: '2021-06-30' });
    await records.row(tables.reminders, { levyId, sentOn: '2021-07-20' });
    levies.push(levyId);
  }
  return { addresseeNo, levies, ...(await records.case(addresseeNo, { openedOn: '2022-01-11' })) };
}

/** A round of everybody there, noticed on 2026-04-01, frozen on 2026-04-16, and accepted whole. */
export async function acceptedRound(
  db: TestDatabase,
  records: Records,
  jobs: Jobs,
  vault: KeptVault,
  caseNos: readonly string[],
): Promise<void> {
  jobs.day = '2026-04-01';
  await proposeRound(jobs.job, { ...ROUND, month: 4 });
  await approve(db, records, ROUND_NO);
  await chooseCandidates(jobs.job, ROUND_NO);
  await issueNotices(jobs.job, ROUND_NO);
  jobs.day = '2026-04-16';
  await freezeRound(jobs.job, ROUND_NO);
  await submitRound(jobs.job, vault, ROUND_NO);
  vault.reach('DELIVERED');
  await learnStatus(jobs.job, vault, ROUND_NO);
  vault.answers = caseNos.map((caseNo) => ({ caseNo, outcome: 'ACCEPTED' }));
  await learnAcceptance(jobs.job, vault, ROUND_NO);
  jobs.day = '2026-07-10';
}

export type DispositionRow = ResultRow['23_dispositions.csv'];

const NOTHING = { claims: null, assetKind: null, identification: null, thirdParty: null, receiptNo: null };

/** A seizure of a deposit for what the named lines owe. */
export function seized(caseNo: string, dispositionNo: string, claims: string, on: string): DispositionRow {
  const property = {
    assetKind: 'DEPOSIT',
    identification: '普通預金 7654321',
    thirdParty: '架空銀行',
  } as const;
  return { ...NOTHING, caseNo, dispositionNo, act: 'SEIZURE', on, claims, ...property };
}

/** Its end. */
export function ended(
  caseNo: string,
  dispositionNo: string,
  act: 'RELEASE' | 'CANCELLATION' | 'COMPLETION',
  on: string,
): DispositionRow {
  return { ...NOTHING, caseNo, dispositionNo, act, on };
}
