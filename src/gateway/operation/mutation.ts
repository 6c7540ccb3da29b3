import { getNamedType, type GraphQLField, type GraphQLObjectType } from 'graphql';
import { changes } from '../../../schema/records/index.js';
import { decide, type Verdict } from '../../access/rules.js';
import type {
  ChangeContext,
  ChangeOutcome,
  RaisedFinding,
  UserErrorValue,
} from '../../access/schema/change.js';
import type { AuditEntry } from '../../audit/record.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { buildAnswer } from '../plan/answer.js';
import { collectFields } from '../plan/collect.js';
import type { CompiledOperation } from '../plan/compile.js';
import { requestValues, type ArgumentValues, type RequestValues } from '../plan/prepare.js';
import {
  earlierOutcome,
  keepOutcome,
  keyedChange,
  lostRace,
  type KeyedChange,
  type OutcomeKeys,
} from './idempotency.js';
import { tooLong } from './limits.js';
import { viewerOf } from './plans.js';
import { Carrier } from './carry.js';
import { readIn } from './gather.js';
import { bindValues, type OperationDeps, type OperationRequest } from './query.js';
import { resultOf, type OperationResult } from './result.js';
import { assertNothingSealed } from './sealed.js';
import { auditRecord, type Trace } from './trace.js';

/** A change with everything about it that does not depend on its transaction. */
interface PlannedChange {
  readonly field: GraphQLField<unknown, unknown>;
  readonly key: string;
  readonly coordinate: string;
  readonly args: ArgumentValues;
  readonly keyed: KeyedChange;
  readonly values: RequestValues;
  readonly plan: CompiledOperation;
  readonly trace: Trace;
  readonly carrier: Carrier;
  readonly recordedAs: 'mutation' | 'staffChange' | 'roleChange';
}

/**
 * Runs a change: change row, the use case, its payload read again, its idempotency key and its audit entry commit in
 * one transaction, or nothing does.
 */
export async function runMutation(deps: OperationDeps, request: OperationRequest): Promise<OperationResult> {
  const planned = planChange(deps, request);
  if ('refused' in planned) return refuseChange(deps, request, planned.refused, planned);
  try {
    const result = await commitOnce(deps, request, planned);
    if (planned.recordedAs !== 'mutation') deps.forgetRegister();
    return result;
  } catch (error) {
    if (error instanceof UserErrorsFound) return reportUserErrors(deps, request, planned, error.userErrors);
    if (lostRace(error)) return commitOnce(deps, request, planned);
    throw error;
  }
}

/** Makes the change, or answers with what an earlier request of the same key made. */
async function commitOnce(
  deps: OperationDeps,
  request: OperationRequest,
  planned: PlannedChange,
): Promise<OperationResult> {
  try {
    return await commitChange(deps, request, planned, undefined);
  } catch (error) {
    if (error instanceof MadeEarlier) return commitChange(deps, request, planned, error.keys);
    throw error;
  }
}

interface RefusedChange {
  readonly refused: Exclude<Verdict, { decision: 'allow' }>;
  readonly key: string;
  readonly coordinate: string;
  readonly trace: Trace;
}

