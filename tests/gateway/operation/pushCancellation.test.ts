import { describe, expect, it } from 'vitest';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import { readChanges } from '../../../src/worker/push/changes.js';
import { handOverNext } from '../../../src/worker/push/handOver.js';
import { cancelReasonOf, signedOperation, standingOf, statesOf, waiting } from '../../support/push.js';
import { refusal } from '../../worker/support/vault.js';
import { errorsOf, pushGateway, type Person } from './pushGateway.js';

const { gateway, db, vault, deps, change, newPerson, acquire } = await pushGateway();

async function cancel({ ref }: Person, pushRequestId: string) {
  const reason = '誤った依頼';
  const { assertion } = await signedOperation('cancelPush', ref, { pushRequestId, reason });
  return change('cancelPush', { pushRequestId, assertion, reason });
}

describe('the cancellation of a push', () => {
  it('ends one that never came to the vault here, and takes what was signed away', async () => {
    const person = await newPerson();
    const { pushRequestId } = await acquire(person);
    expect(errorsOf(await cancel(person, pushRequestId), 'cancelPush')).toEqual([]);
    expect(await waiting(db)).toBe(0);
    expect(await handOverNext(deps)).toBeUndefined();
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'CANCELLED' });
    expect(await cancelReasonOf(db, pushRequestId)).toBe('誤った依頼');
    expect(errorsOf(await cancel(person, pushRequestId), 'cancelPush')).toEqual(['CONFLICT pushRequestId']);
  });

  it('is the vault’s to decide once it has the push', async () => {
    const person = await newPerson();
    const { pushRequestId } = await acquire(person);
    vault.onOperation = ({ body }) => {
      vault.changed(body.pushRequestId, 'ACCEPTED', 'ACCEPTED', 0);
      const result = { pushRequestId: body.pushRequestId, state: 'ACCEPTED' };
      return Promise.resolve({ outcome: 'done', result, entry: '1' });
    };
    await handOverNext(deps);
    vault.onOperation = () => Promise.resolve(undefined);
    const answer = await cancel(person, pushRequestId);
    expect(errorsOf(answer, 'cancelPush')).toEqual([]);
    expect(answer.data.cancelPush.pushRequest.state).toBe('HANDED_OVER');
    await readChanges(deps);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'CANCELLED' });
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'HANDED_OVER', 'ACCEPTED', 'CANCELLED']);
    const query = 'query($id: ID!) { pushRequest(id: $id) { cancelReason } }';
    const { data } = await gateway.ask('numberHandler', query, { variables: { id: pushRequestId } });
    expect(data.pushRequest).toMatchObject({ cancelReason: '誤った依頼' });
  });

  it('is refused when it was signed about another person, push or operation', async () => {
    const [person, other] = [await newPerson(), await newPerson()];
    const { pushRequestId } = await acquire(person);
    const before = vault.asked.length;
    expect(errorsOf(await cancel(other, pushRequestId), 'cancelPush')).toEqual(['CONFLICT assertion']);
    const reason = '誤った依頼';
    for (const [op, id] of [
      ['cancelPush', newUuidV7(0)],
      ['push', pushRequestId],
    ] as const) {
      const { assertion } = await signedOperation(op, person.ref, { pushRequestId: id, reason });
      const answer = await change('cancelPush', { pushRequestId, assertion, reason });
      expect(errorsOf(answer, 'cancelPush')).toEqual(['BAD_INPUT assertion']);
    }
    expect(vault.asked.length).toBe(before);
    expect(await waiting(db)).toBe(1);
    await handOverNext(deps);
  });

  it('is refused when it is too late', async () => {
    const person = await newPerson();
    const { pushRequestId } = await acquire(person);
    await handOverNext(deps);
    expect(errorsOf(await cancel(person, pushRequestId), 'cancelPush')).toHaveLength(1);
    await readChanges(deps);
    expect(errorsOf(await cancel(person, pushRequestId), 'cancelPush')).toEqual(['CONFLICT pushRequestId']);
    expect(errorsOf(await cancel(person, newUuidV7(0)), 'cancelPush')).toEqual(['NOT_FOUND pushRequestId']);
  });

  it('leaves everything as it was when the vault does not answer, or a worker holds the push', async () => {
    const person = await newPerson();
    const { pushRequestId } = await acquire(person);
    vault.onOperation = () => Promise.resolve(refusal('VAULT_SEALED'));
    expect((await cancel(person, pushRequestId)).errors).toMatchObject([
      { extensions: { code: 'VAULT_SEALED' } },
    ]);
    expect(await waiting(db)).toBe(1);
    vault.onOperation = async ({ body }) => {
      if (!('procedure' in body)) return undefined;
      expect(errorsOf(await cancel(person, pushRequestId), 'cancelPush')).toEqual(['CONFLICT pushRequestId']);
      return undefined;
    };
    expect(await handOverNext(deps)).toMatchObject({ kind: 'handedOver' });
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'HANDED_OVER']);
  });
});
