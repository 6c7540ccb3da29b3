import { expect, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import { readCaseFacts } from '../../../src/collection/transfer/case.store.js';
import { testDatabase } from '../../support/database.js';
import { Records } from '../../support/records.js';
import { debtor } from './world.js';

test('a line that a stay has extinguished is not handed over, though the stay was cancelled since', async () => {
  const db = await testDatabase();
  const records = new Records(db.owner);
  const of = await debtor(records, [10_000n, 10_000n, 10_000n]);
  const cancelled = ['2026-10-01', '2026-10-02'];
  for (const [at, cancelledOn] of cancelled.entries()) {
    const stay = { levyId: of.levies[at]!, addresseeNo: of.addresseeNo, ground: 'noProperty' as const };
    const stayId = await records.row(tables.executionStays, { ...stay, decidedOn: '2023-10-01' });
    const changeId = await records.changeId();
    await records.bare(tables.stayCancellations, { stayId, cancelledOn, reason: '資力回復', changeId });
  }
  const handover = { today: '2026-11-02', taxItems: ['001'] };
  const facts = await db.loader.transaction('test.facts', (tx) => readCaseFacts(tx, handover));
  expect(facts).toMatchObject([{ caseId: of.caseId, lineCount: 2, unpaid: 20_000n }]);
});
