import { openAuditLog } from '../audit/log.js';
import { auditRefused } from '../collection/transfer/job.js';
import { today } from '../kernel/clock.js';
import type { Database } from '../kernel/database/database.js';
import type { LoadActor } from '../exchange/load/job.js';
import { withRecords } from './house/records.js';
import { consoleActor, nobody } from './loadActor.js';
import type { TransferHouse, TransferRequest } from './transfer.js';
import { openHouseTransferVault } from './transferVault.js';

/** The house that this machine's environment names. The register of staff is not the job's to read. */
export function consoleTransferHouse(environment: NodeJS.ProcessEnv): TransferHouse {
  return async (request, work) => {
    const actor = await withRecords(environment, 'owner', (owner) => admitTransferActor(owner, request));
    return withRecords(environment, 'loader', async (database) => {
      const audit = openAuditLog(database);
      const opened: { close(): void }[] = [];
      const { clock, requestId } = request;
      try {
        return await work({
          job: { database, audit, clock, actor, requestId },
          vault: () => {
            const vault = openHouseTransferVault(environment, requestId);
            opened.push(vault);
            return vault;
          },
        });
      } finally {
        for (const vault of opened) vault.close();
        await audit.close();
      }
    });
  };
}

/**
 * Who runs a step. A refusal stands in the audit log, under nobody's name: what was typed may be anything.
 * @param owner reads the register of staff
 * @throws KuramoriError NOT_FOUND, FORBIDDEN_FIELD
 */
export async function admitTransferActor(owner: Database, request: TransferRequest): Promise<LoadActor> {
  const { step, staffId, clock, requestId } = request;
  try {
    return await consoleActor(owner, staffId, today(clock), 'transfer:manage', ['TRANSFER', 'DELINQUENCY']);
  } catch (error) {
    const audit = openAuditLog(owner);
    try {
      await auditRefused({ database: owner, audit, clock, requestId, actor: nobody() }, step, '', error);
    } finally {
      await audit.close();
    }
    throw error;
  }
}
