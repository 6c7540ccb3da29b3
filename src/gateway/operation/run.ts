import {
  execute,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { isPurpose } from '../../access/purposes.js';
import type { RequestFacts } from '../../access/caller.js';
import type { Appended } from '../../audit/record.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { DEPTH_MAX, INTROSPECTION_DEPTH_MAX, OPERATION_NAME_CHARS_MAX } from '../../kernel/limits.js';
import { mayHoldNumber } from '../../kernel/suspectedNumber.js';
import { requestValues } from '../plan/prepare.js';
import type { GatewayContext } from './context.js';
import { assertWithinLimits, tooLong } from './limits.js';
import { runMutation } from './mutation.js';
import type { NamedDocument } from './plans.js';
import { runQuery, type OperationDeps } from './query.js';
import { refusal, type OperationResult } from './result.js';
import { auditRecord } from './trace.js';

/** What the runner needs beside what operations do. */
export interface RunnerDeps extends OperationDeps {
  readonly schema: GraphQLSchema;
  /** Names of fields that answer short lists, for the cost. */
  readonly lists: ReadonlySet<string>;
}

/** What came of an operation, with the HTTP status it asks for. */
export interface RunResult extends Partial<OperationResult> {
  readonly status: number | undefined;
}

/** An operation as the HTTP layer hands it on: parsed and valid against the schema. */
export interface ValidOperation {
  readonly named: NamedDocument;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The life of an operation: purpose, limits, then the query or the change. Whatever is refused leaves its entry in the
 * audit log first; if even that cannot be written, the caller learns AUDIT_UNAVAILABLE and nothing else.
 */
export async function runOperation(
  deps: RunnerDeps,
  context: GatewayContext,
  operation: ValidOperation,
): Promise<RunResult> {
  try {
    const facts = requestFacts(context);
    const { document, operation: asked } = operation.named;
    const isAboutSchema = asksSchemaOnly(operation.named);
    const depthMax = isAboutSchema ? INTROSPECTION_DEPTH_MAX : DEPTH_MAX;
    assertWithinLimits(document, asked, operation.variables, deps.lists, depthMax);
    const isChange = asked.operation === 'mutation';
    if (context.isLong && !isChange) throw tooLong();
    if (isAboutSchema) return await describeSchema(deps, context, operation);
    const { caller, isLong, deadlineMs } = context;
    const request = { ...operation, caller, facts, isLong, deadlineMs };
    const run = isChange ? runMutation : runQuery;
    const result = await run(deps, request);
    context.recorded = true;
    return { ...result, status: undefined };
  } catch (error) {
    return refuseOperation(deps, context, ours(error), operation.named);
  }
}

/** Records a refusal of the whole operation and words it. */
export async function refuseOperation(
  deps: OperationDeps,
  context: GatewayContext,
  error: KuramoriError,
  named?: NamedDocument,
): Promise<RunResult> {
  let reported = error;
  let appended: Appended | undefined;
  if (error.code === 'INTERNAL') deps.reportDefect(context.requestId, ...originOf(error));
  if (error.code !== 'AUDIT_UNAVAILABLE') {
    try {
      appended = await recordRefusal(deps, context, error, named);
    } catch (failure) {
      reported = ours(failure);
    }
  }
  context.recorded = true;
  const status = reported.facts['http'] ?? (reported.status === 200 ? undefined : reported.status);
  return {
    errors: [refusal(reported, context.requestId, appended)],
    status: typeof status === 'number' ? status : undefined,
  };
}

async function recordRefusal(
  deps: OperationDeps,
  context: GatewayContext,
  error: KuramoriError,
  named?: NamedDocument,
): Promise<Appended> {
  const purpose = isPurpose(context.purpose) ? context.purpose : 'UNSTATED';
  const trace = {
    caller: context.caller,
    facts: { requestId: context.requestId, purpose, caseRef: context.caseRef },
    operationName: recordableName(named),
    documentHash: named?.hash,
  };
  const entries = [
    { coordinate: 'Operation', decision: 'refuse' as const, reason: error.code, rows: 0, subjects: [] },
  ];
  return deps.audit.append(auditRecord('refusal', trace, entries, deps.clock));
}

/** Whatever is refused can be recorded: a name that the log could not hold, or should not, is left out. */
function recordableName(named: NamedDocument | undefined): string | undefined {
  const name = named?.operation.name?.value;
  const isRecordable = name !== undefined && name.length <= OPERATION_NAME_CHARS_MAX && !mayHoldNumber(name);
  return isRecordable ? name : undefined;
}

/** @throws KuramoriError FORBIDDEN_PURPOSE when the purpose is missing, unknown or not held */
function requestFacts(context: GatewayContext): RequestFacts {
  const { purpose, requestId, caseRef } = context;
  if (purpose === '') {
    throw new KuramoriError(
      'FORBIDDEN_PURPOSE',
      'The request names no purpose. Send it in the header kuramori-purpose.',
    );
  }
  if (!isPurpose(purpose) || !context.caller.purposes.has(purpose)) {
    throw new KuramoriError(
      'FORBIDDEN_PURPOSE',
      'The purpose in the header kuramori-purpose is not one of yours.',
    );
  }
  return { purpose, requestId, caseRef };
}

const SCHEMA_FIELDS = new Set(['__schema', '__type']);

/**
 * Introspection reaches this place only where the configuration lets it through.
 * @throws KuramoriError BAD_INPUT when it is mixed with other fields: they are answered in different ways
 */
function asksSchemaOnly({ operation, document }: NamedDocument): boolean {
  const names = rootNames(document, operation.selectionSet, new Set());
  if (!names.some((name) => SCHEMA_FIELDS.has(name))) return false;
  if (names.every((name) => SCHEMA_FIELDS.has(name) || name === '__typename')) return true;
  throw new KuramoriError('BAD_INPUT', 'Ask for the schema in an operation of its own.', { http: 400 });
}

/** Names of the fields that a selection writes out, in fragments as well. */
function rootNames(document: DocumentNode, set: SelectionSetNode, written: Set<string>): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootNames(document, selection.selectionSet, written);
    const name = selection.name.value;
    if (written.has(name)) return [];
    written.add(name);
    const fragment = document.definitions.find(
      (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
    ) as FragmentDefinitionNode;
    return rootNames(document, fragment.selectionSet, written);
  });
}

