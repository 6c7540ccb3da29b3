import { beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../src/gateway/plan/cursor.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../../src/kernel/limits.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { plan, smallSchema } from './small/plan.js';

const db = await testDatabase();
const reader = new Reader(smallSchema, db.gateway);
const clerk = askerOf('collectionClerk');
let person: string;
/** Newest year first, then the newest line: the order of the list. */
let lines: string[];
let foreign: string;
beforeAll(async () => {
  const records = new Records(db.owner);
  person = await records.addressee();
  const other = await records.addressee({ branchCode: '01' });
  const made: { year: number; id: bigint }[] = [];
  for (const year of [2025, 2024, 2026, 2025, 2024, 2025, 2026]) {
    made.push({ year, id: await records.levy(person, { levyFiscalYear: year }) });
    foreign = String(await records.levy(other, { levyFiscalYear: year }));
  }
  lines = made.toSorted((a, b) => b.year - a.year || Number(b.id - a.id)).map(({ id }) => String(id));
});

const PAGE = `query($no: String!, $first: Int, $after: String, $year: Int) { person(no: $no) {
  lines(first: $first, after: $after, year: $year) { nodes { id } pageInfo { hasNextPage endCursor } } } }`;

interface Lines {
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function page(variables: Record<string, unknown>) {
  const data = await reader.data(PAGE, clerk, { no: person, ...variables });
  const { nodes, pageInfo } = (data['person'] as { lines: Lines }).lines;
  return { ids: nodes.map(({ id }) => id), ...pageInfo };
}

describe('a list', () => {
  test('is in its order, ties broken by the key', async () => {
    expect((await page({})).ids).toEqual(lines);
  });

  test.each([1, 2, 3, 100])('in pages of %i has neither a gap nor a double', async (first) => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const next: Awaited<ReturnType<typeof page>> = await page({ first, after });
      seen.push(...next.ids);
      after = next.hasNextPage ? next.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(lines);
  });

  test('goes on after the row of the cursor by comparing whole rows in its own direction', () => {
    const { sql } = plan(PAGE, clerk, { no: person, after: encodeCursor('Line', '1') });
    expect(sql).toMatch(/\("t1"\."levy_fiscal_year", "t1"\."id"\) < \(select /);
    expect(sql).toContain('order by "t1"."levy_fiscal_year" desc, "t1"."id" desc limit $');
    expect(plan('{ people(after: "x") { nodes { no } } }', clerk).sql).toMatch(
      /\("t0"\."kana_folded", "t0"\."addressee_no"\) > \(select /,
    );
  });

  test('keeps its other conditions after a cursor', async () => {
    const first = await page({ year: 2025, first: 1 });
    const rest = await page({ year: 2025, after: first.endCursor });
    expect([...first.ids, ...rest.ids]).toHaveLength(3);
  });

  test('after a row that is not there is empty', async () => {
    expect((await page({ after: encodeCursor('Line', '999999') })).ids).toEqual([]);
  });

  test('goes on after a row that no longer meets the filters, so that a changed row does not cut a list', async () => {
    const year2024 = lines.at(-1) ?? '';
    const all = (await page({ year: 2024 })).ids;
    expect((await page({ year: 2024, after: encodeCursor('Line', lines[0] ?? '') })).ids).toEqual(all);
    expect((await page({ year: 2025, after: encodeCursor('Line', year2024) })).ids).toEqual([]);
  });

  test('after a row of another parent is empty, so that a forged cursor tells nothing', async () => {
    expect((await page({ after: encodeCursor('Line', foreign) })).ids).toEqual([]);
  });

  test('refuses the cursor of another type and a cursor that is none', async () => {
    for (const after of [encodeCursor('Person', lines[0] ?? ''), 'x', ''])
      await expect(page({ after })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('reads one row more than the page and refuses sizes outside the limits', async () => {
    expect(plan(PAGE, clerk, { no: person }).parameters).toContain(PAGE_SIZE_DEFAULT + 1);
    expect(plan(PAGE, clerk, { no: person, first: PAGE_SIZE_MAX }).parameters).toContain(PAGE_SIZE_MAX + 1);
    for (const first of [0, -1, PAGE_SIZE_MAX + 1])
      await expect(page({ first })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('asked twice with different arguments answers each', async () => {
    const data = (await reader.data(
      `query($no: String!) { person(no: $no) { a: lines(year: 2024) { nodes { id } } b: lines(first: 1) { nodes { id } }
        fewLines { id } } }`,
      clerk,
      { no: person },
    )) as { person: { a: Lines; b: Lines; fewLines: object[] } };
    expect(data.person.a.nodes).toHaveLength(2);
    expect(data.person.b.nodes).toEqual([{ id: lines[0] }]);
    expect(data.person.fewLines).toHaveLength(7);
  });
});

test('who is limited to a branch finds nobody of another, on no road', async () => {
  const branch = askerOf('branchClerk', { branchCode: '01' });
  const data = (await reader.data(
    'query($no: String!) { person(no: $no) { no } people { nodes { branch: no } } }',
    branch,
    {
      no: person,
    },
  )) as { person: object | null; people: { nodes: { branch: string }[] } };
  expect(data.person).toBeNull();
  expect(data.people.nodes).toHaveLength(1);
  expect(data.people.nodes[0]?.branch).not.toBe(person);
});
