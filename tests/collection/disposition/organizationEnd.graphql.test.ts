import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { OrganizationEndChanges } from '../../../src/collection/disposition/organizationEnd.change.graphql.js';
import { extinctionOf } from '../../../src/collection/limitation/limitation.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { receiveResults } from '../../../src/collection/transfer/results.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { askerOf, makeChange, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { acceptedRound, oldDebtor, ROUND_NO, seized } from '../transfer/acts/world.js';
import { KeptVault } from '../transfer/keptVault.js';
import { Jobs } from '../transfer/world.js';
import { schemaOf } from '../../support/schema.js';

let db: TestDatabase;
let records: Records;
let jobs: Jobs;
let reader: Reader;
let of: Awaited<ReturnType<typeof oldDebtor>>;
const vault = new KeptVault();
const officer = askerOf('delinquencyOfficer');
const changes = new OrganizationEndChanges();

beforeAll(async () => {
  db = await testDatabase();
  records = new Records(db.owner);
  jobs = new Jobs(db);
  reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
  of = await oldDebtor(records, 2);
  await acceptedRound(db, records, jobs, vault, [of.caseNo]);
});

afterAll(() => jobs.close());

const problem = ({ userErrors }: ChangeOutcome) => userErrors?.map(({ code, field }) => `${code} ${field}`);
const enter = (dispositionId: unknown, change: object = {}, asker = officer) =>
  makeChange(db.gateway, asker, (context) =>
    changes.endOrganizationDisposition(
      {
        idempotencyKey: 'key-00000001',
        dispositionId: String(dispositionId),
        kind: 'released',
        endedOn: '2026-10-01',
        evidence: '差押解除通知書 第12号 2026-10-02',
        ...change,
      },
      context,
    ),
  );
async function dispositionNo(organizationNo: string): Promise<string> {
  const [row] = await db.owner.run(
    'test.disposition',
    ({ raw }) => raw<{ id: bigint }[]>`
    select id from records.disposition where organization_no = ${organizationNo}`,
  );
  return String(row!.id);
}
const lastDays = async () => {
  const limitations = await readLimitations(db.gateway, of.levies);
  return of.levies.map((levyId) => limitations.get(levyId)?.completesOn);
};
const extinctions = async () => {
  const limitations = await readLimitations(db.gateway, of.levies);
  return of.levies.map((levyId) => extinctionOf(limitations.get(levyId)!));
};
const reports = async (state: 'CONTINUED' | 'RETURNED', dispositions: ReturnType<typeof seized>[]) => {
  const states = [{ caseNo: of.caseNo, state, on: '2026-06-30', judgement: null } as const];
  await vault.report({ states, collections: [], dispositions, renewals: [] });
  expect((await receiveResults(jobs.job, vault, ROUND_NO)).held).toEqual([]);
};

describe('a seizure of the organization that lasts when it gives the case back', () => {
  test('is ended by its result while it has the case, and by nobody here', async () => {
    await reports('CONTINUED', [
      seized(of.caseNo, 'K-1', '1:40000', '2026-05-20'),
      seized(of.caseNo, 'K-2', '2:40000', '2026-05-20'),
    ]);
    expect(problem(await enter(await dispositionNo('K-1')))).toEqual(['CONFLICT dispositionId']);
  });

  test('holds limitation until a clerk enters its end, which begins it anew from the next day', async () => {
    await reports('RETURNED', []);
    expect(await extinctions()).toEqual([null, null]);
    expect(problem(await enter(await dispositionNo('K-1')))).toBeUndefined();
    expect(problem(await enter(await dispositionNo('K-2'), { kind: 'cancelled' }))).toBeUndefined();
    // Handbook 03 §7: five years from the day after the end; one that was cancelled only postpones by six months.
    expect(await lastDays()).toEqual(['2031-10-01', '2027-04-01']);
  });

  test('shows who entered its end, and by what', async () => {
    const { delinquencyCase } = await reader.data(
      `{ delinquencyCase(caseNo: "${of.caseNo}") { dispositions { nodes { organizationNo end { kind endedOn evidence
        enteredBy } } } } }`,
      officer,
    );
    expect((delinquencyCase as { dispositions: { nodes: object[] } }).dispositions.nodes).toContainEqual({
      organizationNo: 'K-1',
      end: {
        kind: 'RELEASED',
        endedOn: '2026-10-01',
        evidence: '差押解除通知書 第12号 2026-10-02',
        enteredBy: 'staff-delinquencyOfficer',
      },
    });
  });

  test('ends once, of a person whom the clerk may see', async () => {
    expect(problem(await enter(await dispositionNo('K-1')))).toEqual(['CONFLICT dispositionId']);
    expect(problem(await enter('999999999'))).toEqual(['NOT_FOUND dispositionId']);
    const elsewhere = askerOf('delinquencyOfficer', { branchCode: '02' });
    expect(problem(await enter(await dispositionNo('K-1'), {}, elsewhere))).toEqual([
      'NOT_FOUND dispositionId',
    ]);
  });
});

describe('the database', () => {
  const call = async (id: string, day: string, proof: string | null) => {
    const changeId = String(await records.changeId());
    return db.gateway
      .run(
        'test.end',
        ({ raw }) => raw<{ entered: boolean }[]>`
        select records.enter_organization_end(${id}::bigint, 'released', ${day}::date, ${proof}, 'S',
          ${changeId}::bigint) as entered`,
      )
      .then(
        ([row]) => row?.entered,
        (error: { facts: { constraint?: string } }) => error.facts.constraint,
      );
  };

  test('enters no end of the municipality’s own, without evidence, before the disposition, or twice', async () => {
    const own = await records.row(tables.dispositions, {
      caseId: of.caseId,
      addresseeNo: of.addresseeNo,
      kind: 'seizure',
      assetClass: 'deposit',
      object: '普通預金',
      executedOn: '2026-10-20',
    });
    expect(await call(String(own), '2026-10-21', '通知')).toBe('entered_end');
    const its = await dispositionNo('K-1');
    expect(await call(its, '2026-10-01', null)).toBe('entered_end');
    expect(await call(its, '2026-05-19', '通知')).toBe('entered_end');
    expect(await call(its, '2026-10-01', '通知')).toBe(false);
  });
});
