import { rm } from 'node:fs/promises';
import { epochSeconds, instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { signToken } from '../../signing/sign.js';
import type { TransferContext } from '../context.js';
import { datesOf } from '../due.js';
import { lockTransfer, statesOf } from '../journal.js';
import { transferRecord } from '../log.js';
import { findPackage, findSealed } from '../package/package.store.js';
import { packageFolder } from '../package/seal.js';
import { TRANSFER_ERASURE_TYPE, type TransferErasureClaims } from './claims.js';

/**
 * Erases what is still here of transfers whose day has come (`eraseBy`; handbook 13 §7): the package, and files of its
 * results that the records side has reconciled. Manifest, receipts and log stay. Each erasure has a record that the
 * vault signs. @returns ids of the transfers
 */
export async function eraseDue(context: TransferContext): Promise<readonly string[]> {
  const day = today(context.clock);
  const erased: string[] = [];
  for (const packageId of await notErased(context.database)) {
    const history = await statesOf(context.database, packageId);
    const { eraseBy } = await datesOf(context, packageId, history);
    const aborted = history.at(-1)?.state === 'ABORTED';
    if (!aborted && (eraseBy === undefined || day < eraseBy)) continue;
    await eraseTransfer(context, packageId, aborted ? 'ABORTED' : 'ERASE_BY');
    erased.push(packageId);
  }
  return erased;
}

async function eraseTransfer(
  context: TransferContext,
  packageId: string,
  reason: TransferErasureClaims['reason'],
): Promise<void> {
  const { database, audit, clock, spool } = context;
  // The bytes first: when it is killed here, it begins again and finds less.
  await rm(packageFolder(context, packageId), { recursive: true, force: true });
  const removals = await database.transaction('vault.transfer.erase', async (tx) => {
    await lockTransfer(tx, packageId);
    const owners = [packageId, ...(await resultIds(tx, packageId))];
    const erased = [];
    for (const owner of owners) erased.push(await spool.erase(tx, owner));
    const spoolFiles = erased.reduce((sum, { files }) => sum + files, 0);
    const signed = await signedRecord(tx, context, packageId, { spoolFiles, reason });
    await tx.run(
      'vault.transfer.erasure.insert',
      ({ raw }) => raw`
      insert into vault.transfer_erasure (package_id, signed, at)
      values (${packageId}, ${signed}, ${instantText(clock)}) on conflict do nothing`,
    );
    const event = { coordinate: 'Transfer.erase', packageId, by: 'vault', reason, rows: spoolFiles };
    await audit.appendIn(tx, transferRecord(clock, event));
    return erased;
  });
  for (const { remove } of removals) await remove();
}

async function signedRecord(
  tx: Session,
  { clock, municipality, seal }: TransferContext,
  packageId: string,
  { spoolFiles, reason }: Pick<TransferErasureClaims, 'spoolFiles' | 'reason'>,
): Promise<string> {
  const sealed = await findSealed(tx, packageId);
  const claims: TransferErasureClaims = {
    iss: `vault:${municipality}`,
    iat: epochSeconds(clock),
    packageId,
    cases: (await findPackage(tx, packageId))?.manifest.cases ?? 0,
    ciphertextSha256: sealed?.outer.ciphertext.sha256 ?? null,
    spoolFiles,
    method: 'cryptoErase',
    reason,
  };
  return signToken(seal.keyRing.active('certificate'), TRANSFER_ERASURE_TYPE, claims).toString('ascii');
}

/** Transfers that have ended their way out and have no record of erasure. */
async function notErased(session: Session): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.erasure.due',
    ({ raw }) => raw<{ id: string }[]>`
    select distinct t.package_id as id from vault.transfer_state t
    where t.state in ('ACTIVE', 'REJECTED', 'ABORTED')
      and not exists (select from vault.transfer_erasure e where e.package_id = t.package_id)`,
  );
  return rows.map(({ id }) => id);
}

/** Results whose content the records side has taken over. */
async function resultIds(session: Session, packageId: string): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.erasure.results',
    ({ raw }) => raw<{ id: string }[]>`
    select result_id as id from vault.transfer_result r where r.package_id = ${packageId} and exists (
      select from vault.transfer_state t
      where t.package_id = r.package_id and t.state = 'RECONCILED' and t.at >= r.at)`,
  );
  return rows.map(({ id }) => id);
}
