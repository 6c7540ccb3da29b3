import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { ERASURE_REFS_MAX, SHRED_BACKUP_DAYS_MAX } from '../../../src/kernel/limits.js';
import { findApproval } from '../../../src/vault/approval/approval.store.js';
import { certifies, verifyCertificate } from '../../../src/vault/erasure/certificate.js';
import { findCertificate } from '../../../src/vault/erasure/certificate.store.js';
import { assertNotErased } from '../../../src/vault/erasure/erased.js';
import { executeErasure } from '../../../src/vault/erasure/execute.js';
import { requestErasure } from '../../../src/vault/erasure/request.js';
import { resumeErasures } from '../../../src/vault/erasure/resume.js';
import type { ErasureOrder } from '../../../src/vault/erasure/order.js';
import { placeHold, requestHold } from '../../../src/vault/hold/hold.js';
import { newVaultRef, type VaultRef } from '../../../src/vault/number/vaultRef.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { approvedBy, by, inTx, refusedBy } from '../approval/support/people.js';
import { searchAudit } from './support/log.js';
import {
  approvedOrder,
  erase,
  erasureContext,
  newCertifier,
  orderOf,
  registerNumber,
  tablesWith,
  temporaryFolder,
} from './support/vault.js';

const databases = await testVaultDatabases();
const { vault, shred, owner } = databases;
const context = await erasureContext(databases, join(temporaryFolder(), 'journal'));
afterAll(() => context.close());

const execute = (order: ErasureOrder, approvalId: string, executedBy = 'P-1') =>
  executeErasure(context, { order, approvalId, executedBy, intentEntry: 7n });
const request = (order: ErasureOrder, openWork = context.openWork) =>
  inTx(vault, (tx) => requestErasure(tx, openWork, order, by('P-1')));

/** A hold that needs only to be placed. */
async function approvedHold(ref: VaultRef): Promise<() => Promise<bigint>> {
  const held = { ref, reason: '訴訟', purpose: 'DELINQUENCY', basis: '地方税法' };
  const approvalId = await inTx(vault, (tx) => requestHold(tx, held, by('A')));
  await approvedBy(vault, approvalId, 'B', 1);
  return () => inTx(vault, (tx) => placeHold(tx, held, approvalId, by('A', 2)));
}

const hold = async (ref: VaultRef) => (await approvedHold(ref))();

async function rowOf(ref: VaultRef) {
  const [row] = await vault.run(
    'test.row',
    ({ raw }) => raw`select * from vault.number where vault_ref = ${ref}`,
  );
  return row;
}

