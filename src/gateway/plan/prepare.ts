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
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';

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
    /** Set where no variable is used: the same in every request. */
    readonly constant: FieldArguments | undefined;
  }[];
  /** Variables that `@include` and `@skip` look at. */
  readonly conditionVariables: readonly string[];
}

/** What came of one field's arguments. */
type FieldArguments =
  | { readonly values: ArgumentValues; readonly present: string }
  /** They do not fit. The request fails if the field is executed, and only then. */
  | { readonly fault: KuramoriError; readonly present: typeof FAULTY };

/** In the signature, the arguments that do not fit; no path begins so. */
const FAULTY = '!';

/** The values one request brings to a prepared operation. */
export interface RequestValues {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Reading the place of a field whose arguments do not fit throws what is wrong with them. */
  readonly argumentsByField: readonly ArgumentValues[];
  /** Which arguments are present and which conditions hold: all that the shape of the statement depends on. */
  readonly signature: string;
}

/**
 * Notes, once, which fields take arguments and which variables decide inclusion.
 * @throws KuramoriError BAD_INPUT for an operation of a kind that the schema has none of: validation looks at no field
 *   or argument of it
 */
export function prepareOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PreparedOperation {
  if (!schema.getRootType(operation.operation))
    throw new KuramoriError(
      'BAD_INPUT',
      'There are queries and mutations here, and nothing to subscribe to.',
      {
        http: 400,
      },
    );
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const fieldsWithArguments = new Map<FieldNode, number>();
  const definitions: PreparedOperation['definitions'][number][] = [];
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
        definitions.push({ node, field, constant: constantArguments(field, node) });
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
 * Coerces the variables and arguments of one request. An argument that does not fit is the error of its field, which a
 * condition may leave out or another operation of the document may hold (GraphQL specification §6.4.1).
 * @throws KuramoriError BAD_INPUT naming the variable, never its value
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
  let signature = '';
  const argumentsByField: ArgumentValues[] = [];
  for (const { node, field, constant } of prepared.definitions) {
    const given = constant ?? fieldArguments(field, node, coerced.coerced);
    signature += `${given.present};`;
    if ('values' in given) argumentsByField.push(given.values);
    else pushFault(argumentsByField, given.fault);
  }
  for (const name of prepared.conditionVariables) signature += `${name}=${String(coerced.coerced[name])};`;
  return { variables: coerced.coerced, argumentsByField, signature };
}

/** Nobody who reads arguments can miss that they do not fit. */
function pushFault(argumentsByField: ArgumentValues[], fault: KuramoriError): void {
  Object.defineProperty(argumentsByField, argumentsByField.length, {
    get: () => {
      throw fault;
    },
  });
}

/** @returns undefined where a variable is used */
function constantArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldArguments | undefined {
  let variables = 0;
  for (const argument of node.arguments ?? []) visit(argument, { Variable: () => void (variables += 1) });
  return variables > 0 ? undefined : fieldArguments(field, node, {});
}

function fieldArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): FieldArguments {
  try {
    const values = argumentValues(field, node, variables);
    assertStorable(values, field.name);
    return { values, present: presentPaths(values).join(',') };
  } catch (error) {
    if (isKuramoriError(error, 'BAD_INPUT')) return { fault: error, present: FAULTY };
    throw error;
  }
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
