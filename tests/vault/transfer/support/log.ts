import type { TestService } from '../../operation/support/vault.js';

/** Reasons of raised entries of a coordinate, oldest first. */
export async function raisedEntries(vault: TestService, coordinate: string): Promise<readonly string[]> {
  return (await entriesOf(vault, coordinate)).filter(({ raised }) => raised).map(({ reason }) => reason);
}

interface LoggedEntry {
  readonly reason: string;
  readonly decision: string;
  readonly raised: boolean;
  readonly rows: number;
  readonly subjects: readonly string[];
}

/** Entries of a coordinate in the vault's log, oldest first. */
export async function entriesOf(vault: TestService, coordinate: string): Promise<readonly LoggedEntry[]> {
  const rows = await vault.databases.owner.vault.run(
    'test.log',
    ({ raw }) => raw<LoggedEntry[]>`
    select reason, decision, raised, rows::integer as rows, subjects from audit.entry
    where coordinate = ${coordinate} order by sequence`,
  );
  return [...rows];
}
