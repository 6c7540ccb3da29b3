import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { TOKENS_MAX } from '../../kernel/limits.js';
import type { GatewayContext } from '../operation/context.js';
import { formatEngineError, operationPlugin } from '../operation/plugin.js';
import type { RunnerDeps } from '../operation/run.js';
import type { KnownDocuments } from '../operation/knownDocuments.js';

/** How much of the schema the gateway tells. */
export interface DisclosureSettings {
  /** Introspection and detailed validation messages; never in production. */
  readonly discloseSchema: boolean;
}

/** The GraphQL engine: parses, validates and answers over HTTP; execution is ours. */
export function graphqlEngine(
  schema: GraphQLSchema,
  deps: RunnerDeps,
  settings: DisclosureSettings,
  documents: KnownDocuments,
): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    schema,
    introspection: settings.discloseSchema,
    hideSchemaDetailsFromClientErrors: !settings.discloseSchema,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    // Valid documents are kept by us, the others by nobody.
    documentStore: null,
    stopOnTerminationSignals: false,
    status400ForVariableCoercionErrors: true,
    parseOptions: { maxTokens: TOKENS_MAX },
    formatError: (formatted) => formatEngineError(formatted, settings.discloseSchema),
    logger: SILENT,
    nodeEnv: 'production',
    plugins: [ApolloServerPluginLandingPageDisabled(), operationPlugin(deps, documents)],
  });
}

/** The engine's own log lines may quote documents and values; what matters is in ours. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
