import { Temporal } from '../../../../src/kernel/dates.js';
import { openAuditLog } from '../../../../src/audit/log.js';
import type { VaultContext } from '../../../../src/vault/context.js';
import { evidenceAdministration } from '../../../../src/vault/evidence/administration.js';
import { testVaultDatabases, type TestVaultDatabases } from '../../../support/vaultDatabase.js';
import { MUNICIPALITY } from '../../keys/support/vault.js';
import { enter, enterOfficers, entry } from '../../staff/support/register.js';

const START = '2026-11-04T03:00:00Z';

/** The commands of evidence of a vault with officers, at a clock that a test sets. */
export interface TestEvidence {
  readonly databases: TestVaultDatabases;
  readonly clock: { at: string };
  readonly context: Pick<VaultContext, 'database' | 'clock'>;
  readonly ask: <T = unknown>(command: string, input: object) => Promise<T>;
  /** The code that a command is refused with, and its field or rule. */
  readonly refusal: (command: string, input: object) => Promise<string>;
}

export async function testEvidence(): Promise<TestEvidence> {
  const databases = await testVaultDatabases();
  const { vault: database } = databases;
  await enterOfficers(database, START);
  await enter(
    database,
    START,
    entry('P-1029'),
    entry('CHIEF-OLD', { role: 'chiefOfficer', employmentTo: '2026-03-31' }),
  );
  const set = { at: START };
  const clock = { now: () => Temporal.Instant.from(set.at) };
  const clockGuard = { fault: undefined, assertTrusted: () => undefined, accept: () => undefined };
  const context = { database, clock, clockGuard, audit: openAuditLog(database), municipality: MUNICIPALITY };
  // Nothing here needs a key: what does is tested with an opened vault.
  const handlers = evidenceAdministration(context as unknown as VaultContext);
  const ask: TestEvidence['ask'] = async <T>(command: string, input: object) =>
    (await handlers[`evidence.${command}`]!(input as never, 'operator-1')) as T;
  return {
    databases,
    clock: set,
    context,
    ask,
    refusal: async (command, input) => {
      try {
        await ask(command, input);
        return 'accepted';
      } catch (error) {
        const { code, facts } = error as { code: string; facts?: Record<string, string> };
        return `${code} ${facts?.['field'] ?? facts?.['rule'] ?? ''}`.trim();
      }
    },
  };
}