function planChange(
  deps: OperationDeps,
  { named, variables, caller, facts, isLong }: OperationRequest,
): PlannedChange | RefusedChange {
  const prepared = deps.plans.prepare(named);
  const values = requestValues(prepared, variables);
  const [first] = collectFields(prepared, values, [prepared.operation.selectionSet]);
  const node = first?.[1][0];
  if (!node)
    throw new KuramoriError(
      'BAD_INPUT',
      'The conditions leave nothing of the mutation; nothing was changed.',
    );
  const field = prepared.schema.getMutationType()?.getFields()[node.name.value];
  const spec = field?.extensions.kuramori;
  if (!field || spec?.kind !== 'mutation')
    throw new KuramoriError('BAD_INPUT', 'A mutation must ask for exactly one change.');
  if (isLong && !spec.carries) throw tooLong();
  const trace = { caller, facts, operationName: named.operation.name?.value, documentHash: named.hash };
  const key = node.alias?.value ?? node.name.value;
  const coordinate = `Mutation.${field.name}`;
  const verdict = decide(spec.rule, caller, facts.purpose);
  if (verdict.decision !== 'allow') return { refused: verdict, key, coordinate, trace };
  const args = values.argumentsByField[prepared.fieldsWithArguments.get(node) ?? -1];
  if (!args) throw new KuramoriError('INTERNAL', `The arguments of ${coordinate} were not prepared.`);
  const plan = deps.plans.payload(named, prepared, values, viewerOf(caller, facts.purpose), {
    type: getNamedType(field.type) as GraphQLObjectType,
    selections: node.selectionSet ? [node.selectionSet] : [],
  });
  assertNothingSealed(plan.shape);
  const keyed = keyedChange(caller.actorId, field.name, (args['input'] ?? {}) as Record<string, unknown>);
  const carrier = new Carrier(deps, { named, caller, facts });
  return { field, key, coordinate, args, keyed, values, plan, trace, carrier, recordedAs: spec.recordedAs };
}

async function commitChange(
  deps: OperationDeps,
  request: OperationRequest,
  planned: PlannedChange,
  earlier: OutcomeKeys | undefined,
): Promise<OperationResult> {
  const { caller, facts } = request;
  const { result, isAhead } = await deps.database.transaction(`change.${planned.field.name}`, async (tx) => {
    const made: MadeChange = earlier ? { keys: earlier } : await makeChange(tx, deps, request, planned);
    const { keys } = made;
    const binds = bindValues(deps.clock, caller, planned.values.argumentsByField, keys);
    // Sent one after the other without waiting in between: one connection runs them in this order.
    const [row] = await Promise.all([
      readIn(tx, planned.plan.statement, binds),
      earlier ?? keepOutcome(tx, planned.keyed, keys),
    ]);
    const answer = buildAnswer(planned.plan.shape, row, binds, { given: { userErrors: [], ...made.given } });
    const below = answer.observation.entries(planned.plan.shape);
    const subjects = [...new Set(below.flatMap((entry) => entry.subjects))];
    const own: AuditEntry = {
      coordinate: planned.coordinate,
      decision: 'allow',
      rows: earlier ? 0 : 1,
      subjects,
      ...(earlier ? { reason: 'repeated' } : {}),
    };
    const raised = (made.raised ?? []).map((found) => raisedEntry(planned.coordinate, found));
    const entries = [own, ...raised, ...below];
    const { vaultEntry } = planned.carrier;
    const record = auditRecord(planned.recordedAs, planned.trace, entries, deps.clock, vaultEntry);
    // Where a check fails, the transaction has failed before the append takes its lock.
    const [, appended] = await Promise.all([settleConstraints(tx), deps.audit.appendAhead(tx, record)]);
    const inner = resultOf(answer, entries, appended, facts.requestId, [planned.key]);
    return { result: { ...inner, data: { [planned.key]: inner.data } }, isAhead: appended.isAhead };
  });
  if (isAhead) await deps.audit.flushed();
  return result;
}

/**
 * Runs the checks that wait for the commit. From the append on the transaction holds the lock of the log's sequencer,
 * which everybody's answer waits for: nothing but the commit may come after it.
 */
function settleConstraints(tx: Session): Promise<unknown> {
  return tx.run('change.constraints', ({ raw }) => raw`set constraints all immediate`);
}

/** The change stands; what it found is for the auditors. */
function raisedEntry(coordinate: string, { reason, subjects }: RaisedFinding): AuditEntry {
  return { coordinate, decision: 'refuse', reason, rows: 0, subjects, raised: true };
}

interface MadeChange {
  readonly keys: OutcomeKeys;
  /** Shown this once; a repeat of the request has none. */
  readonly given?: ChangeOutcome['given'] | undefined;
  readonly raised?: ChangeOutcome['raised'] | undefined;
}

