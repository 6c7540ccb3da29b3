import { existsSync } from 'node:fs';
import { mkdir, rm, readdir } from 'node:fs/promises';
import { KuramoriError } from '../../kernel/errors.js';
import { ORGANIZATION_DELTAS_MAX } from '../../kernel/limits.js';
import { replaceDurably } from '../../protocol/transfer/container/disk.js';
import { PACKAGE_FILES } from '../../protocol/transfer/container/packageFiles.js';
import { ERASURE_REQUEST, PAYMENT_DELTA, type PaymentDelta } from '../../protocol/transfer/deltas.js';
import { openMessage, signMessage } from '../../protocol/transfer/message.js';
import { ACCEPTANCE, ERASURE, type CaseOutcome } from '../../protocol/transfer/receipts.js';
import { senderKeys } from './announced.js';
import type { Organization } from './organization.js';
import { RECORDS } from './place.js';
import type { Plan } from './plan.js';
import { takenOuter, takenRecord, takenRows } from './taken.js';

/** Deltas of a package lie in order: `deltas/000001.jws`. */
const DELTAS = 'deltas';
const deltaName = (deltaNo: number) => `${String(deltaNo).padStart(6, '0')}.jws`;

/**
 * Decides on every case once and for ever (引受).
 * @returns the ACCEPTANCE receipt; nothing while the plan withholds it
 * @throws KuramoriError NOT_FOUND
 */
export async function acceptance(organization: Organization, id: string): Promise<string | undefined> {
  const outer = takenOuter(organization, id);
  return await organization.turn(async () => {
    const decided = takenRecord(organization, id, RECORDS.acceptance);
    const plan = organization.plan();
    if (decided !== undefined || plan.withhold) return decided;
    const cases: CaseOutcome[] = [];
    for await (const { caseNo } of takenRows(organization, id, '01_taxpayer.csv'))
      cases.push(outcome(caseNo, plan));
    const receipt = {
      packageId: id,
      ciphertextSha256: plan.wrongDigest ? '0'.repeat(64) : outer.ciphertext.sha256,
      organization: organization.body,
      cases: withFaults(cases, plan),
      decidedAt: organization.now(),
    };
    const jws = await signMessage(ACCEPTANCE, receipt, organization.keys.signer);
    await replaceDurably(organization.place.taken(id, RECORDS.acceptance), Buffer.from(jws));
    return jws;
  });
}

function outcome(caseNo: string, { reject }: Plan): CaseOutcome {
  const reason = reject[caseNo];
  return reason === undefined ? { caseNo, outcome: 'ACCEPTED' } : { caseNo, outcome: 'REJECTED', reason };
}

function withFaults(cases: readonly CaseOutcome[], { leaveOut, unknownCase }: Plan): CaseOutcome[] {
  const kept = cases.filter(({ caseNo }) => caseNo !== leaveOut);
  return unknownCase === null ? kept : [...kept, { caseNo: unknownCase, outcome: 'ACCEPTED' }];
}

/**
 * Takes a payment delta (入金連絡); the same one again changes nothing.
 * @throws KuramoriError INTEGRITY_FAILURE, NOT_FOUND, BAD_INPUT when it is of another package, CONFLICT when its number
 *   is not the next
 */
export async function takeDelta(organization: Organization, id: string, jws: string): Promise<PaymentDelta> {
  const { sender } = takenOuter(organization, id);
  const delta = openMessage(PAYMENT_DELTA, jws, senderKeys(organization, sender.bodyCode));
  if (delta.packageId !== id) throw new KuramoriError('BAD_INPUT', 'The delta is of another package.');
  const folder = organization.place.taken(id, DELTAS);
  await organization.turn(async () => {
    if (takenRecord(organization, id, DELTAS, deltaName(delta.deltaNo)) === jws) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const awaited = (await readdir(folder)).filter((name) => name.endsWith('.jws')).length + 1;
    if (delta.deltaNo !== awaited || awaited > ORGANIZATION_DELTAS_MAX)
      throw new KuramoriError('CONFLICT', `Delta ${awaited} of the package is the one that is awaited.`, {
        awaited,
      });
    await replaceDurably(organization.place.taken(id, DELTAS, deltaName(awaited)), Buffer.from(jws));
  });
  return delta;
}

/** All deltas of a package, in order. */
export async function takenDeltas(organization: Organization, id: string): Promise<PaymentDelta[]> {
  const { sender } = takenOuter(organization, id);
  const folder = organization.place.taken(id, DELTAS);
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jws')).toSorted();
  const keys = senderKeys(organization, sender.bodyCode);
  return names.map((name) => openMessage(PAYMENT_DELTA, takenRecord(organization, id, DELTAS, name)!, keys));
}

/**
 * Erases the data of a package on request (消去依頼): ciphertext, files, results' rows. Receipts and the outer record stay.
 * @returns the report; the same one when they were erased before; nothing while the plan withholds it
 * @throws KuramoriError INTEGRITY_FAILURE, NOT_FOUND, BAD_INPUT when the request is for another package
 */
export async function erase(
  organization: Organization,
  id: string,
  jws: string,
): Promise<string | undefined> {
  const { sender, ciphertext } = takenOuter(organization, id);
  const request = openMessage(ERASURE_REQUEST, jws, senderKeys(organization, sender.bodyCode));
  if (request.packageId !== id) throw new KuramoriError('BAD_INPUT', 'The request is for another package.');
  return await organization.turn(async () => {
    const before = takenRecord(organization, id, RECORDS.erasure);
    if (before !== undefined || organization.plan().withhold) return before;
    let cases = 0;
    for await (const row of takenRows(organization, id, '01_taxpayer.csv'))
      cases += row.caseNo === '' ? 0 : 1;
    await rm(organization.place.opened(id), { recursive: true, force: true });
    await rm(organization.place.taken(id, PACKAGE_FILES.ciphertext), { force: true });
    await rm(organization.place.taken(id, 'results'), { recursive: true, force: true });
    const report = {
      packageId: id,
      ciphertextSha256: ciphertext.sha256,
      organization: organization.body,
      cases,
      erasedAt: organization.now(),
      method: 'deletion of the files and of the ciphertext',
    };
    const signed = await signMessage(ERASURE, report, organization.keys.signer);
    await replaceDurably(organization.place.taken(id, RECORDS.erasure), Buffer.from(signed));
    return signed;
  });
}