async function describeSchema(
  deps: RunnerDeps,
  context: GatewayContext,
  { named, variables }: ValidOperation,
): Promise<RunResult> {
  // The engine's own errors quote what was sent.
  requestValues(deps.plans.prepare(named), variables);
  const operationName = named.operation.name?.value;
  const result = execute({
    schema: deps.schema,
    document: named.document,
    variableValues: variables,
    ...(operationName === undefined ? {} : { operationName }),
  });
  if (result instanceof Promise)
    throw new KuramoriError('INTERNAL', 'The description of the schema was not at hand.');
  if (result.errors)
    throw new KuramoriError('BAD_INPUT', 'The schema was not asked for as its fields have it.', {
      http: 400,
    });
  const { caller } = context;
  const facts = requestFacts(context);
  const trace = { caller, facts, operationName, documentHash: named.hash };
  const entries = [{ coordinate: 'Query.__schema', decision: 'allow' as const, rows: 1, subjects: [] }];
  await deps.audit.append(auditRecord('query', trace, entries, deps.clock));
  context.recorded = true;
  return { data: result.data ?? null, errors: [], status: undefined };
}

/** The kind of a defect and the lines of code it came through; its message may quote what was asked. */
function originOf(error: KuramoriError): [string, string[]] {
  const origin = error.cause instanceof Error ? error.cause : error;
  const places = (origin.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return [origin.constructor.name, places.map((line) => line.trim())];
}

function ours(error: unknown): KuramoriError {
  if (isKuramoriError(error)) return error;
  return new KuramoriError(
    'INTERNAL',
    'The operation met a defect of the system. Report the request id.',
    {},
    { cause: error },
  );
}
