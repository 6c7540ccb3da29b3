import { createPublicKey } from 'node:crypto';
import {
  acquireCodeRequest,
  inquireRefundAccountRequest,
  newConsentId,
  newPushRequestId,
  recordConsentRequest,
  registerRequest,
  type InquireRefundAccountDetails,
  type PushDetails,
} from '../../../../src/client/index.js';
import type { PushChange } from '../../../../src/protocol/push.js';
import type { Answer } from '../../../../src/vault/client/wire.js';
import type { Intermediary } from '../../../../src/vault/intermediary/intermediary.js';
import type { OwnKeys } from '../../../../src/vault/intermediary/link.js';
import { ownKeysOf } from '../../../../src/vault/intermediary/ownKeys.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { readChanges } from '../../../../src/vault/push/changes.js';
import { runPushes, type PushRunner } from '../../../../src/vault/push/runner.js';
import { done } from '../../operation/support/two.js';
import { testService, type TestPerson, type TestService } from '../../operation/support/vault.js';
import { Peer } from './peer.js';
import { afterwards } from '../../../support/afterwards.js';

export const REFUND_OPERATIONS = [
  'register',
  'push',
  'cancelPush',
  'recordConsent',
  'withdrawConsent',
  'viewRefundAccount',
];
const EVIDENCE = `sha256:${'A'.repeat(43)}`;

/** A vault in service that pushes to a peer, without any network. */
export interface Pushing {
  readonly vault: TestService;
  readonly peer: Peer;
  readonly runner: PushRunner;
  readonly clerk: TestPerson;
  register(number: string, unifiedAddresseeNo?: string, person?: TestPerson): Promise<VaultRef>;
  /** Asks for the code of a person. */
  acquire(
    ref: VaultRef,
    unifiedAddresseeNo: string,
    details?: Partial<PushDetails>,
  ): Promise<{ readonly pushRequestId: string; readonly answer: Answer }>;
  consent(ref: VaultRef, refundId: string): Promise<string>;
  inquire(
    ref: VaultRef,
    unifiedAddresseeNo: string,
    refundId: string,
    details?: Partial<InquireRefundAccountDetails>,
  ): Promise<{ readonly pushRequestId: string; readonly answer: Answer }>;
  /** The states of a push, each with its reason. */
  history(pushRequestId: string): Promise<readonly string[]>;
  changes(pushRequestId: string): Promise<readonly PushChange[]>;
}

/** @param over the link to another side than the peer, given the vault's keys */
export async function pushing(over?: (ownKeys: () => OwnKeys) => Intermediary): Promise<Pushing> {
  let vault: TestService | undefined = undefined;
  const senderKey = () => {
    const { x } = vault!.context.seal.keyRing.verifying('intermediary').keys[0]!;
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  };
  const peer = new Peer(senderKey, () => vault!.clock.ms());
  vault = await testService(over?.(() => ownKeysOf(vault!.context.seal.keyRing)) ?? peer);
  const service: TestService = vault;
  const { context } = service;
  const runner = runPushes(context, () => context.seal.state === 'open', { warn: () => undefined })!;
  afterwards(() => runner.stop());
  const clerk = await service.person('P-1029', REFUND_OPERATIONS);
  const changes = async (pushRequestId: string) => {
    const all = await readChanges(context.database, '0', 500);
    return all.changes.filter((change) => change.pushRequestId === pushRequestId);
  };
  const newId = () => newPushRequestId(service.clock.ms);
  const consent: Pushing['consent'] = async (ref, refundId) => {
    const consentId = newConsentId(service.clock.ms);
    const said = { consentId, refundId, channel: 'counter', consentedOn: '2026-11-20' } as const;
    const details = { ...clerk.context, ref, ...said, evidenceDigest: EVIDENCE };
    done(await service.run(await recordConsentRequest(clerk.key, details)));
    return consentId;
  };
  return {
    vault: service,
    peer,
    runner,
    clerk,
    consent,
    register: async (number, unifiedAddresseeNo, { key, context: said } = clerk) => {
      const attributes = unifiedAddresseeNo === undefined ? {} : { unifiedAddresseeNo };
      return done(await service.run(await registerRequest(key, { ...said, number, attributes })))[
        'ref'
      ] as VaultRef;
    },
    acquire: async (ref, unifiedAddresseeNo, details = {}) => {
      const pushRequestId = details.pushRequestId ?? newId();
      const said = { ...clerk.context, ref, unifiedAddresseeNo, ...details, pushRequestId };
      return { pushRequestId, answer: await service.run(await acquireCodeRequest(clerk.key, said)) };
    },
    inquire: async (ref, unifiedAddresseeNo, refundId, details = {}) => {
      const pushRequestId = details.pushRequestId ?? newId();
      const consentId = details.consentId ?? (await consent(ref, refundId));
      const asked = { ref, unifiedAddresseeNo, refundId, holderKana: 'ヤマダ ハナコ', ...details };
      const said = { ...clerk.context, ...asked, consentId, pushRequestId };
      return { pushRequestId, answer: await service.run(await inquireRefundAccountRequest(clerk.key, said)) };
    },
    changes,
    history: async (pushRequestId) =>
      (await changes(pushRequestId)).map(({ state, reason }) => `${state} ${reason}`),
  };
}
