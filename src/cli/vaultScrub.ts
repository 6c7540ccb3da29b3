import { openAuditLog } from '../audit/log.js';
import { systemClock } from '../kernel/clock.js';
import { SCRUBBED_TABLES, scrubErased } from '../vault/erasure/scrub.js';
import { loggedCommand } from '../vault/operatorLog.js';
import type { ErasureTerminal } from './vaultErasure.js';
import { asVaultOwner } from './vaultOwner.js';

/** Writes the tables that held erased numbers anew, as the owner of both databases of the vault. */
export async function scrub({ out, environment, operator }: ErasureTerminal): Promise<void> {
  await asVaultOwner(environment, 'shred', (shred) =>
    asVaultOwner(environment, 'vault', async (vault) => {
      const audit = openAuditLog(vault);
      try {
        await loggedCommand({ audit, clock: systemClock }, 'Vault.scrub', operator(), async (log) => {
          await log.alone('begun');
          let tables = 0;
          await scrubErased({ vault, shred }, async (table) => {
            tables += 1;
            await log.alone(`done:${table}`);
            out.write(`${tables} of ${SCRUBBED_TABLES.length}: ${table} is written anew.\n`);
          });
        });
      } finally {
        await audit.close();
      }
    }),
  );
  out.write('Take a new base backup: older ones and their archived log hold the old pages.\n');
}
