import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that start processes again and again, or wait, longest first: begun last, they would leave the other workers
 * idle. Those that wait for time to pass stand between those that work.
 */
const LONG = [
  'tests/vault/transfer/kill.test.ts',
  'tests/cli/house.test.ts',
  'tests/vault/push/batch/kill.test.ts',
  'tests/collection/limitation/twin.test.ts',
  'tests/vault/transfer/kill.medium.test.ts',
  'tests/reference/intermediary/conformance/files.test.ts',
  'tests/vault/outage.test.ts',
  'tests/vault/wire.test.ts',
  'tests/audit/outage.test.ts',
  'tests/gateway/plan/oracle.test.ts',
  'tests/collection/transfer/outage.test.ts',
  'tests/gateway/http/longRequests.test.ts',
  'tests/exchange/load/process.test.ts',
  'tests/audit/privileges.test.ts',
  'tests/vault/http/service.test.ts',
  'tests/cli/vault.test.ts',
  'tests/vault/leak.test.ts',
  'tests/vault/client/client.test.ts',
  'tests/demonstration/build.test.ts',
  'tests/audit/crash.test.ts',
  'tests/collection/refund/overpaymentBalance.test.ts',
  'tests/gateway/operation/numbersPackage.test.ts',
  'tests/kernel/lanes.test.ts',
  'tests/vault/start.test.ts',
  'tests/vault/push/kill.test.ts',
  'tests/vault/push/killByFiles.test.ts',
  'tests/reference/intermediary/conformance/conformance.test.ts',
  'tests/gateway/audit/audit.graphql.test.ts',
  'tests/cli/vaultRegister.test.ts',
  'tests/vault/erasure/replay.test.ts',
  'tests/docs.test.ts',
  'tests/vault/evidence/handOut.test.ts',
  'tests/vault/keys/rotation/rotate.test.ts',
  'tests/client/package.test.ts',
];

/** Begins with the files that take longest; the others come as they were found. */
export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = LONG.flatMap((name) => files.filter(({ moduleId }) => moduleId.endsWith(name)));
    return Promise.resolve([...long, ...files.filter((file) => !long.includes(file))]);
  }
}
