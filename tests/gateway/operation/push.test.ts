import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/client/json.js';
import { readChanges } from '../../../src/worker/push/changes.js';
import { handOverNext } from '../../../src/worker/push/handOver.js';
import type { GraphqlAnswer } from '../../support/gateway.js';
import {
  acquireCodeBody,
  inquiryBody,
  loggedOf,
  newRef,
  signedOperation,
  standingOf,
  statesOf,
  UNIFIED,
  waiting,
} from '../../support/push.js';
import { refusal } from '../../worker/support/vault.js';
import { CASE, errorsOf, idOf, pushGateway } from './pushGateway.js';

const { gateway, db, vault, deps, change, newPerson, acquire } = await pushGateway();

async function requestOf(pushRequestId: string): Promise<string> {
  const [row] = await db.owner.run(
    'test.request',
    ({ raw }) => raw<{ request_id: string }[]>`
    select request_id from records.push_request join records.change c on c.id = change_id
    where push_request_id = ${pushRequestId}::uuid`,
  );
  return row?.request_id ?? '';
}

describe('a push', () => {
  it('is asked for, handed over and told of, and every step is in the log under one request', async () => {
    const person = await newPerson();
    const { answer, pushRequestId } = await acquire(person);
    expect(answer.errors).toEqual([]);
    expect(answer.data.acquireCode).toEqual({
      pushRequest: {
        id: pushRequestId,
        procedure: 'ACQUIRE_CODE',
        state: 'WAITING',
        reason: null,
        consentId: null,
        caseRef: 'C-2026-0001',
      },
      userErrors: [],
    });
    expect(await waiting(db)).toBe(1);
    expect(await handOverNext(deps)).toMatchObject({ kind: 'handedOver' });
    expect(await waiting(db)).toBe(0);
    await readChanges(deps);
    const query = `query($id: ID!, $no: String!) {
      pushRequest(id: $id) {
        state attempt reason requestedBy signatures { requestedBy } states { state attempt reason }
        addressee { addresseeNo }
      }
      addressee(addresseeNo: $no) { pushes { nodes { id state } } }
    }`;
    const shown = await gateway.ask('numberHandler', query, {
      variables: { id: pushRequestId, no: person.addresseeNo },
    });
    expect(shown.errors).toEqual([]);
    const { requestedBy, ...push } = shown.data.pushRequest;
    expect(push).toEqual({
      state: 'DONE',
      attempt: 1,
      reason: 'OK',
      signatures: [{ requestedBy }],
      states: [
        { state: 'WAITING', attempt: null, reason: null },
        { state: 'HANDED_OVER', attempt: null, reason: null },
        { state: 'ACCEPTED', attempt: 0, reason: 'ACCEPTED' },
        { state: 'SENDING', attempt: 1, reason: 'TRANSMITTING' },
        { state: 'DONE', attempt: 1, reason: 'OK' },
      ],
      addressee: { addresseeNo: person.addresseeNo },
    });
    expect(shown.data.addressee.pushes.nodes).toEqual([{ id: pushRequestId, state: 'DONE' }]);
    const logged = await loggedOf(db, await requestOf(pushRequestId));
    expect(logged[0]).toBe(`mutation ${requestedBy} Mutation.acquireCode allow`);
    expect(logged.slice(-5)).toEqual([
      'push worker PushRequest.handOver allow intent',
      'push worker PushRequest.handOver allow HANDED_OVER',
      'push worker PushRequest.state allow ACCEPTED:ACCEPTED',
      'push worker PushRequest.state allow SENDING:TRANSMITTING',
      'push worker PushRequest.state allow DONE:OK',
    ]);
  });

  it('leaves nothing when the change fails: no request, nothing signed', async () => {
    const person = await newPerson();
    const { assertion, body } = await signedOperation('push', person.ref, acquireCodeBody());
    const answer = await gateway.ask(
      'numberHandler',
      `mutation($input: AcquireCodeInput!) { acquireCode(input: $input) { pushRequest { addressee { levies(first: 1000)
        { nodes { id } } } } } }`,
      {
        variables: {
          input: { idempotencyKey: 'fails-late', addresseeNo: person.addresseeNo, assertion, body },
        },
        headers: CASE,
      },
    );
    expect(answer.errors).not.toEqual([]);
    expect(await waiting(db)).toBe(0);
  });

  it('is asked for once under its id, and a repeat of the request answers the same', async () => {
    const person = await newPerson();
    const body = acquireCodeBody();
    const signed = await signedOperation('push', person.ref, body);
    const input = { idempotencyKey: 'the-same-request', addresseeNo: person.addresseeNo, ...signed };
    const [first, again] = [await change('acquireCode', input), await change('acquireCode', input)];
    expect(again.data).toEqual(first.data);
    const other = await acquire(person, body);
    expect(errorsOf(other.answer, 'acquireCode')).toEqual(['CONFLICT body']);
    expect(await statesOf(db, idOf(body))).toEqual(['WAITING']);
    await handOverNext(deps);
  });

  it('is refused for what a clerk can mend', async () => {
    const [person, other] = [await newPerson({ unifiedAddresseeNo: UNIFIED }), await newPerson()];
    const unified = acquireCodeBody({ unifiedAddresseeNo: '000000000099999' });
    const inquiry = inquiryBody(1n);
    const past = () => Date.now() - 3_600_000;
    const cases: [Promise<{ answer: GraphqlAnswer }>, string][] = [
      [acquire({ ...person, addresseeNo: 'nobody' }), 'NOT_FOUND addresseeNo'],
      [acquire({ ...person, ref: other.ref }), 'CONFLICT assertion'],
      [acquire(person, unified), 'CONFLICT body'],
      [acquire(person, inquiry), 'BAD_INPUT body'],
      [acquire(person, acquireCodeBody({ pushRequestId: crypto.randomUUID() })), 'BAD_INPUT body'],
      [acquire(person, acquireCodeBody(), past), 'BAD_INPUT assertion'],
    ];
    for (const [asked, expected] of cases)
      expect(errorsOf((await asked).answer, 'acquireCode')).toEqual([expected]);
    expect(await waiting(db)).toBe(0);
  });

  it('is taken from nobody else than who signed it, and the attempt is raised', async () => {
    const person = await newPerson();
    const signed = await signedOperation('push', person.ref, acquireCodeBody(), Date.now, 'P-2000');
    const answer = await change('acquireCode', { addresseeNo: person.addresseeNo, ...signed });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await waiting(db)).toBe(0);
    const raised = await db.owner.run(
      'test.raised',
      ({ raw }) => raw`
      select coordinate, reason, subjects from audit.entry where raised and reason = 'otherPerson'`,
    );
    expect([...raised]).toEqual([
      { coordinate: 'Mutation.acquireCode', reason: 'otherPerson', subjects: [person.addresseeNo] },
    ]);
  });

  it('belongs to a case and to a purpose that reaches numbers', async () => {
    const person = await newPerson();
    const signed = await signedOperation('push', person.ref, acquireCodeBody());
    const answer = await change('acquireCode', { addresseeNo: person.addresseeNo, ...signed }, {});
    expect(answer.data.acquireCode.userErrors).toMatchObject([{ code: 'BAD_INPUT' }]);
  });
});

