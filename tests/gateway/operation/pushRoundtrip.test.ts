import { describe, expect, test } from 'vitest';
import {
  acquireCodeRequest,
  cancelPushRequest,
  inquireRefundAccountRequest,
  newConsentId,
  newPushRequestId,
  recordConsentRequest,
  registerRequest,
  verifyPublishedKeys,
  viewRefundAccountRequest,
  type SignedOperation,
} from '../../../src/client/index.js';
import { systemClock, today } from '../../../src/kernel/clock.js';
import { PEOPLE } from '../../../src/reference/intermediary/seedPeople.js';
import { linkHandler, testGateway, type GraphqlAnswer } from '../../support/gateway.js';
import { loggedOf } from '../../support/push.js';
import { Records } from '../../support/records.js';
import { temporaryHome } from '../../vault/processes/process.js';
import { MUNICIPALITY } from '../../vault/processes/vault.js';
import { startPushingHouse, startWorkerProcess } from '../../worker/support/house.js';

const WAIT = { timeout: 15_000, interval: 50 };
/** Numbers of handbook 10 §3.2: patterned, nobody's. */
const [FIRST, SECOND] = ['123456789018', '135792468015'] as const;
const OPERATIONS = ['register', 'push', 'cancelPush', 'recordConsent', 'viewRefundAccount'];

const home = temporaryHome();
const { vault, client } = await startPushingHouse(home, ['P-1029']);
const gateway = await testGateway(120, {}, client);
await linkHandler(gateway, 'P-1029');
const records = new Records(gateway.db.owner);
const clerk = await vault.person('P-1029', { operations: OPERATIONS });
await startWorkerProcess(home, gateway.db.urls.worker, vault.running.address);

