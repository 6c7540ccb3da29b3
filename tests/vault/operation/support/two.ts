import {
  approvalRequest,
  approvedRequest,
  decideApprovalRequest,
  openApprovalRequest,
  registerRequest,
  type KeyDestructionAct,
  type PaymentComparedAct,
  type PaymentFileAct,
  type PaymentJournalComparedAct,
  type RegistrationAct,
  type TwoPersonAct,
} from '../../../../src/client/index.js';
import type { Answer } from '../../../../src/vault/client/wire.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import type { TestPerson, TestService } from './vault.js';

type AskedAct =
  | TwoPersonAct
  | RegistrationAct
  | KeyDestructionAct
  | PaymentFileAct
  | PaymentComparedAct
  | PaymentJournalComparedAct;

/** What an operation answered. @throws when it was refused */
export function done(answer: Answer): Readonly<Record<string, string>> {
  if (answer.outcome === 'refused')
    throw new Error(`refused: ${answer.error.code} ${JSON.stringify(answer.error.facts)}`);
  return answer.result as Readonly<Record<string, string>>;
}

/** `done`, or the code and the rule of the refusal. */
export function codeOf(answer: Answer): string {
  if (answer.outcome === 'done') return 'done';
  const { code, facts } = answer.error;
  return `${code} ${String(facts?.['rule'] ?? '')}`.trim();
}

/** People who do things by twos, each step over the pipeline. */
export function byTwos(vault: TestService) {
  const register = async (person: TestPerson, number: string, attributes = {}): Promise<VaultRef> => {
    const { key, context } = person;
    const answer = await vault.run(await registerRequest(key, { ...context, number, attributes }));
    return done(answer)['ref'] as VaultRef;
  };
  const asks = async ({ key, context }: TestPerson, act: AskedAct): Promise<Answer> =>
    vault.run(await approvalRequest(key, { ...context, act }));
  const opens = async ({ key, context }: TestPerson, approvalId: string): Promise<Answer> =>
    vault.run(await openApprovalRequest(key, { ...context, approvalId }));
  const decides = async (
    person: TestPerson,
    approvalId: string,
    decision: 'approve' | 'refuse' = 'approve',
    contentDigest?: string,
  ): Promise<Answer> => {
    const shown = contentDigest ?? done(await opens(person, approvalId))['contentDigest'];
    const stepUp = await vault.stepUp(person);
    const { key, context } = person;
    const details = { ...context, stepUp, approvalId, contentDigest: String(shown), decision };
    return vault.run(await decideApprovalRequest(key, details));
  };
  const does = async (person: TestPerson, act: TwoPersonAct, approvalId: string): Promise<Answer> => {
    const { key, context } = person;
    const stepUp = await vault.stepUp(person);
    return vault.run(await approvedRequest(key, { ...context, act, stepUp, approvals: [approvalId] }));
  };
  /** One asks, another approves. @returns the approval's number */
  const approved = async (person: TestPerson, officer: TestPerson, act: AskedAct): Promise<string> => {
    const { approvalId = '' } = done(await asks(person, act));
    done(await decides(officer, approvalId));
    return approvalId;
  };
  const both = async (person: TestPerson, officer: TestPerson, act: TwoPersonAct): Promise<Answer> =>
    does(person, act, await approved(person, officer, act));
  return { register, asks, opens, decides, does, approved, both };
}
