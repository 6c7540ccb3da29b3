import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ARGON2_COST } from '../../access/credential/argon2.js';
import { readKeyRing } from '../../config/gateway.js';
import { buildDemonstration } from '../../demonstration/build.js';
import { registerDemonstrationStaff, type StaffCredentials } from '../../demonstration/staff.js';
import { systemClock } from '../../kernel/clock.js';
import { plainDate } from '../../kernel/dates.js';
import { openDatabase, type Database } from '../../kernel/database/database.js';
import {
  DEMONSTRATION_DATE_DEFAULT,
  DEMONSTRATION_PEOPLE_DEFAULT,
  DEMONSTRATION_SEED_DEFAULT,
} from '../demo.js';
import { credentialsFile, readDemonstrationStaff } from './credentials.js';
import { writeSecret } from './secretFile.js';
import type { HouseSecrets } from './secrets.js';

/** Fills an empty house with the demonstration municipality and its staff; a filled one is used as it is. */
export async function ensureDemonstration(
  ownerUrl: string,
  home: string,
  secrets: HouseSecrets,
): Promise<readonly StaffCredentials[]> {
  const owner = openDatabase({ url: ownerUrl, application: 'kuramori-up', connections: 4, statementMs: 0 });
  try {
    if (!(await hasRecords(owner))) {
      process.stdout.write(
        `Filling a demonstration municipality of ${DEMONSTRATION_PEOPLE_DEFAULT.toLocaleString('en')} people …\n`,
      );
      await buildDemonstration(owner, {
        people: DEMONSTRATION_PEOPLE_DEFAULT,
        seed: DEMONSTRATION_SEED_DEFAULT,
        referenceDate: plainDate(DEMONSTRATION_DATE_DEFAULT),
      });
    }
    await ensureStaff(owner, home, secrets);
    return readDemonstrationStaff(home);
  } finally {
    await owner.close();
  }
}

/** Registers the demonstration's staff with fresh credentials where there is no staff yet. */
export async function ensureStaff(owner: Database, home: string, secrets: HouseSecrets): Promise<void> {
  const found = await owner.run('house.staff', ({ raw }) => raw`select from access.staff limit 1`);
  if (found.length > 0) return;
  const credentials = await registerDemonstrationStaff(owner, {
    pepper: readKeyRing(secrets.pepperFile),
    credentialKey: readKeyRing(secrets.credentialKeyFile),
    argon2: ARGON2_COST,
    clock: systemClock,
  });
  mkdirSync(join(home, 'demonstration'), { recursive: true, mode: 0o700 });
  writeSecret(credentialsFile(home), JSON.stringify(credentials, null, 2));
}

async function hasRecords(owner: Database): Promise<boolean> {
  const found = await owner.run('house.records', ({ raw }) => raw`select from records.municipality limit 1`);
  return found.length > 0;
}
