import { beforeAll, describe, expect, test } from 'vitest';
import { COLLECTION_RESOLVERS } from '../../../src/collection/collection.graphql.js';
import { encodeCursor } from '../../../src/gateway/plan/cursor.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, Reader } from '../../support/read.js';
import { Records } from '../../support/records.js';
import { schemaOf } from '../../support/schema.js';

const PUSHES = 20_000;
const RARE = 'AWAITING_SIGNATURE';
const db = await testDatabase();
const reader = new Reader(schemaOf(COLLECTION_RESOLVERS), db.gateway);
const supervisor = askerOf('sectionChief');
const LIST = `query($filter: PushRequestFilter, $after: String) {
  pushRequests(first: 20, after: $after, filter: $filter) { nodes { id state attempt reason } }
}`;
const idOf = (i: number) => `01936f3c-0000-7000-8000-${String(i).padStart(12, '0')}`;

beforeAll(async () => {
  const records = new Records(db.owner);
  const changeId = String(await records.changeId());
  await db.owner.run(
    'seed.people',
    ({ raw }) => raw`
    insert into records.addressee (addressee_no, kind, branch_code, residence, address, address_folded,
      name, name_folded, kana, kana_folded)
    select 'P' || i, 'person', '00', 'resident', 'a', 'a', 'n', 'n', 'k', 'k' from generate_series(1, 1000) as i`,
  );
  await db.owner.run(
    'seed.requests',
    ({ raw }) => raw`
    insert into records.push_request (push_request_id, procedure, addressee_no, body_digest, change_id)
    select ('01936f3c-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'acquireCode', 'P' || (1 + i % 1000), 'd',
      ${changeId}::bigint
    from generate_series(1, ${PUSHES}) as i`,
  );
  // One in two thousand waits for its clerk; of the others nobody will ask again.
  await db.owner.run(
    'seed.states',
    ({ raw }) => raw`
    insert into records.push_state (push_request_id, state, at, vault_sequence, attempt)
    select ('01936f3c-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
      case when i % 2000 = 1 then ${RARE} else 'DONE' end, now(), case when i % 2000 <> 1 then i end, 1
    from generate_series(1, ${PUSHES}) as i`,
  );
  for (const table of ['push_request', 'push_standing', 'push_state'])
    await db.owner.run('seed.analyze', ({ raw }) => raw.unsafe(`analyze records.${table}`));
});

describe('the list of pushes', () => {
  test.each([RARE, 'DONE'])(
    '%s reads no more than it shows, whether or not the state is known',
    async (state) => {
      const variables = { filter: { state } };
      const { pushRequests } = await reader.data(LIST, supervisor, variables);
      const { nodes } = pushRequests as { nodes: { id: string; state: string }[] };
      expect(nodes.length).toBe(state === RARE ? PUSHES / 2_000 : 20);
      expect(new Set(nodes.map((node) => node.state))).toEqual(new Set([state]));
      expect(nodes.map(({ id }) => id)).toEqual(
        nodes
          .map(({ id }) => id)
          .toSorted()
          .toReversed(),
      );
      const plans = await reader.explain(LIST, supervisor, variables);
      for (const plan of [plans.custom, plans.generic]) {
        expect(plan).not.toMatch(/Seq Scan on push_/u);
        expect(plan).not.toContain('Sort');
      }
      expect(plans.generic).toContain('push_standing_state');
      if (state === RARE) expect(plans.custom).toContain('push_standing_state');
    },
  );

  test('goes on after a cursor by the index, also where that push has another state by now', async () => {
    const variables = { filter: { state: RARE }, after: encodeCursor('PushRequest', idOf(10_000)) };
    const { pushRequests } = await reader.data(LIST, supervisor, variables);
    const { nodes } = pushRequests as { nodes: { id: string }[] };
    expect(nodes.map(({ id }) => id)).toEqual([8_001, 6_001, 4_001, 2_001, 1].map(idOf));
    const plans = await reader.explain(LIST, supervisor, variables);
    for (const plan of [plans.custom, plans.generic]) expect(plan).not.toMatch(/Seq Scan on push_/u);
  });

  test('of one person and of one push reads theirs alone', async () => {
    const ofPerson =
      'query($no: String!) { addressee(addresseeNo: $no) { pushes { nodes { id states { state } } } } }';
    const ofPush = 'query($id: ID!) { pushRequest(id: $id) { states { state } signatures { validUntil } } }';
    const asker = askerOf('numberHandler');
    for (const [document, variables] of [
      [ofPerson, { no: 'P7' }],
      [ofPush, { id: idOf(7) }],
    ] as const) {
      const plans = await reader.explain(document, asker, variables);
      for (const plan of [plans.custom, plans.generic])
        expect(plan).not.toMatch(/Seq Scan on push_(request|state)\b/u);
    }
  });

  test.each(['x', encodeCursor('PushRequest', '1'), encodeCursor('Refund', idOf(1))])(
    'refuses a cursor that is none of its own',
    async (after) => {
      await expect(reader.data(LIST, supervisor, { after })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    },
  );
});
