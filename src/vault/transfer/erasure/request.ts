import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { ERASURE_REQUEST } from '../../../protocol/transfer/deltas.js';
import { sha256Hex } from '../../../protocol/transfer/forms.js';
import { signMessage } from '../../../protocol/transfer/message.js';
import type { TransferContext } from '../context.js';
import { requireDraft } from '../draft/draft.store.js';
import { lockTransfer } from '../journal.js';
import { transferRecord } from '../log.js';
import { transferSigner } from '../package/signer.js';
import { requireSetting } from '../setting/setting.store.js';

const REASON = '移管の終結';

/**
 * 消去依頼 (handbook 13 §7): asks the organization to erase its copy of a transfer that has closed, where the agreement
 * provides for it. Signed once; again, it is the same. It goes by HTTPS, or with a letter.
 * @param by operator, or the vault by itself
 * @returns compact JWS of the vault's transfer key
 * @throws KuramoriError NOT_FOUND; CONFLICT before the transfer has closed, or where the agreement provides for none;
 *   VAULT_SEALED
 */
export async function requestErasure(
  context: TransferContext,
  packageId: string,
  by: string,
): Promise<string> {
  const { database, audit, clock } = context;
  const { recipient } = await requireDraft(database, packageId);
  const { erasesOnRequest } = await requireSetting(database, context, 'round', recipient);
  return database.transaction('vault.transfer.erasureRequest', async (tx) => {
    const { state } = await lockTransfer(tx, packageId);
    const known = await findRequest(tx, packageId);
    if (known !== undefined) return known;
    if (state !== 'CLOSED') throw notClosed(state);
    if (erasesOnRequest !== true) throw notAgreed();
    const request = { packageId, requestedAt: instantText(clock), reason: REASON };
    const signed = await signMessage(ERASURE_REQUEST, request, transferSigner(context));
    await tx.run(
      'vault.transfer.erasureRequest.insert',
      ({ raw }) => raw`
      insert into vault.transfer_erasure_request (package_id, signed, by, at)
      values (${packageId}, ${signed}, ${by}, ${request.requestedAt})`,
    );
    const event = { coordinate: 'Transfer.erasureRequest', packageId, by, reason: sha256Hex(signed) };
    await audit.appendIn(tx, transferRecord(clock, event));
    return signed;
  });
}

/** Transfers that have closed and have no report of an erasure, the oldest first. */
export async function closedWithoutReport(session: Session): Promise<readonly string[]> {
  const rows = await session.run(
    'vault.transfer.erasureRequest.due',
    ({ raw }) => raw<{ id: string }[]>`
    select t.package_id as id from vault.transfer_state t
    where t.state = 'CLOSED' and not exists (
      select from vault.transfer_receipt r where r.package_id = t.package_id and r.kind = 'ERASURE')
    order by t.at`,
  );
  return rows.map(({ id }) => id);
}

async function findRequest(tx: Session, packageId: string): Promise<string | undefined> {
  const [row] = await tx.run(
    'vault.transfer.erasureRequest.find',
    ({ raw }) => raw<{ signed: string }[]>`
    select signed from vault.transfer_erasure_request where package_id = ${packageId}`,
  );
  return row?.signed;
}

function notClosed(state: string): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    `The transfer is ${state}: the organization works with its copy until it has closed.`,
    { state },
  );
}

function notAgreed(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The setting of the round does not say that the organization erases on request. Have two people enter it.',
  );
}
