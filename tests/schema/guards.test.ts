import { beforeAll, describe, expect, test } from 'vitest';
import { violates } from '../../src/kernel/database/errors.js';
import type { Session } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import {
  allocate,
  decide,
  levyLines,
  newChange,
  offset,
  overpayment,
  prepareLedger,
  receipt,
  refund,
  unidentified,
} from './entries.js';

const db = await testDatabase();
let change: bigint;
let line: bigint;

beforeAll(async () => {
  change = await prepareLedger(db.owner);
  [line] = (await levyLines(db.owner, change, [100_000n])) as [bigint];
});

/** What the gateway's attempt ends with: the constraint that refused it, or `done`. */
async function attempt(work: (tx: Session) => Promise<unknown>): Promise<unknown> {
  return db.gateway.transaction('test.attempt', work).then(
    () => 'done',
    (error: unknown) => (error as { facts?: { constraint?: string } }).facts?.constraint ?? error,
  );
}

const paidTooMuch = (amount: bigint) =>
  db.gateway.transaction('test.overpaid', async (tx) => {
    const paid = await receipt(tx, change, amount);
    return { receiptId: paid, overpaymentId: await overpayment(tx, change, paid, amount) };
  });

describe('each yen of a receipt is explained once when the transaction commits', () => {
  test('a receipt without any explanation is refused', async () => {
    expect(await attempt((tx) => receipt(tx, change, 500n))).toBe('receipt_balanced');
  });

  test('allocated, overpaid and unidentified parts together explain it, in any order of statements', async () => {
    expect(
      await attempt(async (tx) => {
        const paid = await receipt(tx, change, 600n);
        await unidentified(tx, change, paid, 100n);
        await overpayment(tx, change, paid, 200n);
        await allocate(tx, change, [{ levyId: line, amount: 300n, receiptId: paid }]);
      }),
    ).toBe('done');
  });

  test.each([299n, 301n])('one yen off is refused (%s of 300)', async (amount) => {
    expect(
      await attempt(async (tx) => {
        await allocate(tx, change, [{ levyId: line, amount, receiptId: await receipt(tx, change, 300n) }]);
      }),
    ).toBe('receipt_balanced');
  });

  // Few receipts are looked at one by one, many in one pass.
  test.each([
    [1, 'sound', 'done'],
    [8, 'sound', 'done'],
    [9, 'sound', 'done'],
    [40, 'sound', 'done'],
    [8, 'one yen off', 'receipt_balanced'],
    [9, 'one yen off', 'receipt_balanced'],
    [8, 'less than nothing unidentified', 'receipt_balanced'],
    [9, 'less than nothing unidentified', 'receipt_balanced'],
  ])('%s receipts, the last of them %s: %s', async (count, last, outcome) => {
    const pay = async (tx: Session, at: number) => {
      const paid = await receipt(tx, change, 300n);
      const isOdd = last !== 'sound' && at === count - 1;
      if (isOdd && last !== 'one yen off') {
        await unidentified(tx, change, paid, -100n);
        await overpayment(tx, change, paid, 400n);
      } else await unidentified(tx, change, paid, isOdd ? 299n : 300n);
    };
    expect(
      await attempt(async (tx) => {
        for (let at = 0; at < count; at += 1) await pay(tx, at);
      }),
    ).toBe(outcome);
  });

  test('one bad receipt among thousands refuses them all', async () => {
    expect(
      await attempt(async (tx) => {
        await tx.run(
          'test.many',
          ({ raw }) => raw`
        with paid as (
          insert into records.receipt (source, tax_amount, channel, paid_on, received_on, booked_on,
            match_rule, change_id)
          select 'counter', n, 'counter', '2026-05-01', '2026-05-01', '2026-05-01', 'none', ${String(change)}
          from generate_series(1, 3000) as n returning id, tax_amount
        )
        insert into records.unidentified_entry (receipt_id, amount, reason, change_id)
        select id, tax_amount - (tax_amount = 2500)::int, 'noMatch', ${String(change)} from paid`,
        );
      }),
    ).toBe('receipt_balanced');
  });

  test('a second explanation in a later transaction is refused', async () => {
    const { receiptId } = await paidTooMuch(50n);
    expect(await attempt((tx) => allocate(tx, change, [{ levyId: line, amount: 50n, receiptId }]))).toBe(
      'receipt_balanced',
    );
  });

  test('a savepoint that was rolled back leaves nothing to check', async () => {
    expect(
      await attempt(async (tx) => {
        await tx.run('test.savepoint', ({ raw }) => raw`savepoint before`);
        await receipt(tx, change, 500n);
        await tx.run('test.rollback', ({ raw }) => raw`rollback to savepoint before`);
        const paid = await receipt(tx, change, 70n);
        await unidentified(tx, change, paid, 70n);
      }),
    ).toBe('done');
  });

  test('set constraints immediate tells before the commit', async () => {
    let told: unknown;
    const outcome = await attempt(async (tx) => {
      await receipt(tx, change, 500n);
      told = await tx
        .run('test.early', ({ raw }) => raw`set constraints records.balanced_at_commit immediate`)
        .catch((error: unknown) => error);
      throw new Error('stop');
    });
    expect(violates(told, 'receipt_balanced')).toBe(true);
    expect(outcome).not.toBe('done');
  });

  test('two clerks who assign the same unidentified receipt at once: one of them is refused', async () => {
    const paid = await db.gateway.transaction('test.unidentified', async (tx) => {
      const id = await receipt(tx, change, 800n);
      await unidentified(tx, change, id, 800n);
      return id;
    });
    const [first, second] = (await levyLines(db.owner, change, [800n, 800n])) as [bigint, bigint];
    const assign = (levyId: bigint, checked: () => Promise<unknown>) =>
      attempt(async (tx) => {
        await unidentified(tx, change, paid, -800n);
        await allocate(tx, change, [{ levyId, amount: 800n, receiptId: paid }]);
        await tx.run('test.check', ({ raw }) => raw`set constraints records.balanced_at_commit immediate`);
        await checked();
      });
    let late: Promise<unknown> = Promise.resolve();
    // The second clerk's check runs while the first has passed his own but not committed.
    const early = await assign(first, async () => {
      late = assign(second, () => Promise.resolve());
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    expect([early, await late]).toEqual(['done', 'receipt_balanced']);
  });

  test('nothing is left behind to check', async () => {
    const rows = await db.owner.run('test.left', ({ raw }) => raw`select from records.commit_check`);
    expect(rows).toHaveLength(0);
  });
});

describe('a reversal undoes one receipt wholly', () => {
  const paidAndAllocated = () =>
    db.gateway.transaction('test.paid', async (tx) => {
      const paid = await receipt(tx, change, 900n);
      await allocate(tx, change, [{ levyId: line, amount: 900n, receiptId: paid }]);
      return paid;
    });
  const reverse = (original: bigint, amount: bigint) =>
    attempt(async (tx) => {
      const reversal = await receipt(tx, change, amount, original);
      await allocate(tx, change, [{ levyId: line, amount, receiptId: reversal }]);
    });

  test('with the opposite amounts, once', async () => {
    const paid = await paidAndAllocated();
    expect(await reverse(paid, -899n)).toBe('receipt_reversal_whole');
    expect(await reverse(paid, -900n)).toBe('done');
    expect(await reverse(paid, -900n)).toBe('receipt_reverses_id_unique');
  });

  test('a reversal is not reversed, and a negative receipt names what it reverses', async () => {
    const paid = await paidAndAllocated();
    const reversal = await db.gateway.transaction('test.reversal', async (tx) => {
      const id = await receipt(tx, change, -900n, paid);
      await allocate(tx, change, [{ levyId: line, amount: -900n, receiptId: id }]);
      return id;
    });
    expect(await reverse(reversal, 900n)).toBe('receipt_reversal_whole');
    expect(await attempt((tx) => receipt(tx, change, -1n))).toBe('receipt_negative_reverses');
  });

  test('a receipt whose overpayment is being refunded cannot be reversed', async () => {
    const { receiptId, overpaymentId } = await paidTooMuch(400n);
    const refundId = await refund(db.gateway, change, overpaymentId, 1n);
    const undo = () =>
      attempt(async (tx) => {
        await overpayment(tx, change, await receipt(tx, change, -400n, receiptId), -400n);
      });
    expect(await undo()).toBe('overpayment_room');
    await decide(db.gateway, change, refundId, 'rejected');
    expect(await undo()).toBe('done');
    expect(await attempt((tx) => refund(tx, change, overpaymentId, 1n))).toBe('overpayment_room');
  });
});

describe('an overpayment is given back once', () => {
  test('refunds and offsets together stay within it; a rejected refund frees its part', async () => {
    const { overpaymentId } = await paidTooMuch(1_000n);
    const [target] = (await levyLines(db.owner, change, [300n])) as [bigint];
    const first = await refund(db.gateway, change, overpaymentId, 700n);
    expect(await attempt((tx) => refund(tx, change, overpaymentId, 301n))).toBe('overpayment_room');
    expect(
      await attempt(async (tx) => {
        const offsetId = await offset(tx, change, overpaymentId, target, 300n);
        await allocate(tx, change, [{ levyId: target, amount: 300n, offsetId }]);
      }),
    ).toBe('done');
    expect(await attempt((tx) => refund(tx, change, overpaymentId, 1n))).toBe('overpayment_room');
    await decide(db.gateway, change, first, 'rejected');
    expect(await attempt((tx) => refund(tx, change, overpaymentId, 700n))).toBe('done');
  });

  test('an offset that is not allocated to the yen is refused at commit', async () => {
    const { overpaymentId } = await paidTooMuch(100n);
    expect(await attempt((tx) => offset(tx, change, overpaymentId, line, 100n))).toBe('offset_allocated');
    expect(
      await attempt(async (tx) => {
        const offsetId = await offset(tx, change, overpaymentId, line, 100n);
        await allocate(tx, change, [{ levyId: line, amount: 99n, offsetId }]);
      }),
    ).toBe('offset_allocated');
  });

  test('ten clerks refund the same overpayment at once: it is refunded once', async () => {
    const { overpaymentId } = await paidTooMuch(5_000n);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => attempt((tx) => refund(tx, change, overpaymentId, 5_000n))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'overpayment_room')).toHaveLength(9);
  });

  test('who proposed does not decide, and only what was approved is paid', async () => {
    const { overpaymentId } = await paidTooMuch(200n);
    const pay = (id: bigint) =>
      attempt((tx) =>
        tx.run(
          'test.payment',
          ({ raw }) => raw`
      insert into records.refund_payment (refund_id, paid_on, change_id)
        values (${String(id)}, '2026-05-10', ${String(change)})`,
        ),
      );
    const approved = await refund(db.gateway, change, overpaymentId, 100n, 'S0007');
    expect(await attempt((tx) => decide(tx, change, approved, 'approved', 'S0007'))).toBe(
      'refund_decision_second_person',
    );
    expect(await pay(approved)).toBe('refund_payment_refund_id_refund_decision_refund_id_fk');
    expect(await attempt((tx) => decide(tx, change, approved, 'approved', 'S0008'))).toBe('done');
    expect(await attempt((tx) => decide(tx, change, approved, 'rejected', 'S0009'))).toBe(
      'refund_decision_pkey',
    );
    const rejected = await refund(db.gateway, change, overpaymentId, 100n);
    await decide(db.gateway, change, rejected, 'rejected');
    expect(await pay(rejected)).toBe('refund_payment_approved');
    expect(await pay(approved)).toBe('done');
  });
});

