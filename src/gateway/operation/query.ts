import type { Caller, RequestFacts } from '../../access/caller.js';
import type { Provided } from '../../access/schema/entity.js';
import type { AuditLog } from '../../audit/log.js';
import type { AuditEntry, AuditKind } from '../../audit/record.js';
import { today, type Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import { buildAnswer, type Answer } from '../plan/answer.js';
import type { BindValues } from '../plan/bind.js';
import type { ObjectShape, ProvidedShape } from '../plan/shape.js';
import { requestValues, type ArgumentValues } from '../plan/prepare.js';
import type { VaultClient } from '../../vault/client/client.js';
import { Carrier } from './carry.js';
import type { GatheredReads } from './gather.js';
import { viewerOf, type NamedDocument, type PlanCache } from './plans.js';
import { resultOf, type OperationResult } from './result.js';
import { sealedError, sealedValues } from './sealed.js';
import { auditRecord } from './trace.js';

/** What operations run with. */
export interface OperationDeps {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly plans: PlanCache;
  readonly reads: GatheredReads;
  readonly clock: Clock;
  /** None where the gateway was given no vault. */
  readonly vault?: VaultClient | undefined;
  /** Drops what this process remembers of the register of staff; called once a change of it is committed. */
  readonly forgetRegister: () => void;
  /** Tells the operators of a defect: where it arose, never what was asked. */
  readonly reportDefect: (requestId: string, kind: string, places: readonly string[]) => void;
}

/** One operation as it came. */
export interface OperationRequest {
  readonly named: NamedDocument;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly facts: RequestFacts;
  /** See `GatewayContext.isLong`. */
  readonly isLong: boolean;
  /** See `GatewayContext.deadlineMs`. */
  readonly deadlineMs: number;
}

/**
 * Runs a query: plan, one statement, answer, audit entry, and only then the result.
 * @throws KuramoriError AUDIT_UNAVAILABLE when the entry could not be made durable: the answer is withheld
 */
export async function runQuery(deps: OperationDeps, request: OperationRequest): Promise<OperationResult> {
  const { named, caller, facts } = request;
  const prepared = deps.plans.prepare(named);
  const values = requestValues(prepared, request.variables);
  const plan = deps.plans.query(named, prepared, values, viewerOf(caller, facts.purpose));
  const binds = bindValues(deps.clock, caller, values.argumentsByField);
  const carrier = new Carrier(deps, request);
  const provided = await provideFields(plan.shape, deps, request, carrier, values.argumentsByField);
  // What others were asked for may be done for good: it is not given up for what is read beside it.
  const deadlineMs = provided.size > 0 ? Number.POSITIVE_INFINITY : request.deadlineMs;
  const row = await deps.reads.read(plan.statement, binds, deadlineMs);
  const { sealed, refused } = await sealedValues(plan.shape, row, values.argumentsByField, carrier.carry);
  const answer = buildAnswer(plan.shape, row, binds, { provided, sealed });
  const entries = entriesOf(answer, plan.shape);
  const trace = { caller, facts, operationName: named.operation.name?.value, documentHash: named.hash };
  const kind = kindOf(plan.shape);
  const record = auditRecord(kind, trace, entries, deps.clock, carrier.vaultEntry);
  const appended = await deps.audit.append(record);
  const result = resultOf(answer, entries, appended, facts.requestId);
  if (refused === undefined) return result;
  return {
    ...result,
    errors: [...result.errors, sealedError(refused, facts.requestId, appended.firstSequence)],
  };
}

/** What the operation showed; one that asks for nothing but `__typename` is an entry all the same. */
function entriesOf({ observation }: Answer, shape: ObjectShape): readonly AuditEntry[] {
  const entries = observation.entries(shape);
  return entries.length > 0
    ? entries
    : [{ coordinate: 'Query.__typename', decision: 'allow', rows: 1, subjects: [] }];
}

/** Reading the audit log is a kind of its own: auditors are audited. */
function kindOf(shape: ObjectShape): AuditKind {
  return shape.fields.some((field) => field.kind === 'provided' && field.recordedAs === 'auditRead')
    ? 'auditRead'
    : 'query';
}

/** The values that fill a statement's places. */
export function bindValues(
  clock: Clock,
  caller: Caller,
  argumentsByField: readonly ArgumentValues[],
  keys: BindValues['keys'] = {},
): BindValues {
  return {
    argumentsByField,
    today: today(clock),
    actorId: caller.actorId,
    branchCode: caller.branchCode,
    keys,
  };
}

async function provideFields(
  shape: ObjectShape,
  deps: OperationDeps,
  { caller, facts }: OperationRequest,
  { carry, vaultKeys }: Carrier,
  argumentsByField: readonly ArgumentValues[],
): Promise<Map<ProvidedShape, Provided>> {
  const provided = new Map<ProvidedShape, Provided>();
  for (const field of shape.fields) {
    if (field.kind !== 'provided') continue;
    const context = { session: deps.database, caller, facts, clock: deps.clock, carry, vaultKeys };
    provided.set(field, await field.provide(context, argumentsByField[field.argumentsIndex] ?? {}));
  }
  return provided;
}
