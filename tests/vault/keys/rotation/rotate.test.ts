import { afterEach, describe, expect, it } from 'vitest';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../../src/kernel/limits.js';
import { openFactor } from '../../../../src/vault/keys/factorSecret.js';
import {
  continueRotation,
  pauseRotation,
  resumeRotation,
  rotationStatus,
  runRotation,
  startRotation,
  type RotationProgress,
} from '../../../../src/vault/keys/rotation/rotate.js';
import { retireVersion } from '../../../../src/vault/keys/versions.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { PATTERNED_NUMBERS } from '../../number/support/patterned.js';
import { beginErasure } from '../support/erasure.js';
import {
  enrol,
  find,
  MUNICIPALITY,
  openTestVault,
  read,
  register,
  secretOf,
  write,
} from '../support/vault.js';

const vault = await openTestVault();
const { databases } = vault;
const { owner } = databases;
let { context } = vault;

const RECORDS = 5_000;
const NUMBERS = PATTERNED_NUMBERS.slice(0, 1_100);
const some = Array.from({ length: RECORDS }, (_, at) => NUMBERS[at % NUMBERS.length] as string);

async function statement(text: string): Promise<readonly Record<string, unknown>[]> {
  return owner.vault.run('test.statement', ({ raw }) => raw.unsafe(text));
}

async function versions(): Promise<Record<string, number>> {
  const rows = await statement(
    'select key_id as id, count(*)::integer as n from vault.number where key_id is not null group by 1',
  );
  return Object.fromEntries(rows.map(({ id, n }) => [String(id), Number(n)]));
}

async function clear(): Promise<void> {
  for (const table of ['number_index', 'erasure', 'number', 'factor', 'person'])
    await statement(`delete from vault.${table}`);
  await owner.shred.run('test.clear', ({ raw }) => raw`delete from shred.key`);
}

afterEach(async () => {
  await clear();
  await statement("update vault.rotation set state = 'done' where state <> 'done'");
  context = await vault.restarted();
});

