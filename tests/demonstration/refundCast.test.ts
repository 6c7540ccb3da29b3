import { expect, test } from 'vitest';
import { verifyLedger } from '../../src/collection/ledger/ledger.verify.js';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { REFUND_CAST } from '../../src/demonstration/words/refundCast.js';
import { plainDate } from '../../src/kernel/dates.js';
import { testDatabase } from '../support/database.js';

test.each(['2026-04-02', '2026-08-31', '2026-09-01'])(
  'on %s each of them has one refund that is approved and not paid',
  async (referenceDate) => {
    const { owner } = await testDatabase();
    await buildDemonstration(owner, { people: 50, seed: 9, referenceDate: plainDate(referenceDate) });
    const found = await owner.run(
      'test.refunds',
      ({ raw }) => raw<{ no: string; name: string; isDone: boolean }[]>`
      select a.unified_addressee_no as no, a.name,
        d.outcome = 'approved' and d.decided_on <= ${referenceDate}::date and p.refund_id is null as "isDone"
      from records.addressee a join records.refund r on r.addressee_no = a.addressee_no
        join records.refund_decision d on d.refund_id = r.id
        left join records.refund_payment p on p.refund_id = r.id
      where a.unified_addressee_no >= '710000000000000' order by 1`,
    );
    expect(found).toEqual(
      Object.values(REFUND_CAST).map(({ unifiedAddresseeNo, name }) => ({
        no: unifiedAddresseeNo,
        name,
        isDone: true,
      })),
    );
    expect(await verifyLedger(owner)).toMatchObject({ sound: true });
  },
  30_000,
);
