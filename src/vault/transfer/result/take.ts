import type { Session } from '../../../kernel/database/database.js';
import { KEY_RESULT_SEAL_DAYS_MAX } from '../../../kernel/limits.js';
import { checkOuter, openPackage, type Receiver } from '../../../protocol/transfer/container/open.js';
import { PackageRejected } from '../../../protocol/transfer/container/rejected.js';
import type { ResultManifest } from '../../../protocol/transfer/manifest.js';
import type { TransferContext } from '../context.js';
import { lockTransfer, moveState } from '../journal.js';
import { transferRecord } from '../log.js';
import { organizationNamed } from '../receipt/organization.js';
import { ageIdentityOf, ageRecipientOf } from './ageKey.js';
import { spoolArea, type SpoolArea } from './area.js';
import { insertResult, resultSeries } from './result.store.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Takes a result package (結果データ; handbook 13 §7) with every check of a receiver; its files are kept encrypted for the
 * records side. A refusal is raised and names the step.
 * @param folder as it came, by network or medium
 * @param sender body code of the organization that it came from
 * @returns its id
 * @throws KuramoriError PACKAGE_REJECTED with `facts.step`; CONFLICT when it concerns no active transfer of ours
 */
export async function takeResult(
  context: TransferContext,
  folder: string,
  sender: string,
  by: string,
): Promise<string> {
  const { audit, clock } = context;
  const area = spoolArea(context.spool);
  try {
    const receiver = await receiverOf(context, sender);
    await checkOuter(folder, receiver);
    const { outer, manifest } = await openPackage(folder, receiver, area);
    // Nothing else passes a receiver who awaits results.
    await keep(context, area, manifest as ResultManifest, { sha256: outer.ciphertext.sha256, by });
    return manifest.packageId;
  } catch (error) {
    await area.erase();
    const reason = error instanceof PackageRejected ? error.step : 'refused';
    const event = { coordinate: 'Transfer.result', packageId: '', by, reason } as const;
    await audit.append(transferRecord(clock, { ...event, refused: true, raised: true }));
    throw error;
  }
}

async function keep(
  context: TransferContext,
  area: SpoolArea,
  manifest: ResultManifest,
  { sha256, by }: { readonly sha256: string; readonly by: string },
): Promise<void> {
  const { audit, clock, spool } = context;
  const { packageId: resultId, concerns, files } = manifest;
  const kept = files.map((file) => [area.files.get(file.name)!, file] as const);
  await spool.keep({ ownerKind: 'result', owner: resultId }, kept, async (tx) => {
    await lockTransfer(tx, concerns);
    await insertResult(tx, clock, manifest, sha256);
    await moveState(tx, clock, concerns, 'RESULT_RECEIVED', { by, reason: resultId });
    const event = { coordinate: 'Transfer.result', packageId: concerns, by, reason: resultId };
    await audit.appendIn(tx, transferRecord(clock, { ...event, rows: manifest.cases }));
    await noteAnnounced(tx, context, manifest, by);
  });
}

/** Whose keys are believed is decided by two people, and so is a key that the organization announces. */
async function noteAnnounced(
  tx: Session,
  { audit, clock }: TransferContext,
  { concerns, nextSigningKey }: ResultManifest,
  by: string,
): Promise<void> {
  if (nextSigningKey === undefined) return;
  const reason = nextSigningKey.fingerprint;
  const event = { coordinate: 'Transfer.keyAnnounced', packageId: concerns, by, reason } as const;
  await audit.appendIn(tx, transferRecord(clock, { ...event, raised: true }));
}

/** Who receives: the municipality, with every result key that still opens; and whom it believes. */
async function receiverOf(context: TransferContext, sender: string): Promise<Receiver> {
  const { database, seal, municipality } = context;
  const { keys } = await organizationNamed(database, context, sender);
  const validUntil = context.clock
    .now()
    .add({ milliseconds: KEY_RESULT_SEAL_DAYS_MAX * DAY_MS })
    .toString();
  return {
    bodyCode: municipality,
    content: 'RESULT',
    identities: seal.keyRing.all('result').map((key) => ({
      identity: ageIdentityOf(key),
      recipient: ageRecipientOf(key),
      validUntil,
    })),
    senderKeys: (bodyCode) => (bodyCode === sender ? keys : []),
    series: (bodyCode, packageId) => resultSeries(database, bodyCode, packageId),
  };
}