describe('the rotation of the subject key', () => {
  it('rewraps 5,000 records with progress, killed between batches and inside one, in new processes', async () => {
    const refs = await write(context, some);
    const started = await startRotation(context, 'subject');
    expect(started).toMatchObject({
      keyClass: 'subject',
      state: 'running',
      done: 0n,
      total: BigInt(RECORDS),
    });
    const from = `subject-${started.toVersion - 1}`;
    const to = `subject-${started.toVersion}`;
    for (let batch = 1; batch <= 3; batch++) {
      expect((await continueRotation(context, 'subject')).done).toBe(
        BigInt(batch * ROTATION_BATCH_RECORDS_MAX),
      );
    }
    const killed = (progress: RotationProgress) => {
      expect(progress.done).toBe(BigInt(4 * ROTATION_BATCH_RECORDS_MAX));
      throw new Error('killed');
    };
    await expect(continueRotation(context, 'subject', killed)).rejects.toThrow('killed');
    expect(await versions()).toEqual({ [from]: 3_500, [to]: 1_500 });
    context.seal.seal();
    await expect(continueRotation(context, 'subject')).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    expect(await rotationStatus(context, 'subject')).toMatchObject({ state: 'running', done: 1_500n });

    const again = await vault.restarted();
    const told: bigint[] = [];
    const ended = await runRotation(again, 'subject', ({ done }) => told.push(done));
    expect(ended).toMatchObject({ state: 'done', done: BigInt(RECORDS), total: BigInt(RECORDS) });
    expect(told.slice(0, 7)).toEqual(
      [4, 5, 6, 7, 8, 9, 10].map((n) => BigInt(n * ROTATION_BATCH_RECORDS_MAX)),
    );
    expect(await versions()).toEqual({ [to]: RECORDS });
    for (const at of [0, 499, 500, 1_499, 1_500, 4_999]) {
      expect(await read(again, refs[at] as VaultRef)).toBe(some[at]);
    }
    expect(await continueRotation(again, 'subject')).toMatchObject({ state: 'done', done: BigInt(RECORDS) });
  });

  it('leaves value and nonce of every record as they were: no number is decrypted', async () => {
    await write(context, NUMBERS.slice(0, 10));
    const before = await statement('select vault_ref, nonce, ciphertext from vault.number order by 1');
    const wraps = await statement('select vault_ref, wrapped_dek from vault.number order by 1');
    await startRotation(context, 'subject');
    await runRotation(context, 'subject');
    expect([
      ...(await statement('select vault_ref, nonce, ciphertext from vault.number order by 1')),
    ]).toEqual([...before]);
    expect([...(await statement('select vault_ref, wrapped_dek from vault.number order by 1'))]).not.toEqual([
      ...wraps,
    ]);
  });

  it('sees what was written under the old key behind the cursor', async () => {
    await write(context, NUMBERS.slice(0, 600));
    await startRotation(context, 'subject');
    await continueRotation(context, 'subject');
    await statement("update vault.rotation set cursor = 'vr_ZZ' where state = 'running'");
    const ended = await runRotation(context, 'subject');
    expect(ended.state).toBe('done');
    expect(Object.keys(await versions())).toEqual([`subject-${ended.toVersion}`]);
  });

  it('stops at a record that does not open, and keeps what was done before', async () => {
    const refs = (await write(context, NUMBERS.slice(0, 600))).toSorted();
    await startRotation(context, 'subject');
    await statement(`update vault.number set record_version = 2 where vault_ref = '${refs[550] ?? ''}'`);
    expect((await continueRotation(context, 'subject')).done).toBe(500n);
    await expect(continueRotation(context, 'subject')).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(await rotationStatus(context, 'subject')).toMatchObject({ state: 'running', done: 500n });
    await statement(`update vault.number set record_version = 1 where vault_ref = '${refs[550] ?? ''}'`);
    expect(await runRotation(context, 'subject')).toMatchObject({ state: 'done', done: 600n });
  });

  it('passes by a record whose erasure has begun, but not one whose shred key is gone without it', async () => {
    const [gone, kept] = await write(context, NUMBERS.slice(0, 2));
    await owner.shred.run(
      'test.shred',
      ({ raw }) => raw`delete from shred.key where vault_ref = ${gone ?? ''}`,
    );
    await startRotation(context, 'subject');
    await expect(continueRotation(context, 'subject')).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await beginErasure(owner.vault, gone ?? '');
    const ended = await runRotation(context, 'subject');
    expect(ended).toMatchObject({ state: 'done', done: 1n });
    await expect(retireVersion(context, 'subject', ended.toVersion - 1)).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { records: 1 },
    });
    expect(await read(context, kept as VaultRef)).toBe(NUMBERS[1]);
  });

  it('waits when paused, and goes on when it is let', async () => {
    await write(context, NUMBERS.slice(0, 600));
    await startRotation(context, 'subject');
    await continueRotation(context, 'subject');
    expect((await pauseRotation(context, 'subject')).state).toBe('paused');
    expect(await runRotation(context, 'subject')).toMatchObject({ state: 'paused', done: 500n });
    await expect(pauseRotation(context, 'subject')).rejects.toMatchObject({ code: 'CONFLICT' });
    await resumeRotation(context, 'subject');
    expect(await runRotation(context, 'subject')).toMatchObject({ state: 'done', done: 600n });
  });

  it('is one at a time, and two who continue it do not do the same batch', async () => {
    await write(context, some.slice(0, 2_000));
    const other = await vault.restarted();
    const starts = await Promise.allSettled([
      startRotation(context, 'subject'),
      startRotation(other, 'subject'),
    ]);
    expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(starts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT' },
    });
    const [a, b] = await Promise.all([runRotation(context, 'subject'), runRotation(other, 'subject')]);
    expect([a, b]).toMatchObject([
      { done: 2_000n, state: 'done' },
      { done: 2_000n, state: 'done' },
    ]);
  });
});

