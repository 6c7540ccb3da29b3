import type { Database } from '../../src/kernel/database/database.js';
import { REFUND_PARTS, type MixMaterial } from './mixOperations.js';

const FISCAL_YEAR = 2026;
const SAMPLE = 3_000;
const OPEN_LEVIES_MAX = 20_000;
/** The branch of the department that the mix's branch clerks belong to. */
const BRANCH = '01';
/** Days of receipts that one looks through; the last is the day that slips entered are dated. */
const DAYS = { from: '2026-10-26', to: '2026-10-30' };
const ADDRESS_CHARS = 7;

/** Reads what the operations of the mix are about: a sample by hash, the same in every run on the same data. */
export async function mixMaterial(owner: Database, staffIds: readonly string[]): Promise<MixMaterial> {
  const people = await samplePeople(owner);
  return {
    people,
    branchPeople: people.filter(({ branchCode }) => branchCode === BRANCH),
    noticeNos: await noticeNos(owner),
    addresses: people.map(({ address }) => address.slice(0, ADDRESS_CHARS)),
    cases: await openCases(owner),
    openLevies: await openLevies(owner),
    overpayments: await openOverpayments(owner),
    staffIds,
    fiscalYear: FISCAL_YEAR,
    days: DAYS,
  };
}

interface SampledPerson {
  readonly addresseeNo: string;
  readonly name: string;
  readonly kana: string;
  readonly birthDate: string | null;
  readonly address: string;
  readonly branchCode: string;
}

/** People who owe something this year or did. */
function samplePeople(owner: Database): Promise<readonly SampledPerson[]> {
  return owner.run(
    'bench.mix.people',
    ({ raw }) => raw<SampledPerson[]>`
    select a.addressee_no as "addresseeNo", a.name, a.kana, a.birth_date as "birthDate", a.address,
      a.branch_code as "branchCode"
    from records.addressee a
    where exists (select from records.levy_line l
      where l.addressee_no = a.addressee_no and l.levy_fiscal_year = ${FISCAL_YEAR}::smallint)
    order by md5(a.addressee_no) limit ${SAMPLE}::integer`,
  );
}

async function noticeNos(owner: Database): Promise<readonly string[]> {
  const rows = await owner.run(
    'bench.mix.notices',
    ({ raw }) => raw<{ notice_no: string }[]>`
    select notice_no from records.levy_line where levy_fiscal_year = ${FISCAL_YEAR}::smallint
    order by md5(id::text) limit ${SAMPLE}::integer`,
  );
  return rows.map(({ notice_no }) => notice_no);
}

function openCases(owner: Database): Promise<readonly { caseNo: string; officerId: string }[]> {
  return owner.run(
    'bench.mix.cases',
    ({ raw }) => raw<{ caseNo: string; officerId: string }[]>`
    select c.case_no as "caseNo", c.officer_id as "officerId" from records.delinquency_case c
    where not exists (select from records.case_closing k where k.case_id = c.id)
    order by md5(c.case_no) limit ${SAMPLE}::integer`,
  );
}

function openLevies(owner: Database): Promise<readonly { id: string; taxOutstanding: string }[]> {
  return owner.run(
    'bench.mix.levies',
    ({ raw }) => raw<{ id: string; taxOutstanding: string }[]>`
    select l.id::text, b.tax_outstanding::text as "taxOutstanding"
    from records.levy_line l join records.levy_balance b on b.levy_id = l.id
    where not b.settled and b.tax_outstanding > 0 and l.levy_fiscal_year = ${FISCAL_YEAR}::smallint
    order by md5(l.id::text) limit ${OPEN_LEVIES_MAX}::integer`,
  );
}

function openOverpayments(owner: Database): Promise<readonly { id: string; part: string }[]> {
  return owner.run(
    'bench.mix.overpayments',
    ({ raw }) => raw<{ id: string; part: string }[]>`
    select overpayment_id::text as id, (remaining / ${REFUND_PARTS}::bigint)::text as part
    from records.overpayment_balance where remaining >= ${REFUND_PARTS}::bigint
    order by md5(overpayment_id::text) limit ${SAMPLE}::integer`,
  );
}
