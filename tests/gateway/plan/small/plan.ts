import { Kind, parse, validate, type GraphQLObjectType } from 'graphql';
import { buildAnswer, type Answer, type AnswerSources } from '../../../../src/gateway/plan/answer.js';
import type { BindValues } from '../../../../src/gateway/plan/bind.js';
import {
  compilePayload,
  compileQuery,
  type CompiledOperation,
} from '../../../../src/gateway/plan/compile.js';
import {
  prepareOperation,
  requestValues,
  type PreparedOperation,
  type RequestValues,
} from '../../../../src/gateway/plan/prepare.js';
import { makeConnections } from '../../../../src/access/schema/connection.js';
import { buildSchemaSync } from 'type-graphql';
import { TODAY, type Asker } from '../../../support/read.js';
import { SmallQueries } from './schema.js';

makeConnections();
export const smallSchema = buildSchemaSync({ resolvers: [SmallQueries], validate: false });

export interface Planned extends CompiledOperation {
  readonly prepared: PreparedOperation;
  readonly request: RequestValues;
  /** The statement's text; a document that reads nothing has none. */
  readonly sql: string;
  readonly values: BindValues;
  readonly parameters: readonly unknown[];
}

/** Compiles a document as the gateway does. */
export function plan(source: string, asker: Asker, variables: Record<string, unknown> = {}): Planned {
  const { prepared, request } = prepare(source, variables);
  const compiled = compileQuery(prepared, request, viewerOf(asker));
  return finished(prepared, request, compiled, asker, {});
}

/** Compiles the selections of a change's payload, written as those of the field `payload`. */
export function planPayload(source: string, asker: Asker, keys: BindValues['keys']): Planned {
  const { prepared, request } = prepare(source, {});
  const [field] = prepared.operation.selectionSet.selections;
  if (field?.kind !== Kind.FIELD || !field.selectionSet) throw new Error('ask for the payload');
  const type = smallSchema.getType('ChangePayload') as GraphQLObjectType;
  const compiled = compilePayload(type, [field.selectionSet], prepared, request, viewerOf(asker));
  return finished(prepared, request, compiled, asker, keys);
}

export function prepare(source: string, variables: Record<string, unknown>) {
  const document = parse(source);
  const faults = validate(smallSchema, document);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const prepared = prepareOperation(smallSchema, document, operation);
  return { prepared, request: requestValues(prepared, variables) };
}

/** The answer a row makes. */
export function answer(planned: Planned, row: readonly unknown[], sources?: AnswerSources): Answer {
  return buildAnswer(planned.shape, row, planned.values, sources);
}

function viewerOf({ caller, facts }: Asker) {
  return { ...caller, purpose: facts.purpose };
}

function finished(
  prepared: PreparedOperation,
  request: RequestValues,
  compiled: CompiledOperation,
  { caller }: Asker,
  keys: BindValues['keys'],
): Planned {
  const values = {
    argumentsByField: request.argumentsByField,
    today: TODAY,
    actorId: caller.actorId,
    branchCode: caller.branchCode,
    keys,
  };
  const { statement } = compiled;
  return {
    ...compiled,
    prepared,
    request,
    sql: statement?.text ?? '',
    values,
    get parameters() {
      return statement?.bind(values) ?? [];
    },
  };
}
