import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemonstrationCredentials, StaffCredentials } from '../../demonstration/staff.js';
import { KuramoriError } from '../../kernel/errors.js';

/**
 * How the demonstration's staff sign in; empty when the house is not a demonstration.
 * @throws KuramoriError CONFLICT when the file of credentials is damaged
 */
export function readDemonstrationStaff(home: string): readonly StaffCredentials[] {
  if (!existsSync(credentialsFile(home))) return [];
  try {
    return (JSON.parse(readFileSync(credentialsFile(home), 'utf8')) as DemonstrationCredentials).staff;
  } catch (cause) {
    throw new KuramoriError(
      'CONFLICT',
      'The file of the demonstration’s credentials is damaged. Remove the folder var to start afresh.',
      {},
      { cause },
    );
  }
}

/** Where the demonstration's staff's credentials lie. */
export function credentialsFile(home: string): string {
  return join(home, 'demonstration', 'credentials.json');
}
