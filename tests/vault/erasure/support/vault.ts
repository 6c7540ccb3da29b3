import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, exportJWK, type JWK } from 'jose';
import { openAuditLog } from '../../../../src/audit/log.js';
import type { Database } from '../../../../src/kernel/database/database.js';
import { sealRecord } from '../../../../src/vault/cipher/envelope.js';
import { ERASURE_CERTIFICATE_TYPE } from '../../../../src/vault/erasure/certificate.js';
import type { Certifier, ErasureContext } from '../../../../src/vault/erasure/context.js';
import { executeErasure } from '../../../../src/vault/erasure/execute.js';
import { ErasureJournal } from '../../../../src/vault/erasure/journal.js';
import type { ErasureOrder } from '../../../../src/vault/erasure/order.js';
import { requestErasure } from '../../../../src/vault/erasure/request.js';
import { newVaultRef, type VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { approvedBy, by, inTx, MORNING } from '../../approval/support/people.js';
import { afterwards } from '../../../support/afterwards.js';

export const MUNICIPALITY = '242039';
const KEK = { keyId: 'subject-1', kekVersion: 1, key: randomBytes(32) };

/** What of a number must be nowhere after its erasure. */
export interface Traces {
  readonly ref: VaultRef;
  readonly shredKey: Buffer;
  readonly ciphertext: Buffer;
  readonly wrappedDek: Buffer;
  readonly index: Buffer;
}

export interface Registered {
  readonly retentionEndsOn?: string;
  readonly state?: 'active' | 'superseded';
}

/** Registers an invented number, really encrypted. */
export async function registerNumber(
  databases: { readonly vault: Database; readonly shred: Database },
  { retentionEndsOn, state = 'active' }: Registered = {},
): Promise<Traces> {
  const ref = newVaultRef();
  const shredKey = randomBytes(32);
  const place = { municipality: MUNICIPALITY, vaultRef: ref, field: 'number', recordVersion: 1 };
  const sealed = sealRecord(Buffer.from('123456789018', 'ascii'), place, KEK, shredKey);
  const index = createHash('sha256').update(ref).digest().subarray(0, 16);
  await databases.shred.run(
    'test.shredKey',
    ({ raw }) => raw`insert into shred.key (vault_ref, value) values (${ref}, ${shredKey})`,
  );
  await databases.vault.run(
    'test.number',
    ({ raw }) => raw`
    insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce,
      ciphertext, unified_addressee_no, registered_at, retention_ends_on)
    values (${ref}, ${state}, 1, ${sealed.keyId}, ${sealed.kekVersion}, ${Buffer.from(sealed.wrapNonce)},
      ${Buffer.from(sealed.wrappedDek)}, ${Buffer.from(sealed.nonce)}, ${Buffer.from(sealed.ciphertext)},
      '000000000012345', ${MORNING.toString()}, ${retentionEndsOn ?? null})`,
  );
  await databases.vault.run(
    'test.index',
    ({ raw }) => raw`insert into vault.number_index (version, value, vault_ref) values (1, ${index}, ${ref})`,
  );
  return {
    ref,
    shredKey,
    index,
    ciphertext: Buffer.from(sealed.ciphertext),
    wrappedDek: Buffer.from(sealed.wrappedDek),
  };
}

/** A certificate key, as the key ring will give it. */
export async function newCertifier(kid = 'certificate-1'): Promise<Certifier> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid };
  return {
    publicJwk,
    sign: (claims) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: ERASURE_CERTIFICATE_TYPE, kid })
        .sign(privateKey),
  };
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-erasure-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A vault as far as erasures need one, with an empty journal. */
export async function erasureContext(
  databases: { readonly vault: Database; readonly shred: Database },
  journalFile: string,
): Promise<ErasureContext & { readonly close: () => Promise<void> }> {
  await ErasureJournal.create(journalFile, MUNICIPALITY);
  const journal = await ErasureJournal.open(journalFile, MUNICIPALITY);
  return {
    database: databases.vault,
    shred: databases.shred,
    audit: openAuditLog(databases.vault),
    clock: { now: () => MORNING.add({ minutes: 10 }) },
    municipality: MUNICIPALITY,
    journal,
    close: () => journal.close(),
    certifier: await newCertifier(),
    openWork: () => Promise.resolve(new Set()),
    shredBackupDays: 35,
  };
}

/** An order of the invented municipality. */
export function orderOf(refs: readonly VaultRef[], changes: Partial<ErasureOrder> = {}): ErasureOrder {
  return {
    refs,
    fileName: '収滞納管理ファイル',
    basis: '番号法第20条',
    purpose: 'DELINQUENCY',
    reason: '事務の終了による',
    ...changes,
  };
}

/** P-1 asks, P-2 approves. */
export async function approvedOrder(context: ErasureContext, order: ErasureOrder): Promise<string> {
  const approvalId = await inTx(context.database, (tx) =>
    requestErasure(tx, context.openWork, order, by('P-1')),
  );
  await approvedBy(context.database, approvalId, 'P-2', 5);
  return approvalId;
}

/** Erases as P-1 asked and P-2 approved. */
export async function erase(context: ErasureContext, refs: readonly VaultRef[]) {
  const order = orderOf(refs);
  const approvalId = await approvedOrder(context, order);
  return executeErasure(context, { order, approvalId, executedBy: 'P-1', intentEntry: 7n });
}

/** What of the traces is in any row of any table of a database: names of the tables. */
export async function tablesWith(database: Database, traces: Traces): Promise<readonly string[]> {
  const tables = await database.run(
    'test.tables',
    ({ raw }) => raw<{ name: string }[]>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('vault', 'shred', 'audit', 'public')
    order by table_schema, table_name`,
  );
  const secrets = [traces.shredKey, traces.ciphertext, traces.wrappedDek, traces.index];
  const found: string[] = [];
  for (const { name } of tables) {
    const [hit] = await database.run('test.search', ({ raw }) =>
      raw.unsafe<{ found: boolean }[]>(
        `select exists (select from ${name} t where t::text like any ($1::text[])) as found`,
        [secrets.flatMap((secret) => [`%${secret.toString('hex')}%`, `%${secret.toString('base64url')}%`])],
      ),
    );
    if (hit!.found) found.push(name);
  }
  return found;
}
