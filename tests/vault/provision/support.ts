import {
  newPushRequestId,
  registerCopiesRequest,
  type GivenCopy,
  type SignedOperation,
} from '../../../src/client/index.js';
import type { EnvelopeOf } from '../../../src/protocol/intermediary/message.js';
import type { ProvisionAnswer } from '../../../src/protocol/provision.js';
import { done } from '../operation/support/two.js';
import type { TestPerson } from '../operation/support/vault.js';
import { pushing } from '../push/support/pushing.js';

export const MINUTE = 60_000;
export const UNIFIED = '000000000012345';
export const BASIS = 'NUMBER-ACT-19-8';
const OPERATIONS = [
  'registerCopies',
  'deleteCopies',
  'decideProvision',
  'listPendingProvisions',
  'switchProvision',
];

/** Two people who may give information about somebody, and the intermediary server that takes it. */
export async function giving() {
  const it = await pushing();
  const { vault, peer } = it;
  const ref = await it.register('123456789018', UNIFIED);
  const giver = await vault.person('P-3001', OPERATIONS, 'T-0430');
  const other = await vault.person('P-3002', OPERATIONS, 'T-0431');

  const copy = (said: Partial<GivenCopy> = {}): GivenCopy => ({
    ref,
    recordId: 'C-1',
    unifiedAddresseeNo: UNIFIED,
    informationNameCode: 'TM00000000000100',
    version: 1,
    publishedFrom: '2026-11-01',
    publishedTo: '2027-05-31',
    autoAnswerForbidden: false,
    nonDisclosure: false,
    items: { CZ01: '3200000' },
    ...said,
  });
  const operate = async (person: TestPerson, make: (stepUp: string) => Promise<SignedOperation>) =>
    vault.run(await make(await vault.stepUp(person)));
  const registers = (
    copies: readonly GivenCopy[],
    messageId = newPushRequestId(vault.clock.ms),
    person = giver,
  ) =>
    operate(person, (stepUp) =>
      registerCopiesRequest(person.key, { ...person.context, stepUp, messageId, copies }),
    );
  const told = async (answer: ReturnType<typeof registers>) =>
    done(await answer) as unknown as ProvisionAnswer;
  const last = <Kind extends 'copy.register' | 'copy.delete' | 'provision.decide'>(kind: Kind) =>
    peer.received.filter((envelope) => envelope.kind === kind).at(-1) as EnvelopeOf<Kind>;
  const calm = () => {
    [peer.status, peer.reason] = ['DONE', undefined];
    peer.faults.length = 0;
    peer.silentQuestions = 0;
  };
  return { it, vault, peer, ref, giver, other, copy, operate, registers, told, last, calm };
}
