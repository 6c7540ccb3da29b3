import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { makeConnections } from '../../access/schema/connection.js';
import { checkRules } from './rules.js';

/** A type-graphql resolver class. */
export type ResolverClass = new () => object;

/**
 * Builds the executable schema. Reads have no resolvers: plans answer them.
 * @throws KuramoriError INTERNAL naming every field without a rule, or whose rule is not sound
 */
export function buildSchema(resolvers: readonly ResolverClass[]): GraphQLSchema {
  makeConnections();
  const schema = buildSchemaSync({ resolvers: resolvers as never, validate: false, emitSchemaFile: false });
  checkRules(schema);
  return schema;
}