describe('a push that waits for a signature', () => {
  it('is signed again with the same body, and only then', async () => {
    const person = await newPerson();
    const { pushRequestId, body } = await acquire(person);
    vault.onOperation = () => Promise.resolve(refusal('STEP_UP_REQUIRED'));
    await handOverNext(deps);
    expect(await standingOf(db, pushRequestId)).toMatchObject({
      state: 'NOT_ACCEPTED',
      reason: 'STEP_UP_REQUIRED',
    });
    const again = async (content: JsonObject, ref = person.ref) =>
      errorsOf(await change('signPushAgain', await signedOperation('push', ref, content)), 'signPushAgain');
    expect(await again({ ...body, deadline: '2099-01-01T00:00:00Z' })).toEqual(['CONFLICT body']);
    expect(await again(body, newRef())).toEqual(['CONFLICT assertion']);
    expect(await again(acquireCodeBody())).toEqual(['NOT_FOUND body']);
    expect(await again(body)).toEqual([]);
    expect(await again(body)).toEqual(['CONFLICT pushRequestId']);
    vault.onOperation = () => Promise.resolve(undefined);
    await handOverNext(deps);
    expect(await again(body)).toEqual(['CONFLICT pushRequestId']);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'NOT_ACCEPTED', 'WAITING', 'HANDED_OVER']);
    const { data } = await gateway.ask(
      'numberHandler',
      'query($id: ID!) { pushRequest(id: $id) { signatures { validUntil } } }',
      { variables: { id: pushRequestId } },
    );
    expect(data.pushRequest.signatures).toHaveLength(2);
  });

  it('may be signed again as soon as its signature has ended, also when no worker was there', async () => {
    const person = await newPerson();
    // So old that half a second is left of it.
    const { answer, pushRequestId, body } = await acquire(
      person,
      acquireCodeBody(),
      () => Date.now() - 58_500,
    );
    expect(errorsOf(answer, 'acquireCode')).toEqual([]);
    const signed = await signedOperation('push', person.ref, body);
    const again = () => change('signPushAgain', signed).then((told) => errorsOf(told, 'signPushAgain'));
    await expect.poll(again, { timeout: 5_000, interval: 200 }).toEqual([]);
    expect(await handOverNext(deps)).toMatchObject({ kind: 'handedOver' });
    expect(vault.asked.at(-1)?.assertion).toBe(signed.assertion);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'WAITING', 'HANDED_OVER']);
  });
});

describe('the supervisor', () => {
  it('lists pushes by their state, newest first, in pages', async () => {
    const person = await newPerson();
    const ids: string[] = [];
    vault.onOperation = () => Promise.resolve(refusal('BUDGET_EXCEEDED'));
    for (let i = 0; i < 5; i++) {
      const { pushRequestId } = await acquire(person);
      ids.unshift(pushRequestId);
      await handOverNext(deps);
    }
    const list = async (after?: string) => {
      const answer = await gateway.ask(
        'sectionChief',
        `query($after: String, $no: String) { pushRequests(first: 3, after: $after,
          filter: { state: NOT_ACCEPTED, procedure: ACQUIRE_CODE, addresseeNo: $no }) {
            nodes { id reason } pageInfo { hasNextPage endCursor } } }`,
        { variables: { no: person.addresseeNo, ...(after === undefined ? {} : { after }) } },
      );
      expect(answer.errors).toEqual([]);
      return answer.data.pushRequests as {
        nodes: { id: string; reason: string }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    };
    const first = await list();
    const second = await list(first.pageInfo.endCursor);
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(ids);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(first.nodes[0]?.reason).toBe('BUDGET_EXCEEDED');
  });

  it('may not ask for one', async () => {
    const answer = await gateway.ask(
      'sectionChief',
      `mutation { cancelPush(input: { idempotencyKey: "not-allowed",
      pushRequestId: "x", assertion: "x", reason: "x" }) { userErrors { code } } }`,
    );
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN_FIELD', function: 'push:cancel' } },
    ]);
  });

  it('is told in a sentence that an id is none', async () => {
    const answer = await gateway.ask('sectionChief', '{ pushRequest(id: "1") { state } }');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
    expect(gateway.defects).toEqual([]);
  });
});
