import { newTerminalKey, signAssertion } from '../../src/client/index.js';
import type { JsonObject } from '../../src/client/json.js';
import { readSignedPush } from '../../src/collection/push/signed.js';
import { insertPush } from '../../src/collection/push/push.store.js';
import { newUuidV7 } from '../../src/kernel/uuid.js';
import type { VaultOperation } from '../../src/kernel/vaultOperations.js';
import { Records } from './records.js';
import type { TestDatabase } from './database.js';

export const UNIFIED = '000000000012345';
const key = await newTerminalKey();
let references = 0;

/** A reference of the vault that no other person has. */
export function newRef(): string {
  references += 1;
  return `vr_${String(references).padStart(26, '0')}`;
}

/** What a program asks the vault to acquire the code (符号) of somebody. */
export function acquireCodeBody(change: JsonObject = {}): JsonObject {
  return {
    pushRequestId: newUuidV7(Date.now()),
    procedure: 'acquireCode',
    unifiedAddresseeNo: UNIFIED,
    ...change,
  };
}

/** What a program asks the vault to inquire the account for a refund. */
export function inquiryBody(refundId: bigint, change: JsonObject = {}): JsonObject {
  return {
    ...acquireCodeBody(),
    procedure: 'inquireRefundAccount',
    refundId: String(refundId),
    consentId: `CO-${crypto.randomUUID()}`,
    holderKana: 'クラモリ　タロウ',
    ...change,
  };
}

/** An operation as a terminal signs it, in the form in which it comes to the gateway. */
export async function signedOperation(
  op: VaultOperation,
  ref: string | undefined,
  body: JsonObject,
  now: () => number = Date.now,
  personId = 'P-1029',
): Promise<{ assertion: string; body: string }> {
  const details = {
    credentialId: 'CR-1',
    terminalId: 'T-01',
    personId,
    municipality: '992011',
    purpose: 'REFUND',
    basis: 'NUMBER-ACT-9-1-24',
    caseId: 'C-2026-0001',
    now,
    op,
    ...(ref === undefined ? {} : { ref }),
  };
  const signed = await signAssertion(key, details, body);
  return { assertion: signed.assertion, body: JSON.stringify(signed.body) };
}

/** A push in the outbox of a database, as the gateway leaves it there. */
export interface AskedPush {
  readonly pushRequestId: string;
  readonly addresseeNo: string;
  readonly requestId: string;
}

/** Asks for the code of somebody new, as the gateway does. @param now epoch milliseconds at which it is signed */
export async function askPush(db: TestDatabase, now = Date.now()): Promise<AskedPush> {
  const records = new Records(db.owner);
  const ref = newRef();
  const addresseeNo = await records.addressee({ addresseeNo: `P${ref.slice(-9)}`, vaultRef: ref });
  const { assertion, body } = await signedOperation('push', ref, acquireCodeBody(), () => now);
  const changeId = await records.newChange('acquireCode', 'N1601');
  const signed = readSignedPush(assertion, body, now);
  const { pushRequestId } = signed.body;
  const push = {
    pushRequestId,
    procedure: 'acquireCode',
    addresseeNo,
    refundId: null,
    consentId: null,
  } as const;
  const at = new Date(now).toISOString();
  await db.gateway.transaction('test.push', (tx) =>
    insertPush(tx, push, { signed, assertion, body, changeId, at }),
  );
  const [change] = await db.owner.run(
    'test.change',
    ({ raw }) => raw<{ request_id: string }[]>`
    select request_id from records.change where id = ${String(changeId)}::bigint`,
  );
  return { pushRequestId, addresseeNo, requestId: change?.request_id ?? '' };
}

/** The states of a push, oldest first. */
export async function statesOf(db: TestDatabase, pushRequestId: string): Promise<string[]> {
  const rows = await db.owner.run(
    'test.states',
    ({ raw }) => raw<{ state: string }[]>`
    select state from records.push_state where push_request_id = ${pushRequestId}::uuid order by recorded_at, id`,
  );
  return rows.map(({ state }) => state);
}

/** Where a push stands. */
export async function standingOf(db: TestDatabase, pushRequestId: string) {
  const [row] = await db.owner.run(
    'test.standing',
    ({ raw }) => raw<{ state: string; reason: string | null; attempt: number | null }[]>`
    select state, reason, attempt from records.push_standing where push_request_id = ${pushRequestId}::uuid`,
  );
  return row;
}

/** Why a push was cancelled, in the words of whoever did it. */
export async function cancelReasonOf(db: TestDatabase, pushRequestId: string): Promise<string | null> {
  const [row] = await db.owner.run(
    'test.cancelReason',
    ({ raw }) => raw<{ reason: string | null }[]>`
    select cancel_reason as reason from records.push_standing where push_request_id = ${pushRequestId}::uuid`,
  );
  return row?.reason ?? null;
}

/** How many pushes lie signed in the outbox. */
export async function waiting(db: TestDatabase): Promise<number> {
  const [row] = await db.owner.run(
    'test.outbox',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from records.push_outbox`,
  );
  return Number(row?.n);
}

/** What the log says of pushes, one line for each entry of a request, in order. */
export async function loggedOf(db: TestDatabase, requestId: string): Promise<string[]> {
  const rows = await db.owner.run(
    'test.logged',
    ({ raw }) => raw<{ line: string }[]>`
    select concat_ws(' ', kind, actor_id, coordinate, decision, reason) as line from audit.entry
    where context ->> 'requestId' = ${requestId} order by sequence`,
  );
  return rows.map(({ line }) => line);
}
