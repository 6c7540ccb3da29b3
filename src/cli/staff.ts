import type { Command } from 'commander';
import { unlockStaff } from '../access/register/unlock.js';
import { openAuditLog } from '../audit/log.js';
import { systemClock } from '../kernel/clock.js';
import { withRecords } from './house/records.js';

/** `kuramori staff unlock STAFFID`: for when the access administrators themselves are locked out. */
export function registerStaffCommand(program: Command): void {
  program
    .command('staff')
    .description('staff accounts, past the API')
    .command('unlock <staffId>')
    .description('end the suspension or lock of an account when no administrator can (as the owner)')
    .action(async (staffId: string) => {
      const code = await withRecords(process.env, 'owner', async (database) => {
        const audit = openAuditLog(database);
        try {
          return await unlockStaff(database, audit, systemClock, staffId);
        } finally {
          await audit.close();
        }
      });
      process.stdout.write('Unlocked. The count of failures starts anew.\n');
      if (code === undefined) return;
      process.stdout.write(
        `After so many failures the credentials are set anew. Enrolment code, shown once:\n  ${code}\n`,
      );
    });
}
