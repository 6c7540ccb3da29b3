import type { Database } from '../../src/kernel/database/database.js';

/** Of every login of the tests. */
export const TEST_PASSWORD = 'test';

/** A login as which tests run what runs in a role of the product; the migrations made the role. */
export async function makeLogin(admin: Database, role: string): Promise<void> {
  await admin.run('tests.role', ({ raw }) =>
    raw.unsafe(`create role test_${role} login password '${TEST_PASSWORD}' in role kuramori_${role}`),
  );
}
