import type { GraphQLSchema } from 'graphql';
import { buildSchema, type ResolverClass } from '../../src/gateway/schema/build.js';

const built = new Map<readonly ResolverClass[], GraphQLSchema>();

/** The executable schema of these resolvers, built once in a worker for all who only read it. */
export function schemaOf(resolvers: readonly ResolverClass[]): GraphQLSchema {
  const known = built.get(resolvers);
  if (known) return known;
  const schema = buildSchema(resolvers);
  built.set(resolvers, schema);
  return schema;
}
