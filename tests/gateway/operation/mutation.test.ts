import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { stepUp, testGateway, type GraphqlAnswer, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
let caseNo: string;
beforeAll(async () => {
  gateway = await testGateway();
  const [row] = await gateway.db.owner.run(
    'test.case',
    ({ raw }) => raw<{ case_no: string }[]>`
    select case_no from records.delinquency_case c
    where not exists (select from records.case_closing x where x.case_id = c.id) order by 1 limit 1`,
  );
  caseNo = row?.case_no ?? '';
});

const CONTACT = `mutation Contact($input: RecordContactInput!) { recordContact(input: $input) {
  contact { id summary method recordedBy delinquencyCase { caseNo } } userErrors { code message field } } }`;

function contact(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    idempotencyKey: randomUUID(),
    caseNo,
    contactedAt: '2026-10-30T10:00:00+09:00',
    method: 'PHONE',
    counterpart: '本人',
    summary: '分割納付の相談。来週来庁予定。',
    ...changes,
  };
}

async function count(table: string): Promise<number> {
  const [row] = await gateway.db.owner.run('test.count', ({ raw }) =>
    raw.unsafe<{ n: bigint }[]>(`select count(*) as n from ${table}`),
  );
  return Number(row?.n);
}

describe('a change', () => {
  test('is made once with its change row and its audit entry, and answered from the database', async () => {
    const before = await count('records.contact_record');
    const input = contact({ summary: '髙橋様宅を訪問。邉󠄄の字は戸籍のとおり。' });
    const answer = await gateway.ask('delinquencyOfficer', CONTACT, {
      variables: { input },
      headers: { 'kuramori-case': caseNo },
    });
    expect(answer.errors).toEqual([]);
    expect(answer.data.recordContact).toMatchObject({
      userErrors: [],
      contact: {
        summary: input['summary'],
        method: 'PHONE',
        recordedBy: 'D1201',
        delinquencyCase: { caseNo },
      },
    });
    expect(await count('records.contact_record')).toBe(before + 1);
    const [row] = await gateway.db.owner.run(
      'test.change',
      ({ raw }) => raw`
      select c.actor_id, c.purpose, c.case_ref, c.action
      from records.contact_record r join records.change c on c.id = r.change_id
      where r.id = ${answer.data.recordContact.contact.id}`,
    );
    expect(row).toEqual({
      actor_id: 'D1201',
      purpose: 'DELINQUENCY',
      case_ref: caseNo,
      action: 'recordContact',
    });
    const [entry] = await gateway.db.owner.run(
      'test.entry',
      ({ raw }) => raw`
      select decision, kind from audit.entry
      where coordinate = 'Mutation.recordContact' order by sequence desc limit 1`,
    );
    expect(entry).toEqual({ decision: 'allow', kind: 'mutation' });
  });

  test('repeated with its key answers the first outcome and changes nothing, also a hundred at once', async () => {
    const input = contact();
    const before = await count('records.contact_record');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.ask('delinquencyOfficer', CONTACT, { variables: { input } })),
    );
    const ids = new Set(answers.map(({ data }) => data?.recordContact?.contact?.id));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(ids.size).toBe(1);
    expect(await count('records.contact_record')).toBe(before + 1);
  });

  test('with the key of another change is refused', async () => {
    const input = contact();
    await gateway.ask('delinquencyOfficer', CONTACT, { variables: { input } });
    const answer = await gateway.ask('delinquencyOfficer', CONTACT, {
      variables: { input: { ...input, summary: 'another' } },
    });
    expect(answer.errors[0]?.extensions.code).toBe('CONFLICT');
  });

  test('that the user must mend says so and leaves nothing behind', async () => {
    const before = [
      await count('records.contact_record'),
      await count('records.change'),
      await count('records.idempotency_key'),
    ];
    const answer = await gateway.ask('delinquencyOfficer', CONTACT, {
      variables: { input: contact({ caseNo: 'NONE' }) },
    });
    expect(answer.data.recordContact.contact).toBeNull();
    expect(answer.data.recordContact.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'caseNo' }]);
    expect([
      await count('records.contact_record'),
      await count('records.change'),
      await count('records.idempotency_key'),
    ]).toEqual(before);
  });

  test('is answered in whatever form the language has for asking', async () => {
    const asked = async (selections: string, changes: Record<string, unknown> = {}) => {
      const query = `mutation($input: RecordContactInput!) { ...F } fragment F on Mutation {
        __proto__: recordContact(input: $input) { ${selections} } }
        fragment P on RecordContactPayload { contact { summary } userErrors { code } }`;
      const answer = await gateway.ask('delinquencyOfficer', query, {
        variables: { input: contact(changes) },
      });
      expect(answer.errors).toEqual([]);
      return JSON.stringify(answer.data);
    };
    const summary = '相談';
    expect(
      await asked('...P ... { contact { __proto__: method summary } ...P } __typename', { summary }),
    ).toBe(
      '{"__proto__":{"contact":{"summary":"相談","__proto__":"PHONE"},"userErrors":[],' +
        '"__typename":"RecordContactPayload"}}',
    );
    expect(await asked('a: userErrors { field } ...P userErrors { __typename }', { caseNo: 'NONE' })).toBe(
      '{"__proto__":{"a":[{"field":"caseNo"}],"contact":null,' +
        '"userErrors":[{"code":"NOT_FOUND","__typename":"UserError"}]}}',
    );
  });

  test('without the function is refused, recorded, and changes nothing', async () => {
    const before = await count('records.change');
    const answer = await gateway.ask('counterClerk', CONTACT, { variables: { input: contact() } });
    expect(answer.data).toEqual({ recordContact: null });
    expect(answer.errors).toMatchObject([
      { path: ['recordContact'], extensions: { code: 'FORBIDDEN_FIELD', function: 'contact:write' } },
    ]);
    expect(await count('records.change')).toBe(before);
  });

  test('whose audit entry cannot be written is not made', async () => {
    const before = await count('records.contact_record');
    await gateway.db.owner.run('test.lose', ({ raw }) => raw`alter table audit.head rename to head_away`);
    const answer = await gateway.ask('delinquencyOfficer', CONTACT, { variables: { input: contact() } });
    await gateway.db.owner.run('test.restore', ({ raw }) => raw`alter table audit.head_away rename to head`);
    expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'AUDIT_UNAVAILABLE' } }] });
    expect(answer.data).toBeUndefined();
    expect(await count('records.contact_record')).toBe(before);
  });
});

