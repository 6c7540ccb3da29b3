import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findApproval } from '../../../src/vault/approval/approval.store.js';
import { certifies, verifyCertificate } from '../../../src/vault/erasure/certificate.js';
import { findCertificate } from '../../../src/vault/erasure/certificate.store.js';
import type { ErasureContext } from '../../../src/vault/erasure/context.js';
import { readErasure } from '../../../src/vault/erasure/erasure.store.js';
import { executeErasure } from '../../../src/vault/erasure/execute.js';
import { resumeErasures } from '../../../src/vault/erasure/resume.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { readJournal, withJournal } from './support/journal.js';
import { crashingBefore, Crash } from './support/crash.js';
import {
  approvedOrder,
  erasureContext,
  orderOf,
  registerNumber,
  tablesWith,
  temporaryFolder,
  type Traces,
} from './support/vault.js';

const databases = await testVaultDatabases();
const { owner } = databases;
const path = join(temporaryFolder(), 'journal');
const context = await erasureContext(databases, path);
afterAll(() => context.close());

/** Erases two numbers in a vault that dies before an effect. */
async function dying(effect: number) {
  const traces = [await registerNumber(databases), await registerNumber(databases)];
  const order = orderOf(traces.map(({ ref }) => ref));
  const approvalId = await approvedOrder(context, order);
  return started(async (alive) => {
    const { crashing, effects } = crashingBefore(alive, effect);
    const run = executeErasure(crashing, { order, approvalId, executedBy: 'P-1', intentEntry: 7n });
    const outcome = await run.then(
      () => 'finished' as const,
      (error: unknown) => error,
    );
    return { traces, approvalId, outcome, effects };
  });
}

async function certificateOf({ ref }: Traces): Promise<string | undefined> {
  const [row] = await databases.vault.run(
    'test.certificate',
    ({ raw }) =>
      raw<{ id: string }[]>`select certificate_id as id from vault.erasure where vault_ref = ${ref}`,
  );
  return row?.id;
}

async function stateOf(traces: readonly Traces[]) {
  const found = await Promise.all(
    traces.flatMap((each) => [tablesWith(owner.vault, each), tablesWith(owner.shred, each)]),
  );
  return [...new Set(found.flat())].toSorted();
}

/** The process starts: what it knows is what lies on the disk. */
function started<T>(work: (context: ErasureContext) => Promise<T>): Promise<T> {
  return withJournal(path, (journal) => work({ ...context, journal }));
}

const resumed = () => started(resumeErasures);

async function linesOf(certificateId: string): Promise<readonly string[]> {
  const lines = await readJournal(path);
  return lines.flatMap((line) =>
    'certificateId' in line && line.certificateId === certificateId ? [line.kind] : [],
  );
}

async function expectFinished(traces: readonly Traces[]): Promise<void> {
  expect(await stateOf(traces)).toEqual([]);
  const certificateId = await certificateOf(traces[0]!);
  const certificate = await findCertificate(databases.vault, certificateId!);
  const claims = verifyCertificate(certificate!.signed, { keys: [context.certifier.publicJwk] });
  expect(
    certifies(
      claims,
      traces.map(({ ref }) => ref),
    ),
  ).toBe(true);
  expect(await linesOf(certificateId!)).toEqual(['erasure', 'certificate']);
}

/** In the order in which they happen, to be compared with what really does. */
const EFFECTS = [
  'vault.approval.lock',
  'vault.approval.consume',
  'vault.number.lock',
  'vault.erasure.any',
  'vault.hold.standing',
  'vault.erasure.start',
  'vault.erasure.begin.commit',
  'journal.erasure',
  'shred.key.delete',
  'vault.erasure.empty',
  'vault.erasure.index',
  'vault.erasure.linkage',
  'vault.erasure.emptying.commit',
  'vault.erasure.look',
  'shred.key.look',
  'vault.erasure.done',
  'vault.erasure.doneAt',
  'vault.certificate.find',
  'audit',
  'sign',
  'vault.certificate.insert',
  'vault.certificate.find',
  'journal.certificate',
];
const BEGUN_FROM = EFFECTS.indexOf('journal.erasure');

describe('an erasure whose process is killed', () => {
  it('has these steps, the line in the journal before the shred keys go', async () => {
    const { outcome, effects } = await dying(Number.POSITIVE_INFINITY);
    expect(outcome).toBe('finished');
    expect(effects).toEqual(EFFECTS);
  });

  it.each(EFFECTS.map((effect, at) => [effect, at] as const))(
    'before %s (step %i) either has not begun or is finished after the start',
    async (effect, at) => {
      const { traces, approvalId, outcome } = await dying(at + 1);
      expect(outcome).toEqual(new Crash(effect));
      const finished = await resumed();
      if (at < BEGUN_FROM) {
        expect(finished).toEqual([]);
        expect(await certificateOf(traces[0]!)).toBeUndefined();
        expect(await stateOf(traces)).toEqual(['shred.key', 'vault.number', 'vault.number_index']);
        expect(await findApproval(databases.vault, approvalId)).toMatchObject({ state: 'approved' });
        return;
      }
      await expectFinished(traces);
      expect(await resumed()).toEqual([]);
    },
  );

  it('in the middle of its line in the journal is finished too', async () => {
    const { traces } = await dying(BEGUN_FROM + 1);
    const before = readFileSync(path);
    writeFileSync(path, Buffer.concat([before, Buffer.from('{"v":1,"kind":"erasure","certificateId":"EC-')]));
    await resumed();
    await expectFinished(traces);
  });

  it('says when it was really done, not when it was certified', async () => {
    const { traces } = await dying(EFFECTS.indexOf('sign') + 1);
    const later = { now: () => context.clock.now().add({ hours: 72 }) };
    await started((alive) => resumeErasures({ ...alive, clock: later }));
    const certificate = await findCertificate(databases.vault, (await certificateOf(traces[0]!))!);
    const claims = verifyCertificate(certificate!.signed, { keys: [context.certifier.publicJwk] });
    expect(claims.executed.at).toBe('2026-11-02T00:10:00Z');
    expect(certificate!.issuedAt).toBe('2026-11-05T00:10:00Z');
  });

  it('is finished once by two that resume at once', async () => {
    for (let round = 0; round < 5; round++) {
      const { traces } = await dying(BEGUN_FROM + 3);
      await started((alive) => Promise.all([resumeErasures(alive), resumeErasures(alive)]));
      await expectFinished(traces);
    }
  });
});

describe('an erasure', () => {
  it('is not read by the number of a certificate that does not exist', async () => {
    await expect(readErasure(databases.vault, 'EC-0')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
