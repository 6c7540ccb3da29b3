import type { Database } from '../../../../src/kernel/database/database.js';

/** Records of the vault's log about a case. */
export async function searchAudit(
  database: Database,
  caseRef: string,
): Promise<readonly { readonly firstSequence: string; readonly body: Record<string, unknown> }[]> {
  const rows = await database.run(
    'test.log',
    ({ raw }) => raw<{ first_sequence: bigint; body: string }[]>`
    select first_sequence, convert_from(body, 'UTF8') as body from audit.written where case_ref = ${caseRef}`,
  );
  return rows.map(({ first_sequence, body }) => ({
    firstSequence: String(first_sequence),
    body: JSON.parse(body) as Record<string, unknown>,
  }));
}