describe('a refund', () => {
  const PROPOSE = `mutation($input: ProposeRefundInput!) {
    proposeRefund(input: $input) { refund { id amount state } userErrors { code field } } }`;
  const DECIDE = `mutation($input: DecideRefundInput!) {
    decideRefund(input: $input) { refund { id state decision { decidedBy } } userErrors { code field } } }`;

  async function propose(): Promise<GraphqlAnswer> {
    const [open] = await gateway.db.owner.run(
      'test.open',
      ({ raw }) => raw<{ id: bigint; amount: bigint }[]>`
      select o.id, o.amount from records.overpayment o where amount > 0
        and not exists (select from records.refund r where r.overpayment_id = o.id)
        and not exists (select from records.offset_entry f where f.overpayment_id = o.id)
        and not exists (select from records.overpayment x where x.receipt_id = o.receipt_id and x.amount < 0)
      order by 1 limit 1`,
    );
    const input = {
      idempotencyKey: randomUUID(),
      overpaymentId: String(open?.id),
      amount: Number(open?.amount),
      reason: '二重納付',
      noOffsetReason: '少額分納中で本人が現金還付を希望',
    };
    return gateway.ask('refundOfficer', PROPOSE, { variables: { input } });
  }

  test('is proposed by one person and decided by another, who has stepped up', async () => {
    const proposed = await propose();
    expect(proposed.data.proposeRefund).toMatchObject({ userErrors: [], refund: { state: 'PROPOSED' } });
    const decide = (idempotencyKey: string) => ({
      idempotencyKey,
      refundId: proposed.data.proposeRefund.refund.id as string,
      outcome: 'APPROVED',
      reason: '確認済',
    });
    const early = await gateway.ask('sectionChief', DECIDE, { variables: { input: decide(randomUUID()) } });
    expect(early.errors[0]?.extensions.code).toBe('STEP_UP_REQUIRED');
    await stepUp(gateway, 'M1701', 'REFUND');
    const key = randomUUID();
    const decided = await gateway.ask('sectionChief', DECIDE, { variables: { input: decide(key) } });
    expect(decided.errors).toEqual([]);
    expect(decided.data.decideRefund).toMatchObject({
      userErrors: [],
      refund: { state: 'APPROVED', decision: { decidedBy: 'M1701' } },
    });
    const twice = await gateway.ask('sectionChief', DECIDE, { variables: { input: decide(randomUUID()) } });
    expect(twice.data.decideRefund.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  test('cannot be decided by a role that may only propose', async () => {
    const proposed = await propose();
    const input = {
      idempotencyKey: randomUUID(),
      refundId: proposed.data.proposeRefund.refund.id,
      outcome: 'APPROVED',
      reason: '確認済',
    };
    const answer = await gateway.ask('refundOfficer', DECIDE, { variables: { input } });
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN_FIELD', function: 'refund:decide' } },
    ]);
  });
});

describe('conditions on a change', () => {
  const input = () => contact();

  test.each([
    [
      'on the field',
      'mutation($input: RecordContactInput!) { recordContact(input: $input) @skip(if: true) { __typename } }',
    ],
    [
      'on a fragment',
      `mutation($input: RecordContactInput!) { ...F @include(if: false) }
       fragment F on Mutation { recordContact(input: $input) { __typename } }`,
    ],
  ])('%s are kept: what is left out is not done', async (_, query) => {
    const before = await count('records.contact_record');
    await gateway.ask('delinquencyOfficer', query, { variables: { input: input() } });
    expect(await count('records.contact_record')).toBe(before);
  });

  test('a document that many send for the first time at once finds its arguments', async () => {
    const query = `mutation Fresh($input: RecordContactInput!) {
      recordContact(input: $input) { userErrors { code } } }`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        gateway.ask('delinquencyOfficer', query, { variables: { input: input() } }),
      ),
    );
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
