import { beforeEach, expect } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import type { JsonObject } from '../../../src/client/json.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { linkHandler, testGateway, type GraphqlAnswer } from '../../support/gateway.js';
import { acquireCodeBody, newRef, signedOperation } from '../../support/push.js';
import { Records } from '../../support/records.js';
import { authority } from '../../vault/http/support.js';
import { clientOf, StandInVault } from '../../worker/support/vault.js';
import { afterwards } from '../../support/afterwards.js';

/** Somebody of the records, with a number in the vault. */
export interface Person {
  readonly addresseeNo: string;
  readonly ref: string;
}

type PushChange = 'acquireCode' | 'inquireRefundAccount' | 'signPushAgain' | 'cancelPush';

export const CASE = { 'kuramori-case': 'C-2026-0001' };
const FIELDS =
  'pushRequest { id procedure state reason consentId caseRef } userErrors { code field message }';

export const idOf = (body: JsonObject) => body['pushRequestId'] as string;

/** What was wrong with a change, of which nothing else failed. */
export const errorsOf = ({ data, errors }: GraphqlAnswer, name: PushChange) => {
  expect(errors).toEqual([]);
  return (data[name].userErrors as { code: string; field: string }[]).map(
    ({ code, field }) => `${code} ${field}`,
  );
};

/** A gateway where pushes are asked for, before a vault that answers as a test says, or by itself. */
export async function pushGateway() {
  const certificates = await authority();
  const vault = await StandInVault.open(certificates);
  const client = openVaultClient({
    url: vault.url,
    ca: certificates.ca,
    key: certificates.gateway.key,
    certificate: certificates.gateway.cert,
  });
  afterwards(() => client.close());
  beforeEach(() => {
    vault.onOperation = () => Promise.resolve(undefined);
  });
  const gateway = await testGateway(120, {}, client);
  await linkHandler(gateway, 'P-1029');
  const { db } = gateway;
  const records = new Records(db.owner);
  let [people, keys] = [0, 0];
  const change = async (
    name: PushChange,
    input: Record<string, unknown>,
    headers: Record<string, string> = CASE,
  ): Promise<GraphqlAnswer> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const idempotencyKey = `push-test-${(keys += 1)}`;
    const variables = { input: { idempotencyKey, ...input } };
    const document = `mutation($input: ${type}!) { ${name}(input: $input) { ${FIELDS} } }`;
    return gateway.ask('numberHandler', document, { variables, headers });
  };
  return {
    gateway,
    db,
    records,
    vault,
    /** With which the worker hands over and reads. */
    deps: {
      database: db.worker,
      audit: openAuditLog(db.worker),
      vault: clientOf(vault.url, certificates),
      clock: systemClock,
    },
    change,
    newPerson: async (attributes: { unifiedAddresseeNo?: string } = {}): Promise<Person> => {
      people += 1;
      const ref = newRef();
      const addresseeNo = `9${String(people).padStart(9, '0')}`;
      await records.addressee({ addresseeNo, vaultRef: ref, ...attributes });
      return { addresseeNo, ref };
    },
    /** Signs and asks for the code of somebody. */
    acquire: async (
      { addresseeNo, ref }: Person,
      body: JsonObject = acquireCodeBody(),
      now?: () => number,
    ) => {
      const signed = await signedOperation('push', ref, body, now);
      const answer = await change('acquireCode', { addresseeNo, ...signed });
      return { answer, pushRequestId: idOf(body), body };
    },
  };
}
