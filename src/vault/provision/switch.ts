import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { dualControlRequired, type ApprovalContent, type ByAt } from '../../kernel/dualControl.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { identifier } from '../../protocol/intermediary/codes.js';
import { switchProvisionBodyForm } from '../../protocol/provision.js';
import type { ApprovalId } from '../approval/approval.js';
import { actingIn } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { requestApproval } from '../approval/request.js';
import type { Assertion } from '../assertion/assertion.js';
import type { VaultContext } from '../context.js';
import { assertBasis } from '../operation/basis.store.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { VaultRefusal } from '../refusal.js';
import { currentSwitch, insertSwitch, lockSwitch } from './switch.store.js';

/** 利用目的 under which a legal basis for giving information is registered. */
const PROVISION_PURPOSE = 'INFORMATION_PROVISION';

/** Who approves, in the order in which the approvals are named. */
const KINDS = ['provisionOn', 'provisionAudit'] as const;

const askForm = z.strictObject({
  basis: identifier,
  reason: z.string(),
  approver: z.enum(['unit', 'audit']),
});

/**
 * Asks for one of the two approvals of a beginning: the unit's officer's, or the audit officer's.
 * @throws KuramoriError FORBIDDEN_PURPOSE when the register has no such basis for giving information
 */
export async function askSwitch(tx: Session, call: EffectCall, requested: ByAt): Promise<ApprovalId> {
  const { basis, reason, approver } = readBody(askForm, call.body);
  await assertProvisionBasis(tx, basis, today(call.context.clock));
  const { purpose } = call.assertion;
  const summary = { count: 1, purpose, basis, reason, sample: ['intermediary.provision:on'] };
  const kind = approver === 'audit' ? 'provisionAudit' : 'provisionOn';
  return requestApproval(tx, { kind, content: switchContent(call.assertion, basis), summary }, requested);
}

/**
 * 情報提供の開始・停止. To begin needs a legal basis that is in force and the approvals of two people; to stop needs neither,
 * and holds at once. Answers `{on}`.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED; FORBIDDEN_PURPOSE for a basis that is not in force
 */
export function switchProvision(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const said = readBody(switchProvisionBodyForm, call.body);
  const reason = enteredWords(said.reason, 'reason', REASON_CHARS_MAX);
  return context.database.transaction('vault.provision.switch', async (tx) => {
    await lockSwitch(tx);
    const acting = actingIn(call);
    const decided = { isOn: said.on, reason, by: acting.by, at: acting.at.toString() };
    if (said.on) {
      await assertProvisionBasis(tx, said.basis, today(context.clock));
      const [first, second] = await approved(tx, call, switchContent(assertion, said.basis));
      await insertSwitch(tx, { ...decided, basis: said.basis, approvals: [first, second] });
    } else {
      await insertSwitch(tx, decided);
    }
    const completed = { rows: 1, subjects: [], reason: said.on ? `on:${said.basis}` : 'off' };
    return { ...completed, result: { on: said.on }, entry: await trail.completesIn(tx, completed) };
  });
}

/**
 * Information may be given (`intermediary.provision`): somebody began it, and its basis is still in force.
 * @throws KuramoriError FORBIDDEN_PURPOSE, which is raised
 */
export async function assertProvisionOn({
  database,
  clock,
}: Pick<VaultContext, 'database' | 'clock'>): Promise<void> {
  const current = await currentSwitch(database);
  if (current === undefined || !current.isOn || current.basis === null)
    throw new VaultRefusal('provision-off');
  await assertProvisionBasis(database, current.basis, today(clock));
}

function assertProvisionBasis(session: Session, basis: string, day: IsoDate): Promise<void> {
  return assertBasis(session, { purpose: PROVISION_PURPOSE, basis }, day);
}

function switchContent({ purpose }: Pick<Assertion, 'purpose'>, basis: string): ApprovalContent {
  return { op: 'switchProvision', on: true, purpose, basis };
}

/** Uses both approvals up: of an officer, and of the audit officer, who must be two people under whichever roles. */
async function approved(
  tx: Session,
  call: EffectCall,
  content: ApprovalContent,
): Promise<readonly [string, string]> {
  const [first, second, more] = call.assertion.approvals;
  if (first === undefined || second === undefined || more !== undefined) throw dualControlRequired('missing');
  const approvers = new Set<string>();
  for (const [at, approvalId] of [first, second].entries()) {
    const asked = { approvalId, kind: KINDS[at as 0 | 1], content };
    approvers.add((await consumeApproval(tx, asked, actingIn(call))).decided.by);
  }
  if (approvers.size !== KINDS.length) throw dualControlRequired('samePerson');
  return [first, second];
}
