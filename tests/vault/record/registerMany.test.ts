import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Session } from '../../../src/kernel/database/database.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import type { KeyContext } from '../../../src/vault/keys/context.js';
import { continueRotation, runRotation, startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { parseNumber } from '../../../src/vault/number/parse.js';
import { registerMany, type Registered } from '../../../src/vault/record/registerMany.js';
import { find, openTestVault, read } from '../keys/support/vault.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';

const vault = await openTestVault();
const { context, databases } = vault;

let taken = 0;
/** Numbers that no test has used yet. */
const fresh = (count: number) => PATTERNED_NUMBERS.slice(taken, (taken += count));

const entriesOf = (numbers: readonly string[], unified: (at: number) => string | undefined) =>
  numbers.map((text, at) => ({ number: parseNumber(text, 'strict'), unifiedAddresseeNo: unified(at) }));
const unifiedNo = (at: number) => String(at).padStart(15, '0');

async function register(
  numbers: readonly string[],
  unified: (at: number) => string | undefined = unifiedNo,
  on: KeyContext = context,
): Promise<readonly Registered[]> {
  const entries = entriesOf(numbers, unified);
  const registered = await registerMany(on, entries, { completes: (_tx, all) => Promise.resolve(all) });
  for (const { number } of entries) number.dispose();
  return registered;
}

const outcomes = (registered: readonly Registered[]) => registered.map(({ as }) => as);
const countOf = async (database: Database, table: 'number' | 'key') => {
  const [row] = await database.run('test.count', ({ raw }) =>
    table === 'number'
      ? raw<[{ n: bigint }]>`select count(*) as n from vault.number`
      : raw<[{ n: bigint }]>`select count(*) as n from shred.key`,
  );
  return Number(row.n);
};
const both = async () => ({
  numbers: await countOf(databases.owner.vault, 'number'),
  shredKeys: await countOf(databases.owner.shred, 'key'),
});

beforeEach(() => expect(taken).toBeLessThan(PATTERNED_NUMBERS.length - 200));

describe('many numbers', () => {
  it('are each kept under a reference of their own, which opens them and is found by them', async () => {
    const numbers = fresh(150);
    const registered = await register(numbers);
    expect(new Set(registered.map(({ ref }) => ref)).size).toBe(150);
    expect(new Set(outcomes(registered))).toEqual(new Set(['registered']));
    for (const at of [0, 99, 100, 149]) {
      expect(await read(context, registered[at]!.ref)).toBe(numbers[at]);
      expect(await find(context, numbers[at]!)).toEqual([registered[at]!.ref]);
    }
  });

  it('are registered once: again, and twice in a batch, they are known', async () => {
    const [one, two] = fresh(2) as [string, string];
    const first = await register([one, two, one], () => undefined);
    expect(outcomes(first)).toEqual(['registered', 'registered', 'known']);
    expect(first[2]!.ref).toBe(first[0]!.ref);
    const before = await both();
    const again = await register([two, one], () => undefined);
    expect(again.map(({ ref }) => ref)).toEqual([first[1]!.ref, first[0]!.ref]);
    expect(outcomes(again)).toEqual(['known', 'known']);
    expect(await both()).toEqual(before);
  });

  it('of two addressees are told apart, within a batch and from what is there', async () => {
    const [one] = fresh(1) as [string];
    expect(outcomes(await register([one, one]))).toEqual(['registered', 'otherAddressee']);
    expect(outcomes(await register([one], () => unifiedNo(7)))).toEqual(['otherAddressee']);
    expect(outcomes(await register([one], () => undefined))).toEqual(['known']);
  });

  it('that were replaced, or are just being erased, are not there for new work', async () => {
    const numbers = fresh(3);
    const [old, next, erasing] = (await register(numbers)).map(({ ref }) => ref);
    await databases.owner.vault.run(
      'test.supersede',
      ({ raw }) =>
        raw`update vault.number set state = 'superseded', superseded_by = ${next!} where vault_ref = ${old!}`,
    );
    await databases.owner.vault.run(
      'test.erase',
      ({ raw }) => raw`
      insert into vault.erasure (vault_ref, certificate_id, reason, requested_by, approved_by, particulars, started_at)
      values (${erasing!}, 'EC-1', 'x', 'P-1', 'P-2', '{}', now())`,
    );
    expect(outcomes(await register(numbers))).toEqual(['superseded', 'known', 'erasing']);
  });

  it('none of them: the hooks run all the same', async () => {
    expect(await register([])).toEqual([]);
  });

  it('leave nothing behind when their entry cannot be written', async () => {
    const before = await both();
    const refusing = registerMany(context, entriesOf(fresh(5), unifiedNo), {
      completes: () => Promise.reject(new KuramoriError('AUDIT_UNAVAILABLE', 'Away.')),
    });
    await expect(refusing).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(await both()).toEqual(before);
  });

  it('are not touched when what comes first refuses', async () => {
    const before = await both();
    const refusing = registerMany(context, entriesOf(fresh(1), unifiedNo), {
      begins: () => Promise.reject(new KuramoriError('DUAL_CONTROL_REQUIRED', 'No.')),
      completes: () => Promise.resolve('7'),
    });
    await expect(refusing).rejects.toMatchObject({ code: 'DUAL_CONTROL_REQUIRED' });
    expect(await both()).toEqual(before);
  });
});

describe('others at the same time', () => {
  it('who register the same numbers in another order get the same references', async () => {
    const numbers = fresh(60);
    const before = await both();
    const all = await Promise.all(
      Array.from({ length: 6 }, async (_, at) => {
        const order = at % 2 === 0 ? numbers : numbers.toReversed();
        const registered = await register(order, () => undefined);
        return new Map(order.map((number, place) => [number, registered[place]!]));
      }),
    );
    for (const number of numbers) {
      const found = all.map((one) => one.get(number)!);
      expect(new Set(found.map(({ ref }) => ref)).size).toBe(1);
      expect(found.filter(({ as }) => as === 'registered')).toHaveLength(1);
    }
    const after = await both();
    expect(after).toEqual({ numbers: before.numbers + 60, shredKeys: before.shredKeys + 60 });
  });

  it('a rotation of the index key loses none that is written meanwhile', async () => {
    const numbers = fresh(120);
    await register(numbers.slice(0, 20));
    await startRotation(context, 'index');
    const writing = Promise.all(
      [20, 40, 60, 80, 100].map((from) => register(numbers.slice(from, from + 20))),
    );
    await continueRotation(context, 'index');
    await writing;
    await runRotation(context, 'index');
    for (const number of numbers) expect(await find(context, number)).toHaveLength(1);
    expect(new Set(outcomes(await register(numbers, () => undefined)))).toEqual(new Set(['known']));
  });

  it('a rotation of the subject key leaves none under the old key', async () => {
    const numbers = fresh(100);
    const writing = Promise.all([0, 25, 50, 75].map((from) => register(numbers.slice(from, from + 25))));
    await startRotation(context, 'subject');
    await runRotation(context, 'subject');
    await writing;
    const rows = await databases.owner.vault.run(
      'test.versions',
      ({ raw }) => raw`
      select distinct kek_version as version from vault.number n
      where not exists (select from vault.erasure e where e.vault_ref = n.vault_ref)`,
    );
    expect(rows).toEqual([{ version: 2 }]);
  });
});

describe('a vault that is killed', () => {
  /** Fails before the n-th statement or commit, and everything after it, as a process that is gone does. */
  function dyingBefore(statement: number): { readonly dying: KeyContext; readonly said: string[] } {
    const said: string[] = [];
    const tick = (name: string) => {
      said.push(name);
      if (said.length >= statement) throw new Error('gone');
    };
    const session = (inner: Session): Session => ({
      run: async (name, work) => {
        tick(name);
        return inner.run(name, work);
      },
    });
    const database = (inner: Database): Database => ({
      ...session(inner),
      transaction: (name, work) =>
        inner.transaction(name, async (tx) => {
          const result = await work(session(tx));
          tick('commit');
          return result;
        }),
      close: () => inner.close(),
    });
    return {
      dying: { ...context, database: database(context.database), shred: database(context.shred) },
      said,
    };
  }

  it('before any statement leaves no record without its shred key, and goes on with the same numbers', async () => {
    const numbers = fresh(10);
    for (let statement = 1; ; statement += 1) {
      const { dying, said } = dyingBefore(statement);
      const left = await register(numbers, unifiedNo, dying).then(
        () => 'done',
        () => 'died',
      );
      const [orphans] = await databases.owner.vault.run(
        'test.records',
        ({ raw }) => raw<{ refs: string[] | null }[]>`select array_agg(vault_ref) as refs from vault.number`,
      );
      const [kept] = await databases.owner.shred.run(
        'test.kept',
        ({ raw }) => raw<{ n: bigint }[]>`
        select count(*) as n from shred.key where vault_ref = any (${orphans!.refs ?? []}::text[])`,
      );
      expect(Number(kept!.n)).toBe(orphans!.refs?.length ?? 0);
      if (left === 'done') {
        expect(said.length).toBeGreaterThan(8);
        break;
      }
      for (const number of numbers) expect(await find(context, number)).toHaveLength(0);
    }
    expect(new Set(outcomes(await register(numbers)))).toEqual(new Set(['known']));
  });
});
