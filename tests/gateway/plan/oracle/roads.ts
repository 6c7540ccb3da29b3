import {
  getNamedType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { isOfTheVault } from './vault.js';

type Field = GraphQLField<unknown, unknown>;

/** The way to a field: a field of each type that it leads through. */
type Road = readonly (readonly [string, Field])[];

const roads = new WeakMap<GraphQLSchema, ReadonlyMap<string, readonly Road[]>>();

/** Roads to every field of a query: the shortest over each field that answers its type. */
export function roadsOf(schema: GraphQLSchema): ReadonlyMap<string, readonly Road[]> {
  const known = roads.get(schema);
  if (known) return known;
  const root = schema.getQueryType();
  const shortest: Road[] = [];
  const queue = root ? [{ type: root, road: [] as Road }] : [];
  const types = new Map(queue.map(({ type }) => [type.name, type]));
  for (const { type, road } of queue) {
    for (const field of Object.values(type.getFields())) {
      if (isOfTheVault(type.name, field.name)) continue;
      const further = [...road, [type.name, field] as const];
      shortest.push(further);
      const named = getNamedType(field.type);
      if (!isObjectType(named) || types.has(named.name)) continue;
      types.set(named.name, named);
      queue.push({ type: named, road: further });
    }
  }
  const found = new Map<string, Road[]>();
  const note = (road: Road, { name: type }: GraphQLObjectType, field: Field) => {
    const key = `${type}.${field.name}`;
    found.set(key, [...(found.get(key) ?? []), [...road, [type, field]]]);
  };
  const asked = (type: GraphQLObjectType) =>
    Object.values(type.getFields()).filter(({ name }) => !isOfTheVault(type.name, name));
  if (root) for (const field of asked(root)) note([], root, field);
  for (const road of shortest) {
    const type = types.get(getNamedType(road.at(-1)?.[1].type ?? null)?.name ?? '');
    // A type is led through once.
    if (!type || road.some(([name]) => name === type.name)) continue;
    for (const field of asked(type)) note(road, type, field);
  }
  roads.set(schema, found);
  return found;
}
