import { beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
let someone: string;
beforeAll(async () => {
  gateway = await testGateway();
  const [row] = await gateway.db.owner.run(
    'test.someone',
    ({ raw }) => raw<{ addressee_no: string }[]>`
    select a.addressee_no from records.addressee a where kind = 'person' and phone is not null
      and exists (select from records.levy_line l where l.addressee_no = a.addressee_no)
      and not exists (select from records.protection_reach p where p.addressee_no = a.addressee_no) order by 1 limit 1`,
  );
  someone = row?.addressee_no ?? '';
});

const PERSON = `query Person($no: String!) { addressee(addresseeNo: $no) { addresseeNo name address phone
  levies(first: 3) { nodes { id levied taxOutstanding } pageInfo { hasNextPage } } } }`;

describe('a signed-in clerk', () => {
  test('asks for a person and the ledger and gets them in one statement', async () => {
    const answer = await gateway.ask('collectionClerk', PERSON, { variables: { no: someone } });
    expect(answer.errors).toEqual([]);
    expect(answer.status).toBe(200);
    expect(answer.data.addressee).toMatchObject({
      addresseeNo: someone,
      name: expect.any(String),
      phone: expect.any(String),
    });
    expect(answer.data.addressee.levies.nodes.length).toBeGreaterThan(0);
    expect(answer.data.addressee.levies.nodes[0]).toMatchObject({ levied: expect.any(Number) });
  });

  test('finds the question in the audit log, coordinate by coordinate, as the auditor', async () => {
    await gateway.ask('counterClerk', PERSON, { variables: { no: someone } });
    const found = await gateway.ask(
      'auditor',
      `query Log($no: String!) { auditEntries(first: 50, filter: { subject: $no, actorId: "W1501" }) {
      nodes { sequence coordinate decision reason rows subjects purpose operationName actorId kind } } }`,
      { variables: { no: someone } },
    );
    expect(found.errors).toEqual([]);
    const entries = found.data.auditEntries.nodes as {
      coordinate: string;
      decision: string;
      reason: string | null;
      subjects: string[];
      purpose: string;
      operationName: string;
    }[];
    const decisions = Object.fromEntries(entries.map(({ coordinate, decision }) => [coordinate, decision]));
    expect(decisions).toMatchObject({
      'Query.addressee': 'ALLOW',
      'Addressee.name': 'ALLOW',
      'Addressee.phone': 'MASK',
      'LevyLine.levied': 'ALLOW',
    });
    for (const entry of entries) {
      expect(entry.subjects).toContain(someone);
      expect(entry).toMatchObject({ purpose: 'COUNTER', operationName: 'Person' });
    }
  });

  test('who lacks the function sees a mask, or null with an error naming function and audit entry', async () => {
    const answer = await gateway.ask(
      'branchClerk',
      '{ addressees(filter: { kana: "サ" }, first: 5) { nodes { name birthDate phone receipts { nodes { id } } } } }',
    );
    expect(answer.data.addressees.nodes.length).toBeGreaterThan(0);
    for (const node of answer.data.addressees.nodes)
      expect(node).toMatchObject({ birthDate: null, phone: '＊＊＊', receipts: null });
    const codes = answer.errors.map(({ path, extensions }) => [
      path?.join('.'),
      extensions.code,
      extensions.function,
    ]);
    expect(codes).toEqual([
      ['addressees.nodes.0.birthDate', 'FORBIDDEN_FIELD', 'addressee:identity'],
      ['addressees.nodes.0.receipts', 'FORBIDDEN_FIELD', 'receipt:read'],
    ]);
    const sequence = answer.errors[0]?.extensions.auditEntry as string;
    const [entry] = await gateway.db.owner.run(
      'test.entry',
      ({ raw }) => raw`select coordinate, decision from audit.entry where sequence = ${sequence}`,
    );
    expect(entry).toMatchObject({ coordinate: 'Addressee.birthDate', decision: 'refuse' });
  });

  test('who lacks two functions for one field is sent to the entry of each', async () => {
    const answer = await gateway.ask(
      'branchClerk',
      `{ a: addressees(filter: { phone: "03" }) { nodes { name } }
        b: addressees(filter: { address: "青原" }) { nodes { name } } }`,
    );
    const pointers = answer.errors.map(({ extensions }) => [extensions.function, extensions.auditEntry]);
    expect(pointers.map(([missing]) => missing)).toEqual(['addressee:contact', 'addressee:identity']);
    for (const [missing, sequence] of pointers) {
      const [entry] = await gateway.db.owner.run(
        'test.entry',
        ({ raw }) => raw`select coordinate, reason from audit.entry where sequence = ${sequence as string}`,
      );
      expect(entry).toEqual({ coordinate: 'Query.addressees', reason: `function:${missing}` });
    }
  });
});

describe('a branch clerk', () => {
  test('finds nobody of another branch, as if there were nobody', async () => {
    const [other] = await gateway.db.owner.run(
      'test.other',
      ({ raw }) => raw<{ addressee_no: string }[]>`
      select addressee_no from records.addressee
      where branch_code <> (select branch_code from access.department where code = '4110') limit 1`,
    );
    const answer = await gateway.ask('branchClerk', PERSON, { variables: { no: other?.addressee_no } });
    const missing = await gateway.ask('branchClerk', PERSON, { variables: { no: '999999999999999' } });
    expect(answer.data).toEqual({ addressee: null });
    expect(answer).toEqual(missing);
  });
});

describe('a forged cursor', () => {
  test('of a person of another branch is like one of nobody', async () => {
    const [hidden] = await gateway.db.owner.run(
      'test.hidden',
      ({ raw }) => raw<{ addressee_no: string }[]>`
      select addressee_no from records.addressee where kana_folded like 'ア%'
        and branch_code <> (select branch_code from access.department where code = '4110') order by 1 limit 1`,
    );
    const ask = (no: string) => {
      const after = Buffer.from(`Addressee:${no}`).toString('base64url');
      const query = `{ addressees(filter: { kana: "サ" }, first: 5, after: "${after}") { nodes { addresseeNo } } }`;
      return gateway.ask('branchClerk', query);
    };
    expect(await ask(hidden?.addressee_no ?? '')).toEqual(await ask('999999999999999'));
  });
});

describe('people under 支援措置', () => {
  test('are masked for all but the staff named, warned of, and raised in the log', async () => {
    const [row] = await gateway.db.owner.run(
      'test.protected',
      ({ raw }) => raw<{ addressee_no: string; staff_id: string; address: string }[]>`
      select r.addressee_no, s.staff_id, a.address
      from records.protection_reach r join records.protection_staff s using (protection_id)
        join records.addressee a using (addressee_no) join access.staff st on st.staff_id = s.staff_id
      where current_date between r.valid_from and r.valid_to
        and current_date between s.valid_from and s.valid_to and s.staff_id like 'C%'
        and not exists (select from records.protection_staff o where o.protection_id = r.protection_id
          and o.staff_id <> s.staff_id and o.staff_id like 'C%') limit 1`,
    );
    if (!row) throw new Error('the demonstration has no protected person with a named collection clerk');
    const other = row.staff_id === 'C1101' ? 'C1102' : 'C1101';
    const query = 'query($no: String!) { addressee(addresseeNo: $no) { name address protectedPerson } }';
    const named = await gateway.ask('collectionClerk', query, {
      variables: { no: row.addressee_no },
      staffId: row.staff_id,
    });
    const unnamed = await gateway.ask('collectionClerk', query, {
      variables: { no: row.addressee_no },
      staffId: other,
    });
    expect(named.data.addressee).toMatchObject({ address: row.address, protectedPerson: true });
    expect(unnamed.data.addressee).toMatchObject({ address: '＊＊＊', protectedPerson: true });
    for (const answer of [named, unnamed])
      expect(answer.extensions.warnings).toMatchObject([
        { code: 'PROTECTED_PERSON', addresseeNo: row.addressee_no },
      ]);
    const raised = await gateway.ask(
      'auditor',
      `query($no: String!) {
        auditEntries(first: 50, filter: { subject: $no, raised: true, coordinate: "Addressee.address" }) {
          nodes { actorId decision reason raised } } }`,
      { variables: { no: row.addressee_no } },
    );
    expect(raised.data.auditEntries.nodes).toEqual([
      { actorId: other, decision: 'MASK', reason: 'protectedPerson', raised: true },
      { actorId: row.staff_id, decision: 'ALLOW', reason: null, raised: true },
    ]);
  });
});

describe('lists', () => {
  test('page by cursors that hold nothing personal, without a gap or a double', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 100; page++) {
      const answer = await gateway.ask(
        'collectionClerk',
        `query($after: String) { addressees(filter: { kana: "タ" }, first: 7, after: $after) {
          edges { cursor node { addresseeNo } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
        { variables: { after } },
      );
      expect(answer.errors).toEqual([]);
      const { edges, pageInfo } = answer.data.addressees;
      seen.push(...edges.map((edge: { node: { addresseeNo: string } }) => edge.node.addresseeNo));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      for (const { cursor } of edges)
        expect(Buffer.from(cursor, 'base64url').toString()).toMatch(/^Addressee:\d+$/);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    const all = await gateway.db.owner.run(
      'test.all',
      ({ raw }) =>
        raw<
          { addressee_no: string }[]
        >`select addressee_no from records.addressee where kana_folded like 'タ%' order by kana_folded, addressee_no`,
    );
    expect(seen).toEqual(all.map((row) => row.addressee_no));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('a page size outside the limits and a foreign cursor are refused', async () => {
    for (const args of ['first: 0', 'first: 101', 'after: "AAAA"']) {
      const answer = await gateway.ask(
        'collectionClerk',
        `{ addressees(filter: { kana: "タ" }, ${args}) { nodes { name } } }`,
      );
      expect(answer.errors[0]?.extensions.code).toBe('BAD_INPUT');
      expect(answer.data).toBeUndefined();
    }
  });
});

describe('a query asks for exactly what it says', () => {
  test('aliases, fragments and conditions shape the answer as the language has it', async () => {
    const answer = await gateway.ask(
      'collectionClerk',
      `query($no: String!, $with: Boolean!) {
      a: addressee(addresseeNo: $no) { ...F kana @include(if: $with) n2: name __typename }
      b: addressee(addresseeNo: $no) { ... on Addressee { kana @skip(if: $with) } ...F }
    } fragment F on Addressee { name levies(first: 1) { nodes { __typename id } } }`,
      { variables: { no: someone, with: true } },
    );
    expect(answer.errors).toEqual([]);
    const { a, b } = answer.data;
    expect(Object.keys(a)).toEqual(['name', 'levies', 'kana', 'n2', '__typename']);
    expect(Object.keys(b)).toEqual(['name', 'levies']);
    expect(a).toMatchObject({
      n2: a.name,
      __typename: 'Addressee',
      levies: { nodes: [{ __typename: 'LevyLine' }] },
    });
    expect(b.levies).toEqual(a.levies);
  });

  test('the same document with other arguments present is another plan', async () => {
    const query = `query($no: String!, $year: Int) { addressee(addresseeNo: $no) {
      levies(first: 100, fiscalYear: $year) { nodes { fiscalYear } } } }`;
    const all = await gateway.ask('collectionClerk', query, { variables: { no: someone } });
    const year = all.data.addressee.levies.nodes[0].fiscalYear as number;
    const one = await gateway.ask('collectionClerk', query, { variables: { no: someone, year } });
    expect(all.errors).toEqual([]);
    expect(one.data.addressee.levies.nodes).toEqual(
      all.data.addressee.levies.nodes.filter((n: { fiscalYear: number }) => n.fiscalYear === year),
    );
    expect(one.data.addressee.levies.nodes.length).toBeLessThan(all.data.addressee.levies.nodes.length);
  });
});