describe('an erasure', () => {
  it('leaves nothing of a number in any table, and leaves others alone', async () => {
    const [gone, kept] = [await registerNumber(databases), await registerNumber(databases)];
    expect(await tablesWith(owner.vault, gone)).toEqual(['vault.number', 'vault.number_index']);
    expect(await tablesWith(owner.shred, gone)).toEqual(['shred.key']);
    await erase(context, [gone.ref]);
    expect(await tablesWith(owner.vault, gone)).toEqual([]);
    expect(await tablesWith(owner.shred, gone)).toEqual([]);
    expect(await tablesWith(owner.vault, kept)).toEqual(['vault.number', 'vault.number_index']);
    expect(await tablesWith(owner.shred, kept)).toEqual(['shred.key']);
    expect(await rowOf(gone.ref)).toMatchObject({
      state: 'erased',
      key_id: null,
      ciphertext: null,
      wrapped_dek: null,
      unified_addressee_no: null,
      retention_ends_on: null,
    });
  });

  it('hands out a certificate that a third party verifies, keeps it, and logs both ends', async () => {
    const refs = [(await registerNumber(databases)).ref, (await registerNumber(databases)).ref];
    const certificate = await erase(context, refs);
    const claims = verifyCertificate(certificate.signed, { keys: [context.certifier.publicJwk] });
    expect(certifies(claims, refs)).toBe(true);
    expect(claims).toMatchObject({
      jti: certificate.certificateId,
      subjects: 2,
      requested: { by: 'P-1', at: '2026-11-02T00:00:00Z' },
      approved: { by: 'P-2', at: '2026-11-02T00:05:00Z' },
      executed: { by: 'P-1', startedAt: '2026-11-02T00:10:00Z' },
      destroyed: { shredKeys: 2, wrappedUnder: ['subject-1'] },
      backupsUntil: '2026-12-07',
      audit: { intent: '7' },
    });
    expect(await findCertificate(vault, certificate.certificateId)).toEqual(certificate);
    const [logged, ...more] = await searchAudit(vault, certificate.certificateId);
    expect(more).toEqual([]);
    expect(claims.audit.done).toBe(logged!.firstSequence);
    expect(logged!.body).toMatchObject({ kind: 'erasure', actorId: 'P-1' });
  });

  it('never certifies backups for longer than they may be kept', async () => {
    const { ref } = await registerNumber(databases);
    const certificate = await erase({ ...context, shredBackupDays: SHRED_BACKUP_DAYS_MAX + 100 }, [ref]);
    const claims = verifyCertificate(certificate.signed, { keys: [context.certifier.publicJwk] });
    expect(claims.backupsUntil).toBe('2026-12-07');
  });

  it('is for ever: the number is ERASED for whoever asks', async () => {
    const { ref } = await registerNumber(databases);
    const { certificateId } = await erase(context, [ref]);
    const erased = { code: 'ERASED', facts: { certificate: certificateId } };
    await expect(assertNotErased(vault, [ref])).rejects.toMatchObject(erased);
    await expect(request(orderOf([ref]))).rejects.toMatchObject(erased);
    await expect(hold(ref)).rejects.toMatchObject(erased);
    await expect(assertNotErased(vault, [newVaultRef()])).resolves.toBeUndefined();
  });

  it('is refused while a hold stands, when it is asked for and when it is carried out', async () => {
    const [held, free] = [await registerNumber(databases), await registerNumber(databases)];
    const order = orderOf([held.ref, free.ref]);
    const approvalId = await approvedOrder(context, order);
    await hold(held.ref);
    const refusal = { code: 'RETENTION_HOLD', facts: { hold: expect.stringMatching(/^\d+$/) as string } };
    await expect(request(order)).rejects.toMatchObject(refusal);
    await expect(execute(order, approvalId)).rejects.toMatchObject(refusal);
    expect(await rowOf(free.ref)).toMatchObject({ state: 'active' });
    // Nothing has happened, so that the approval is still there for the day on which the hold is released.
    expect(await findApproval(vault, approvalId)).toMatchObject({ state: 'approved' });
  });

  it('needs the approval of another person for exactly these numbers', async () => {
    const [one, two] = [await registerNumber(databases), await registerNumber(databases)];
    const order = orderOf([one.ref]);
    const approvalId = await request(order);
    await expect(execute(order, approvalId)).rejects.toMatchObject(refusedBy('missing'));
    await approvedBy(vault, approvalId, 'P-2', 5);
    for (const other of [
      orderOf([two.ref]),
      orderOf([one.ref, two.ref]),
      orderOf([one.ref], { reason: '別の理由' }),
      orderOf([one.ref], { retentionClass: 'AUDIT' }),
    ]) {
      await expect(execute(other, approvalId)).rejects.toMatchObject(refusedBy('otherContent'));
    }
    await expect(execute(order, approvalId, 'P-2')).rejects.toMatchObject(refusedBy('otherPerson'));
    expect(await rowOf(two.ref)).toMatchObject({ state: 'active' });
    await execute(order, approvalId);
    await expect(execute(order, approvalId)).rejects.toMatchObject(refusedBy('used'));
  });

  it('does not depend on the order in which references are listed', async () => {
    const refs = [(await registerNumber(databases)).ref, (await registerNumber(databases)).ref];
    const approvalId = await approvedOrder(context, orderOf(refs));
    await execute(orderOf(refs.toReversed()), approvalId);
    expect(await rowOf(refs[0]!)).toMatchObject({ state: 'erased' });
  });

  it('by the end of retention waits for that end', async () => {
    const [ended, running, none] = [
      await registerNumber(databases, { retentionEndsOn: '2026-11-02' }),
      await registerNumber(databases, { retentionEndsOn: '2026-11-03' }),
      await registerNumber(databases),
    ];
    const byRetention = (ref: VaultRef) => orderOf([ref], { retentionClass: 'TAX_LEDGER' });
    await expect(request(byRetention(running.ref))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(request(byRetention(none.ref))).rejects.toMatchObject({ code: 'CONFLICT' });
    const order = byRetention(ended.ref);
    const { signed } = await execute(order, await approvedOrder(context, order));
    expect(verifyCertificate(signed, { keys: [context.certifier.publicJwk] }).retentionClass).toBe(
      'TAX_LEDGER',
    );
  });

  it('waits for open work', async () => {
    const { ref } = await registerNumber(databases);
    const busy = () => Promise.resolve(new Set([ref]));
    await expect(request(orderOf([ref]), busy)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each<[string, readonly VaultRef[]]>([
    ['nobody', []],
    ['too many', Array.from({ length: ERASURE_REFS_MAX + 1 }, newVaultRef)],
    ['what is no reference', ['vr_1']],
  ])('is not asked for of %s', async (_, refs) => {
    await expect(request(orderOf(refs))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'refs' },
    });
  });

  it('is not asked for twice of one, of one never registered, or without words', async () => {
    const { ref } = await registerNumber(databases);
    await expect(request(orderOf([ref, ref]))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(request(orderOf([newVaultRef()]))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const field of ['fileName', 'basis', 'purpose', 'reason']) {
      await expect(request(orderOf([ref], { [field]: '' }))).rejects.toMatchObject({ facts: { field } });
    }
  });

  it('happens once of two at once', async () => {
    const { ref } = await registerNumber(databases);
    const order = orderOf([ref]);
    const approvalId = await approvedOrder(context, order);
    const results = await Promise.allSettled([execute(order, approvalId), execute(order, approvalId)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('and a hold at once never both happen', async () => {
    for (let round = 0; round < 4; round++) {
      const { ref } = await registerNumber(databases);
      const order = orderOf([ref]);
      const approvalId = await approvedOrder(context, order);
      const place = await approvedHold(ref);
      const results = await Promise.allSettled(
        round % 2 === 0 ? [execute(order, approvalId), place()] : [place(), execute(order, approvalId)],
      );
      const [failed, ...more] = results.filter((result) => result.status === 'rejected');
      expect(more).toEqual([]);
      expect(['ERASED', 'RETENTION_HOLD']).toContain((failed!.reason as { code: string }).code);
    }
  });

  it('leaves no index value that a rotation adds while it waits for the row', async () => {
    const { ref, index } = await registerNumber(databases);
    const order = orderOf([ref]);
    const approvalId = await approvedOrder(context, order);
    let rotated: Promise<void> | undefined;
    const journal = {
      has: () => false,
      // The erasure has begun and not emptied the row yet: a rotation takes it just now.
      append: async (entry: Parameters<typeof context.journal.append>[0]) => {
        await context.journal.append(entry);
        if (rotated !== undefined) return;
        const locked = Promise.withResolvers<void>();
        rotated = inTx(vault, async (tx) => {
          await tx.run(
            'test.take',
            ({ raw }) => raw`select from vault.number where vault_ref = ${ref} for update`,
          );
          locked.resolve();
          await setTimeout(200);
          const value = Buffer.alloc(index.length, 7);
          await tx.run(
            'test.add',
            ({ raw }) =>
              raw`insert into vault.number_index (version, value, vault_ref) values (2, ${value}, ${ref})`,
          );
        });
        await locked.promise;
      },
    };
    const execution = { order, approvalId, executedBy: 'P-1', intentEntry: 7n };
    await executeErasure({ ...context, journal }, execution);
    await rotated;
    const left = await vault.run(
      'test.left',
      ({ raw }) => raw`select from vault.number_index where vault_ref = ${ref}`,
    );
    expect(left).toHaveLength(0);
  });

  it('of 500 numbers is one certificate', async () => {
    const refs = Array.from({ length: 500 }, newVaultRef);
    await owner.vault.run(
      'test.many',
      ({ raw }) => raw`
      insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek, nonce,
        ciphertext, registered_at)
      select ref, 'active', 1, 'subject-' || n % 3 + 1, n % 3 + 1, 'a', 'b', 'c', 'd', now()
      from unnest(${refs}::text[]) with ordinality as given(ref, n)`,
    );
    const { signed } = await erase(context, refs);
    expect(verifyCertificate(signed, { keys: [context.certifier.publicJwk] })).toMatchObject({
      subjects: 500,
      destroyed: { wrappedUnder: ['subject-1', 'subject-2', 'subject-3'] },
    });
  });
});

describe('an erasure that does not succeed', () => {
  it('is not called done while anything is left, and is finished later', async () => {
    const { ref } = await registerNumber(databases);
    await owner.shred.run('test.stubborn', ({ raw }) =>
      raw.unsafe(`
        create function shred.keep() returns trigger language plpgsql as 'begin return null; end';
        create trigger keep before delete on shred.key for each row execute function shred.keep()`),
    );
    await expect(erase(context, [ref])).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await expect(assertNotErased(vault, [ref])).rejects.toMatchObject({ code: 'ERASED' });
    await expect(resumeErasures(context)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await owner.shred.run('test.yielding', ({ raw }) => raw.unsafe('drop trigger keep on shred.key'));
    const [certificateId, ...more] = await resumeErasures(context);
    expect(more).toEqual([]);
    expect(await findCertificate(vault, certificateId!)).toBeDefined();
    const left = await shred.run(
      'test.left',
      ({ raw }) => raw`select from shred.key where vault_ref = ${ref}`,
    );
    expect(left).toHaveLength(0);
  });

  it('hands out no certificate that would not convince, and one later', async () => {
    const { ref } = await registerNumber(databases);
    const other = await newCertifier();
    const wrongKey = { ...context, certifier: { ...context.certifier, sign: other.sign } };
    await expect(erase(wrongKey, [ref])).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    const { sign, publicJwk } = context.certifier;
    const wrongClaims = {
      ...context,
      certifier: {
        publicJwk,
        sign: (claims: Parameters<typeof sign>[0]) => sign({ ...claims, subjects: 9 }),
      },
    };
    await expect(resumeErasures(wrongClaims)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await resumeErasures(context)).toHaveLength(1);
    expect(await resumeErasures(context)).toEqual([]);
  });
});