let keys = 0;
async function change(name: string, input: object, payload: string): Promise<GraphqlAnswer['data']> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const idempotencyKey = `roundtrip-${(keys += 1)}`;
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${payload} userErrors { code message } } }`;
  const variables = { input: { idempotencyKey, ...input } };
  const { data, errors } = await gateway.ask('numberHandler', query, {
    variables,
    headers: { 'kuramori-case': clerk.context.caseId },
  });
  expect(errors).toEqual([]);
  expect(data[name].userErrors).toEqual([]);
  return data[name];
}

const signed = ({ assertion, body }: SignedOperation) => ({ assertion, body: JSON.stringify(body) });

/** Somebody of the records, with a number in the vault that is linked to a person of the network. */
async function registered(number: string, unifiedAddresseeNo: string) {
  const addresseeNo = await records.addressee({ unifiedAddresseeNo });
  const published = (await client.publishedKeys()).signed;
  const vaultKeys = await verifyPublishedKeys(published, vault.anchor, { municipality: MUNICIPALITY });
  const details = { ...clerk.context, number, vaultKeys, attributes: { unifiedAddresseeNo } };
  const { assertion, body } = await registerRequest(clerk.key, details);
  const input = { addresseeNo, assertion, number: body['number'], unifiedAddresseeNo };
  const { addressee } = await change(
    'registerIndividualNumber',
    input,
    'addressee { individualNumber { ref } }',
  );
  return { addresseeNo, unifiedAddresseeNo, ref: addressee.individualNumber.ref as string };
}

async function approvedRefund(addresseeNo: string): Promise<string> {
  const levyId = await records.levy(addresseeNo);
  await records.receipt({ levyId, applied: 10_000n, addresseeNo });
  const { overpaymentId } = await records.receipt({ levyId, overpaid: 10_000n, addresseeNo });
  const refundId = await records.refund(overpaymentId ?? 0n, addresseeNo, 1_000n);
  await records.decision(refundId, 'approved');
  return String(refundId);
}

/** What a supervisor sees of a push. */
async function shown(id: string) {
  const query = `query($id: ID!) { pushRequest(id: $id) {
    state reason attempt receiptDigest nextAttemptAt refund { id } states { state reason } } }`;
  const { data, errors } = await gateway.ask('sectionChief', query, { variables: { id } });
  expect(errors).toEqual([]);
  return data.pushRequest;
}

describe('a push, over gateway, worker, vault and the reference intermediary server, each by itself,', () => {
  test('is asked for in GraphQL and has its receipt there, and the account stays in the vault', async () => {
    const person = await registered(FIRST, PEOPLE.accountRegistered);
    const refundId = await approvedRefund(person.addresseeNo);
    const consentId = newConsentId();
    const about = { ...clerk.context, ref: person.ref, refundId };
    const consent = await recordConsentRequest(clerk.key, {
      ...about,
      consentId,
      channel: 'counter',
      consentedOn: today(systemClock),
      evidenceDigest: `sha256:${'A'.repeat(43)}`,
    });
    await change('operateVault', signed(consent), 'outcome { result }');
    const pushRequestId = newPushRequestId();
    const { unifiedAddresseeNo } = person;
    const asked = { ...about, pushRequestId, unifiedAddresseeNo, consentId, holderKana: 'クラモリ　タロウ' };
    const push = await inquireRefundAccountRequest(clerk.key, asked);
    const made = await change(
      'inquireRefundAccount',
      { refundId, ...signed(push) },
      'pushRequest { id state }',
    );
    expect(made.pushRequest).toEqual({ id: pushRequestId, state: 'WAITING' });

    await expect.poll(() => shown(pushRequestId), WAIT).toMatchObject({ state: 'DONE' });
    const { states, receiptDigest, ...rest } = await shown(pushRequestId);
    expect(rest).toEqual({
      state: 'DONE',
      reason: 'OK',
      attempt: 1,
      nextAttemptAt: null,
      refund: { id: refundId },
    });
    expect(receiptDigest).toMatch(/^sha256:[\w-]{43}$/);
    expect(states.map(({ state }: { state: string }) => state)).toEqual([
      'WAITING',
      'HANDED_OVER',
      'ACCEPTED',
      'SENDING',
      'DONE',
    ]);

    const view = await viewRefundAccountRequest(clerk.key, about);
    const { outcome } = await change('operateVault', signed(view), 'outcome { result }');
    expect(outcome.result).toContain('***');
    const account = '0012345';
    expect(outcome.result).not.toContain(account);
    const [kept] = await gateway.db.owner.run(
      'test.kept',
      ({ raw }) => raw<{ text: string }[]>`
      select concat((select string_agg(t::text, ' ') from records.push_request t),
        (select string_agg(t::text, ' ') from records.push_state t),
        (select string_agg(convert_from(body, 'UTF8'), ' ') from audit.written)) as text`,
    );
    expect(kept?.text).toContain(pushRequestId);
    expect(kept?.text).not.toContain(account);
    expect(kept?.text).not.toContain(FIRST);
  }, 60_000);

  test('that the other side has in work is seen waiting, and cannot be taken back', async () => {
    const person = await registered(SECOND, PEOPLE.codeNotAcquired);
    const pushRequestId = newPushRequestId();
    const asked = { ...clerk.context, ...person, pushRequestId };
    const { addresseeNo, ref } = person;
    const push = await acquireCodeRequest(clerk.key, {
      ...clerk.context,
      ref,
      pushRequestId,
      unifiedAddresseeNo: asked.unifiedAddresseeNo,
    });
    await change('acquireCode', { addresseeNo, ...signed(push) }, 'pushRequest { id }');
    await expect
      .poll(() => shown(pushRequestId), WAIT)
      .toMatchObject({ state: 'PENDING', reason: 'WAITING' });
    expect((await shown(pushRequestId)).nextAttemptAt).not.toBeNull();
    const reason = '誤った依頼';
    const { assertion } = await cancelPushRequest(clerk.key, {
      ...clerk.context,
      ref,
      pushRequestId,
      reason,
    });
    const answer = await gateway.ask(
      'numberHandler',
      'mutation($input: CancelPushInput!) { cancelPush(input: $input) { userErrors { code } } }',
      {
        variables: { input: { idempotencyKey: 'too-late-for-it', pushRequestId, assertion, reason } },
        headers: { 'kuramori-case': clerk.context.caseId },
      },
    );
    expect(answer.data.cancelPush.userErrors).toEqual([{ code: 'CONFLICT' }]);
    const [row] = await gateway.db.owner.run(
      'test.request',
      ({ raw }) => raw<{ id: string }[]>`
      select c.request_id as id from records.push_request p join records.change c on c.id = p.change_id
      where p.push_request_id = ${pushRequestId}::uuid`,
    );
    expect((await loggedOf(gateway.db, row?.id ?? '')).at(-1)).toBe(
      'push worker PushRequest.state allow PENDING:WAITING',
    );
  }, 60_000);
});
