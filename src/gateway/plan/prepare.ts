import {
  getArgumentValues,
  getVariableValues,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { KuramoriError } from '../../kernel/errors.js';

/** Coerced values of one field's arguments. */
export type ArgumentValues = Readonly<Record<string, unknown>>;

/** A validated operation with what its variants depend on, found once per document. */
export interface PreparedOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Position of each field that takes arguments. */
  readonly fieldsWithArguments: ReadonlyMap<FieldNode, number>;
  readonly definitions: readonly {
    readonly node: FieldNode;
    readonly field: GraphQLField<unknown, unknown>;
  }[];
  /** Variables that `@include` and `@skip` look at. */
  readonly conditionVariables: readonly string[];
}

/** The values one request brings to a prepared operation. */
export interface RequestValues {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly argumentsByField: readonly ArgumentValues[];
  /** Which arguments are present and which conditions hold: all that the shape of the statement depends on. */
  readonly signature: string;
}

/** Notes, once, which fields take arguments and which variables decide inclusion. */
export function prepareOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PreparedOperation {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const fieldsWithArguments = new Map<FieldNode, number>();
  const definitions: { node: FieldNode; field: GraphQLField<unknown, unknown> }[] = [];
  const conditionVariables = new Set<string>();
  const typeInfo = new TypeInfo(schema);
  const scope = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] } as DocumentNode;
  visit(
    scope,
    visitWithTypeInfo(typeInfo, {
      Field: (node) => {
        const field = typeInfo.getFieldDef();
        if (!field || field.args.length === 0) return;
        fieldsWithArguments.set(node, definitions.length);
        definitions.push({ node, field });
      },
      Directive: (node) => {
        for (const argument of node.arguments ?? []) {
          if (argument.value.kind === Kind.VARIABLE) conditionVariables.add(argument.value.name.value);
        }
      },
    }),
  );
  return {
    schema,
    operation,
    fragments,
    fieldsWithArguments,
    definitions,
    conditionVariables: [...conditionVariables].toSorted(),
  };
}

/**
 * Coerces the variables and arguments of one request.
 * @throws KuramoriError BAD_INPUT naming the variable's or argument's place, never its value
 */
export function requestValues(
  prepared: PreparedOperation,
  given: Readonly<Record<string, unknown>>,
): RequestValues {
  const coerced = getVariableValues(
    prepared.schema,
    prepared.operation.variableDefinitions ?? [],
    { ...given },
    { maxErrors: 1 },
  );
  if (coerced.errors) {
    throw new KuramoriError(
      'BAD_INPUT',
      'A variable does not have the form its declaration asks for. Correct it and send again.',
      {
        http: 400,
        variable: declaredName(prepared, coerced.errors[0]?.message ?? ''),
      },
    );
  }
  const argumentsByField = prepared.definitions.map(({ node, field }) => {
    const values = argumentValues(field, node, coerced.coerced);
    assertStorable(values, field.name);
    return values;
  });
  const present = argumentsByField.map((values, index) => `${index}:${presentPaths(values).join(',')}`);
  const conditions = prepared.conditionVariables.map((name) => `${name}=${String(coerced.coerced[name])}`);
  return { variables: coerced.coerced, argumentsByField, signature: [...present, ...conditions].join(';') };
}

function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): ArgumentValues {
  try {
    return getArgumentValues(field, node, variables);
  } catch (cause) {
    throw new KuramoriError(
      'BAD_INPUT',
      'An argument does not have the form its field asks for. Correct it and send again.',
      { field: field.name },
      { cause },
    );
  }
}

/**
 * PostgreSQL stores neither U+0000 nor half of a surrogate pair.
 * @throws KuramoriError BAD_INPUT naming the field
 */
function assertStorable(value: unknown, field: string): void {
  if (typeof value === 'string') {
    if (!value.includes('\u0000') && value.isWellFormed()) return;
    throw new KuramoriError(
      'BAD_INPUT',
      'A text holds a character that cannot be kept (U+0000 or half a pair).',
      { field },
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) assertStorable(member, field);
}

/** The variable an engine message speaks of, if it is one the document declares: declared names are not values. */
function declaredName(prepared: PreparedOperation, message: string): string {
  const declared = (prepared.operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return declared.find((name) => message.startsWith(`Variable "$${name}"`)) ?? '';
}

/** Dotted paths of all values that are not null; a list counts as one value. */
export function presentPaths(values: ArgumentValues, prefix = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    return isInputObject(value) ? presentPaths(value, `${prefix}${name}.`) : [`${prefix}${name}`];
  });
}

/** Whether a coerced value is an input object rather than a scalar or a list. */
export function isInputObject(value: unknown): value is ArgumentValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