describe('a dry run', () => {
  it('opens everything, tells what does not open, and changes nothing', async () => {
    const refs = await register(context, NUMBERS.slice(0, 700));
    await enrol(context, owner, 3);
    const [gone, moved, erasing] = refs;
    await owner.shred.run(
      'test.shred',
      ({ raw }) => raw`
      delete from shred.key where vault_ref in (${gone ?? ''}, ${erasing ?? ''})`,
    );
    await beginErasure(owner.vault, erasing ?? '');
    await statement(`update vault.number set record_version = 2 where vault_ref = '${moved ?? ''}'`);
    await statement("update vault.factor set key_id = 'factor-99' where person_id = 'P-00001'");
    const before = await statement('select key_id, state from vault.key order by 1');
    const told: bigint[] = [];
    const onProgress = ({ done }: RotationProgress) => told.push(done);
    for (const keyClass of ['subject', 'index'] as const) {
      const dry = await startRotation(context, keyClass, { dryRun: true, onProgress });
      expect(dry).toMatchObject({ state: 'dryRun', done: 700n });
      expect(dry.faults.toSorted()).toEqual([String(gone), String(moved)].toSorted());
    }
    expect(told.slice(0, 2)).toEqual([500n, 700n]);
    expect(await startRotation(context, 'factor', { dryRun: true })).toMatchObject({
      done: 3n,
      faults: ['P-00001'],
    });
    expect(await startRotation(context, 'input', { dryRun: true })).toMatchObject({ done: 0n, faults: [] });
    expect([...(await statement('select key_id, state from vault.key order by 1'))]).toEqual([...before]);
    await statement("update vault.factor set key_id = 'factor-1' where person_id = 'P-00001'");
  });

  it('tells of an index value that is not that of its record', async () => {
    const refs = await register(context, NUMBERS.slice(0, 3));
    await statement(
      `update vault.number_index set value = decode(repeat('ab', 16), 'hex') where vault_ref = '${refs[1] ?? ''}'`,
    );
    expect((await startRotation(context, 'index', { dryRun: true })).faults).toEqual([refs[1]]);
  });

  it('passes on what is no fault of a record', async () => {
    await write(context, NUMBERS.slice(0, 3));
    const { seal } = context;
    const sealedMeanwhile = {
      ...context,
      shred: {
        ...context.shred,
        run: () => (seal.seal(), Promise.resolve([])),
      } as unknown as typeof context.shred,
    };
    await expect(startRotation(sealedMeanwhile, 'subject', { dryRun: true })).rejects.toMatchObject({
      code: 'VAULT_SEALED',
    });
  });
});

describe('the rotation of the index key', () => {
  it('finds every number at every moment, killed in each phase, and leaves no old value', async () => {
    const numbers = NUMBERS.slice(0, 1_010);
    const refs = await register(context, numbers);
    const probes = [0, 400, 800, 1_009];
    const found = async () => {
      for (const at of probes) expect(await find(context, numbers[at] ?? '')).toEqual([refs[at]]);
    };
    const started = await startRotation(context, 'index');
    expect(started).toMatchObject({ state: 'running', total: 2_020n });
    const late = NUMBERS[1_050] ?? '';
    const [lateRef] = await register(context, [late]);
    for (let state = started.state; state === 'running';) {
      await found();
      expect(await find(context, late)).toEqual([lateRef]);
      await expect(
        continueRotation(context, 'index', () => {
          throw new Error('killed');
        }),
      ).rejects.toThrow('killed');
      context = await vault.restarted();
      state = (await continueRotation(context, 'index')).state as typeof state;
    }
    await found();
    expect(await rotationStatus(context, 'index')).toMatchObject({ done: 2_020n, total: 2_020n });
    expect([
      ...(await statement('select version, count(*)::integer as n from vault.number_index group by 1')),
    ]).toEqual([{ version: started.toVersion, n: 1_011 }]);
    await retireVersion(context, 'index', started.toVersion - 1);
    await found();
  });

  it('refuses an index value that is not that of its record, and passes by what is being erased', async () => {
    const refs = await register(context, NUMBERS.slice(0, 3));
    await statement(
      `update vault.number_index set value = decode(repeat('ab', 16), 'hex') where vault_ref = '${refs[1] ?? ''}'`,
    );
    await startRotation(context, 'index');
    await expect(continueRotation(context, 'index')).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await beginErasure(owner.vault, refs[1] ?? '');
    expect(await runRotation(context, 'index')).toMatchObject({ state: 'done' });
    expect(await find(context, NUMBERS[0] ?? '')).toEqual([refs[0]]);
  });
});

