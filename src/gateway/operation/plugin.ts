import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import { HeaderMap } from '@apollo/server';
import type { GraphQLError, GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import { KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import type { GatewayContext } from './context.js';
import type { KnownDocuments } from './knownDocuments.js';
import { answerBody } from './result.js';
import { refuseOperation, runOperation, type RunnerDeps, type RunResult } from './run.js';

/** Errors of the engine, by its code, in our words: nothing of the document or the values comes back. */
const ENGINE_REFUSALS: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  GRAPHQL_PARSE_FAILED: {
    code: 'BAD_INPUT',
    message: 'The document is not written in the GraphQL language.',
  },
  GRAPHQL_VALIDATION_FAILED: { code: 'BAD_INPUT', message: 'The document does not fit the schema.' },
  OPERATION_RESOLUTION_FAILURE: {
    code: 'BAD_INPUT',
    message: 'The operation to run cannot be found in the document. Name it in operationName.',
  },
  INTROSPECTION_DISABLED: {
    code: 'INTROSPECTION_DISABLED',
    message: 'The schema is published as a file and is not disclosed here.',
  },
};

/**
 * Takes the place of the engine's execution: every operation that is valid is planned and run by us, and every one
 * that is not leaves its refusal in the audit log before the answer goes.
 */
export function operationPlugin(
  deps: RunnerDeps,
  documents: KnownDocuments,
): ApolloServerPlugin<GatewayContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ source, document, operation, request, contextValue }) => {
        // The engine asks even when the operation named is not in the document.
        if (!(operation as OperationDefinitionNode | undefined))
          return toResponse(await refuseOperation(deps, contextValue, unresolved()));
        const { byName } = documents.remember(source, document);
        const named = byName.get(operation.name?.value ?? '');
        if (!named) throw unresolved();
        const result = await runOperation(deps, contextValue, { named, variables: request.variables ?? {} });
        return toResponse(result);
      },
      willSendResponse: async ({ response, errors, contextValue }) => {
        if (contextValue.recorded || !errors?.length) return;
        const refused = await refuseOperation(deps, contextValue, engineRefusal(errors[0]));
        if (refused.errors?.[0]?.extensions['code'] === 'AUDIT_UNAVAILABLE') {
          response.body = {
            kind: 'single',
            singleResult: { errors: refused.errors.map((error) => error.toJSON()) },
          };
          response.http.status = refused.status ?? 503;
        }
      },
    }),
  };
}

function unresolved(): KuramoriError {
  const { code, message } = refusalOf('OPERATION_RESOLUTION_FAILURE', undefined);
  return new KuramoriError(code, message, { http: 400 });
}

function toResponse(result: RunResult): GraphQLResponse {
  return {
    http: { headers: new HeaderMap(), ...(result.status === undefined ? {} : { status: result.status }) },
    body: { kind: 'single', singleResult: answerBody(result) },
  };
}

/** What an engine error is called here. */
function engineRefusal(error: GraphQLError | undefined): KuramoriError {
  const known = refusalOf(
    error?.extensions['validationErrorCode'] ?? error?.extensions['code'],
    error?.message,
  );
  return new KuramoriError(known.code, known.message);
}

function refusalOf(code: unknown, message: string | undefined): { code: ErrorCode; message: string } {
  if (message?.includes('tokens. Parsing aborted')) {
    return { code: 'QUERY_TOO_COMPLEX', message: 'The document has more tokens than the limit allows.' };
  }
  const known = typeof code === 'string' ? ENGINE_REFUSALS[code] : undefined;
  return known ?? { code: 'BAD_INPUT', message: 'The request is not one this server answers.' };
}

/**
 * Words engine errors for the answer. Ours pass as they are.
 * @param discloseSchema whether developers are told what exactly does not fit; off in production
 */
export function formatEngineError(
  formatted: GraphQLFormattedError,
  discloseSchema: boolean,
): GraphQLFormattedError {
  const code = formatted.extensions?.['code'];
  if (formatted.extensions?.['requestId'] !== undefined) return formatted;
  const validation = formatted.extensions?.['validationErrorCode'];
  const known = refusalOf(validation ?? code, formatted.message);
  const message = discloseSchema ? formatted.message : known.message;
  const located = formatted.locations ? { locations: formatted.locations } : {};
  return { message, ...located, extensions: { code: known.code } };
}