test('the same idempotency key of the same person is kept once', async () => {
  const keep = (actor: string) =>
    attempt((tx) =>
      tx.run(
        'test.key',
        ({ raw }) => raw`
    insert into records.idempotency_key (actor_id, key, action, input_digest, outcome)
      values (${actor}, 'k1', 'a', 'd', '{}')`,
      ),
    );
  expect(await keep('S0001')).toBe('done');
  expect(await keep('S0001')).toBe('idempotency_key_once');
  expect(await keep('S0002')).toBe('done');
});

test('clerks who may not update wait for each other through the lock functions', async () => {
  const { receiptId } = await paidTooMuch(10n);
  const steps: string[] = [];
  await db.gateway.transaction('test.first', async (tx) => {
    const [held] = await tx.run(
      'test.lock',
      ({ raw }) => raw`select records.lock_receipts(${[String(receiptId)]}::bigint[]) as n`,
    );
    expect(held?.['n']).toBe(1n);
    const [levies] = await tx.run(
      'test.lock',
      ({ raw }) => raw`select records.lock_levies(${[String(line)]}::bigint[]) as n`,
    );
    expect(levies?.['n']).toBe(1n);
    const second = db.gateway.transaction('test.second', async (other) => {
      await other.run(
        'test.lock',
        ({ raw }) => raw`select records.lock_receipts(${[String(receiptId)]}::bigint[])`,
      );
      steps.push('second');
    });
    await tx.run('test.sleep', ({ raw }) => raw`select pg_sleep(0.2)`);
    steps.push('first');
    void second.then(() => steps.push('both'));
  });
  await expect.poll(() => steps).toEqual(['first', 'second', 'both']);
  expect(await newChange(db.gateway)).toBeTypeOf('bigint');
});