describe('the rotation of the key of second factors', () => {
  it('seals every secret again, and is resumable', async () => {
    const people = await enrol(context, owner, 620);
    const { toVersion } = await startRotation(context, 'factor');
    await continueRotation(context, 'factor');
    await expect(
      continueRotation(context, 'factor', () => {
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    context = await vault.restarted();
    expect(await runRotation(context, 'factor')).toMatchObject({ state: 'done', done: 620n, total: 620n });
    await retireVersion(context, 'factor', toVersion - 1);
    const rows = (await statement(
      'select person_id as "personId", key_id as "keyId", nonce, ciphertext from vault.factor order by 1',
    )) as unknown as { personId: string; keyId: string; nonce: Uint8Array; ciphertext: Uint8Array }[];
    expect(rows.map(({ personId }) => personId)).toEqual(people);
    for (const row of rows) {
      const secret = openFactor(
        row,
        { municipality: MUNICIPALITY, personId: row.personId },
        context.seal.keyRing.named('factor', row.keyId),
      );
      expect(Buffer.from(secret)).toEqual(secretOf(row.personId));
    }
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error('rows');
    const key = context.seal.keyRing.active('factor');
    const owned = (personId: string) => ({ municipality: MUNICIPALITY, personId });
    for (const attempt of [
      () => openFactor(first, owned(second.personId), key),
      () => openFactor({ ...first, keyId: 'factor-9' }, owned(first.personId), key),
    ])
      expect(attempt).toThrow(expect.objectContaining({ code: 'INTEGRITY_FAILURE' }));
  });
});

describe('what a batch has stored', () => {
  it('is verified as the database holds it', async () => {
    const harms = [
      ['subject', 'number', 'update', "new.wrapped_dek := decode(repeat('00', 48), 'hex')"],
      ['index', 'number_index', 'insert', "new.value := decode(repeat('00', 16), 'hex')"],
      ['factor', 'factor', 'update', "new.ciphertext := decode(repeat('00', 36), 'hex')"],
    ] as const;
    await register(context, NUMBERS.slice(0, 1));
    await enrol(context, owner, 1);
    for (const [keyClass, table, change, harm] of harms) {
      await startRotation(context, keyClass);
      await statement(
        `create function public.harm() returns trigger language plpgsql as $$ begin ${harm}; return new; end $$`,
      );
      await statement(
        `create trigger harm before ${change} on vault.${table} for each row execute function public.harm()`,
      );
      await expect(continueRotation(context, keyClass), keyClass).rejects.toMatchObject({
        code: 'INTEGRITY_FAILURE',
      });
      await statement(`drop trigger harm on vault.${table}`);
      await statement('drop function public.harm()');
      expect(await runRotation(context, keyClass)).toMatchObject({ state: 'done' });
    }
  });
});

describe('rotations of every class', () => {
  it('end at once where nothing lies under the key', async () => {
    const { toVersion } = await startRotation(context, 'input');
    await statement(
      `update vault.rotation set state = 'running' where class = 'input' and to_version = ${toVersion}`,
    );
    expect(await continueRotation(context, 'input')).toMatchObject({ state: 'done', done: 0n });
  });

  it.each(['input', 'certificate', 'subject', 'index', 'factor'] as const)(
    'of %s: the new version seals, the last one still opens',
    async (keyClass) => {
      const before = context.seal.keyRing.active(keyClass).version;
      const started = await startRotation(context, keyClass);
      expect(started).toMatchObject({ state: 'done', toVersion: before + 1, total: 0n });
      expect(context.seal.keyRing.active(keyClass).version).toBe(before + 1);
      expect(context.seal.keyRing.of(keyClass, before).version).toBe(before);
      const [published] = context.seal.keyRing.published().keys;
      expect(published?.kid).toBe(context.seal.keyRing.active('input').kid);
    },
  );

  it('cannot be continued before they are started', async () => {
    await statement('delete from vault.rotation');
    for (const attempt of [continueRotation, pauseRotation, resumeRotation]) {
      await expect(attempt(context, 'input')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await rotationStatus(context, 'input')).toBeUndefined();
  });

  it('take the new key from the database when this process has not seen it yet', async () => {
    await write(context, NUMBERS.slice(0, 3));
    const other = await vault.restarted();
    const { toVersion } = await startRotation(other, 'subject');
    expect(context.seal.keyRing.opens('subject', toVersion)).toBe(false);
    expect(await runRotation(context, 'subject')).toMatchObject({ state: 'done', done: 3n });
  });

  it('are refused when the class has no active key', async () => {
    const { version } = context.seal.keyRing.active('input');
    await statement(`update vault.key set state = 'deactivated' where key_id = 'input-${version}'`);
    await expect(startRotation(context, 'input')).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await statement(`update vault.key set state = 'active' where key_id = 'input-${version}'`);
  });

  it('pass on what the database says of another fault', async () => {
    await owner.vault.run(
      'test.revoke',
      ({ raw }) => raw`revoke insert on vault.rotation from kuramori_vault`,
    );
    try {
      await expect(startRotation(context, 'input')).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    } finally {
      await owner.vault.run('test.grant', ({ raw }) => raw`grant insert on vault.rotation to kuramori_vault`);
    }
  });
});