async function makeChange(
  tx: Session,
  deps: OperationDeps,
  request: OperationRequest,
  planned: PlannedChange,
): Promise<MadeChange> {
  const { caller, facts } = request;
  // Sent together, for hardly any change was made before; where one was, its row goes with the transaction.
  const [earlier, changeId] = await Promise.all([
    earlierOutcome(tx, planned.keyed),
    enterChange(tx, request, planned.field.name),
  ]);
  if (earlier) throw new MadeEarlier(earlier);
  const context: ChangeContext = {
    tx,
    caller,
    facts,
    clock: deps.clock,
    carry: planned.carrier.carry,
    assertOwn: planned.carrier.assertOwn,
    changeId,
  };
  const outcome = (await planned.field.resolve?.(
    undefined,
    planned.args,
    context,
    {} as never,
  )) as ChangeOutcome;
  if (outcome.userErrors?.length) throw new UserErrorsFound(outcome.userErrors);
  const keys = Object.fromEntries(
    Object.entries(outcome.keys ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return { keys, given: outcome.given, raised: outcome.raised };
}

/** Who changes something, and why: one row for each change. */
async function enterChange(
  tx: Session,
  { caller, facts }: OperationRequest,
  action: string,
): Promise<bigint> {
  const [change] = await tx.run('change.insert', ({ orm }) =>
    orm
      .insert(changes)
      .values({
        actorId: caller.actorId,
        purpose: facts.purpose,
        caseRef: facts.caseRef ?? null,
        requestId: facts.requestId,
        action,
      })
      .returning({ id: changes.id }),
  );
  if (!change) throw new KuramoriError('INTERNAL', 'The change could not be numbered.');
  return change.id;
}

/** Carries the outcome of an earlier request out of the transaction, which rolls back: nothing is changed twice. */
class MadeEarlier extends Error {
  readonly keys: OutcomeKeys;

  constructor(keys: OutcomeKeys) {
    super('made earlier');
    this.keys = keys;
  }
}

/** Carries user errors out of the transaction, so that it rolls back: nothing was changed. */
class UserErrorsFound extends Error {
  readonly userErrors: readonly UserErrorValue[];

  constructor(userErrors: readonly UserErrorValue[]) {
    super('user errors');
    this.userErrors = userErrors;
  }
}

async function reportUserErrors(
  deps: OperationDeps,
  request: OperationRequest,
  planned: PlannedChange,
  userErrors: readonly UserErrorValue[],
): Promise<OperationResult> {
  const binds = bindValues(deps.clock, request.caller, planned.values.argumentsByField);
  const row = await readIn(deps.database, planned.plan.statement, binds);
  const answer = buildAnswer(planned.plan.shape, row, binds, { given: { userErrors } });
  const reason = `userError:${userErrors[0]?.code ?? ''}`;
  const entries: AuditEntry[] = [
    { coordinate: planned.coordinate, decision: 'refuse', reason, rows: 0, subjects: [] },
  ];
  const appended = await deps.audit.append(auditRecord('mutation', planned.trace, entries, deps.clock));
  const result = resultOf(answer, entries, appended, request.facts.requestId, [planned.key]);
  return { ...result, data: { [planned.key]: result.data } };
}

async function refuseChange(
  deps: OperationDeps,
  request: OperationRequest,
  verdict: Exclude<Verdict, { decision: 'allow' }>,
  refused: RefusedChange,
): Promise<OperationResult> {
  const reason = verdict.decision === 'refuse' ? verdict.reason : 'function';
  const entries: AuditEntry[] = [
    {
      coordinate: refused.coordinate,
      decision: 'refuse',
      reason: `${reason}:${verdict.missing}`,
      rows: 0,
      subjects: [],
    },
  ];
  const appended = await deps.audit.append(auditRecord('mutation', refused.trace, entries, deps.clock));
  const field = {
    kind: 'refused' as const,
    key: refused.key,
    coordinate: refused.coordinate,
    missing: verdict.missing,
    reason,
  };
  const answer = buildAnswer(
    {
      typeName: 'Mutation',
      fields: [field],
      subjectSlot: undefined,
      protectionSlot: undefined,
      warns: false,
      keySlot: undefined,
    },
    [],
    bindValues(deps.clock, request.caller, []),
  );
  return resultOf(answer, entries, appended, request.facts.requestId);
}
