import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ApprovalContent, ByAt } from '../../kernel/dualControl.js';
import { APPROVAL_SAMPLE_MAX, OPERATION_REFS_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { actingIn, approvedEffect } from '../approval/approved.js';
import { consumeApproval } from '../approval/consume.js';
import { requestApproval } from '../approval/request.js';
import type { Assertion } from '../assertion/assertion.js';
import { refsDigestOf } from '../assertion/digest.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRefs } from '../operation/subjects.js';
import { PERIOD_CLASSES } from './rule.js';
import { endTask as end, resumeTask as resume, type TaskEnd, type TaskStatement } from './task.js';

const said = {
  refs: z.array(z.custom<VaultRef>(isVaultRef)).min(1).max(OPERATION_REFS_MAX).optional(),
  reason: z.string(),
};
const endForm = z.strictObject({ ...said, retentionClass: z.enum(PERIOD_CLASSES), endedOn: z.string() });
const resumeForm = z.strictObject(said);

/** What is said of tasks, with what a second person approves of it when it is said of several numbers. */
interface Stated<Statement extends TaskStatement> {
  readonly statement: Statement;
  readonly content: ApprovalContent;
}

/**
 * 事務の終了: from here retention runs. Of more than one number it needs a second person, as every operation over several
 * subjects does (handbook 15 §6.3). Answers `{erasableFrom}`.
 */
export function endTask(call: EffectCall): Promise<Effect> {
  return done(call, endOf(call.assertion, call.body), async (tx, statement, stated) => ({
    erasableFrom: (await end(tx, statement, stated)).toString(),
  }));
}

/** 事務の再開: retention no longer runs. Answers `{}`. */
export function resumeTask(call: EffectCall): Promise<Effect> {
  return done(call, resumptionOf(call.assertion, call.body), async (tx, statement, stated) => {
    await resume(tx, statement, stated);
    return {};
  });
}

/** Asks a second person for what {@link endTask} does to several numbers. */
export function askTaskEnd(tx: Session, { assertion, body }: EffectCall, by: ByAt): Promise<ApprovalId> {
  return ask(tx, assertion, endOf(assertion, body), by);
}

/** Asks a second person for what {@link resumeTask} does to several numbers. */
export function askTaskResumption(
  tx: Session,
  { assertion, body }: EffectCall,
  by: ByAt,
): Promise<ApprovalId> {
  return ask(tx, assertion, resumptionOf(assertion, body), by);
}

async function done<Statement extends TaskStatement>(
  call: EffectCall,
  { statement, content }: Stated<Statement>,
  work: (tx: Session, statement: Statement, stated: ByAt) => Promise<unknown>,
): Promise<Effect> {
  const { refs } = statement;
  if (refs.length > 1) {
    return approvedEffect(call, 'vault.task', refs, async ({ tx, approvalId, acting }) => {
      await consumeApproval(tx, { approvalId, kind: 'severalSubjects', content }, acting);
      return work(tx, statement, acting);
    });
  }
  return call.context.database.transaction('vault.task', async (tx) => {
    const result = await work(tx, statement, actingIn(call));
    const completed = { rows: 1, subjects: refs };
    return { ...completed, result, entry: await call.trail.completesIn(tx, completed) };
  });
}

function ask(
  tx: Session,
  { purpose, basis }: Assertion,
  { statement: { refs, reason }, content }: Stated<TaskStatement>,
  requested: ByAt,
): Promise<ApprovalId> {
  const sample = refs.toSorted().slice(0, APPROVAL_SAMPLE_MAX);
  const summary = { count: refs.length, purpose, basis, reason, sample };
  return requestApproval(tx, { kind: 'severalSubjects', content, summary }, requested);
}

function endOf(assertion: Assertion, body: unknown): Stated<TaskEnd> {
  const { retentionClass, endedOn, ...told } = readBody(endForm, body);
  const statement = { ...statementOf(assertion, told), retentionClass, endedOn };
  return { statement, content: { ...contentOf(assertion, 'endTask', statement), retentionClass, endedOn } };
}

function resumptionOf(assertion: Assertion, body: unknown): Stated<TaskStatement> {
  const statement = statementOf(assertion, readBody(resumeForm, body));
  return { statement, content: contentOf(assertion, 'resumeTask', statement) };
}

function statementOf(
  assertion: Assertion,
  { refs, reason }: { readonly refs?: VaultRef[] | undefined; readonly reason: string },
): TaskStatement {
  const { purpose, caseId: caseRef } = assertion;
  return { refs: subjectRefs(assertion, refs), purpose, caseRef, reason };
}

function contentOf(
  { purpose, basis }: Assertion,
  op: 'endTask' | 'resumeTask',
  { refs, reason }: TaskStatement,
) {
  return { op, count: refs.length, refsDigest: refsDigestOf(refs), purpose, basis, reason };
}
