import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { KuramoriError } from '../../kernel/errors.js';
import {
  ALIASES_MAX,
  BODY_BYTES_MAX,
  COST_MAX,
  DEPTH_MAX,
  DIRECTIVES_MAX,
  FRAGMENTS_MAX,
  LIST_COST,
  OPERATION_NAME_CHARS_MAX,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  ROOT_FIELDS_MAX,
} from '../../kernel/limits.js';
import { assertNoNumber } from '../../kernel/suspectedNumber.js';

/** What a selection amounts to once every fragment is written out. Counts stop growing past any limit. */
export interface Weight {
  /** Fields at the selection's own level. */
  readonly fields: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly cost: number;
}

const NOTHING: Weight = { fields: 0, depth: 0, aliases: 0, directives: 0, cost: 0 };

/** Fields of Relay wrappers: they neither deepen an operation nor cost anything of their own. */
const WRAPPER_FIELDS = new Set(['edges', 'node', 'nodes', 'pageInfo']);

/** Above every limit; keeps sums of doubling fragments finite. */
const COUNT_CEILING = 1_000_000;

/**
 * Refuses an operation over a limit of handbook 15 §7, counted on the flattened operation (lessons 51): a fragment
 * used twice counts twice, whatever its name.
 * @param lists names of the schema's fields that answer short lists
 * @param depthMax of an operation, which is always asked with the same
 * @throws KuramoriError QUERY_TOO_COMPLEX naming the limit
 */
export function assertWithinLimits(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  lists: ReadonlySet<string>,
  depthMax: number = DEPTH_MAX,
): void {
  const sizes = sizeKey(operation, variables);
  const within = weighed.get(operation) ?? new Set();
  if (within.has(sizes)) return;
  assertWeight(document, operation, variables, lists, depthMax);
  // Bounded: what does not fit is weighed again.
  if (within.size < PAGE_SIZE_MAX) weighed.set(operation, within.add(sizes));
}

/** Operations found within the limits, with the values of whole-number variables that they were weighed with. */
const weighed = new WeakMap<OperationDefinitionNode, Set<string>>();

/** All that the weight of one operation depends on: a page size is a variable declared as a whole number. */
function sizeKey(operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): string {
  let key = '';
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    if (named.kind !== Kind.NAMED_TYPE || named.name.value !== 'Int') continue;
    const value = variables[variable.name.value];
    key += `${typeof value === 'number' ? value : typeof value},`;
  }
  return key;
}

/** A request over BODY_BYTES_MAX is taken for what carries a body that a terminal signed, and for nothing else. */
export function tooLong(): KuramoriError {
  const facts = { limit: 'bodyBytes', max: BODY_BYTES_MAX };
  const sentence = `The request exceeds the limit for bodyBytes, which is ${BODY_BYTES_MAX}. Send less at once.`;
  return new KuramoriError('QUERY_TOO_COMPLEX', sentence, facts);
}

function assertWeight(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  lists: ReadonlySet<string>,
  depthMax: number,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const weight = new Scale(fragments, withDefaults(operation, variables), lists).weigh(
    operation.selectionSet,
  );
  refuseOver('operationNameChars', operation.name?.value.length ?? 0, OPERATION_NAME_CHARS_MAX);
  assertNoNumber(operation.name?.value ?? '', 'operationName');
  const rootMax = operation.operation === 'mutation' ? 1 : ROOT_FIELDS_MAX;
  refuseOver('fragments', fragments.size, FRAGMENTS_MAX);
  refuseOver('rootFields', weight.fields, rootMax);
  refuseOver('depth', weight.depth, depthMax);
  refuseOver('aliases', weight.aliases, ALIASES_MAX);
  refuseOver('directives', weight.directives + (operation.directives?.length ?? 0), DIRECTIVES_MAX);
  refuseOver('cost', weight.cost, COST_MAX);
}

/** A page size may stand in a variable's default. */
function withDefaults(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

function refuseOver(limit: string, value: number, max: number): void {
  if (value <= max) return;
  throw new KuramoriError(
    'QUERY_TOO_COMPLEX',
    `The operation exceeds the limit for ${limit}, which is ${max}. Ask for less at once.`,
    { limit, max },
  );
}

class Scale {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #lists: ReadonlySet<string>;
  readonly #known = new Map<string, Weight>();

  constructor(
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Readonly<Record<string, unknown>>,
    lists: ReadonlySet<string>,
  ) {
    this.#fragments = fragments;
    this.#variables = variables;
    this.#lists = lists;
  }

  weigh(set: SelectionSetNode): Weight {
    let total = NOTHING;
    for (const selection of set.selections) {
      const directives = selection.directives?.length ?? 0;
      const part = selection.kind === Kind.FIELD ? this.#field(selection) : this.#spread(selection);
      total = sum(total, { ...part, directives: part.directives + directives });
    }
    return total;
  }

  #field(field: FieldNode): Weight {
    const aliases = field.alias ? 1 : 0;
    if (!field.selectionSet) return { fields: 1, depth: 1, aliases, directives: 0, cost: 0 };
    const inner = this.weigh(field.selectionSet);
    if (WRAPPER_FIELDS.has(field.name.value))
      return { ...inner, fields: 1, aliases: inner.aliases + aliases };
    return {
      fields: 1,
      depth: inner.depth + 1,
      aliases: inner.aliases + aliases,
      directives: inner.directives,
      cost: Math.min(this.#size(field) * (1 + inner.cost), COUNT_CEILING),
    };
  }

  #spread(selection: Exclude<SelectionSetNode['selections'][number], FieldNode>): Weight {
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.weigh(selection.selectionSet);
    const name = selection.name.value;
    const known = this.#known.get(name);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    this.#known.set(name, NOTHING);
    const weight = fragment ? this.weigh(fragment.selectionSet) : NOTHING;
    this.#known.set(name, weight);
    return weight;
  }

  /** How many objects the field may answer: its page size, a short list, or one. */
  #size(field: FieldNode): number {
    const first = field.arguments?.find(({ name }) => name.value === 'first')?.value;
    if (first?.kind === Kind.INT) return sizeWithin(Number(first.value));
    if (first?.kind === Kind.VARIABLE) {
      const value = this.#variables[first.name.value];
      return typeof value === 'number' ? sizeWithin(Math.min(value, PAGE_SIZE_MAX)) : PAGE_SIZE_DEFAULT;
    }
    if (this.#hasWrapper(field.selectionSet)) return PAGE_SIZE_DEFAULT;
    return this.#lists.has(field.name.value) ? LIST_COST : 1;
  }

  /** Whether a page is asked for, also where a fragment asks; validated documents have no fragment in itself. */
  #hasWrapper(set: SelectionSetNode | undefined, within: ReadonlySet<string> = new Set()): boolean {
    return (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.FIELD) return WRAPPER_FIELDS.has(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return this.#hasWrapper(selection.selectionSet, within);
      const name = selection.name.value;
      if (within.has(name)) return false;
      return this.#hasWrapper(this.#fragments.get(name)?.selectionSet, new Set([...within, name]));
    });
  }
}

/** A size below one must not make up for the cost of another field, which `@skip` would leave unread. */
function sizeWithin(first: number): number {
  return Math.max(first, 1);
}

function sum(a: Weight, b: Weight): Weight {
  return {
    fields: Math.min(a.fields + b.fields, COUNT_CEILING),
    depth: Math.max(a.depth, b.depth),
    aliases: Math.min(a.aliases + b.aliases, COUNT_CEILING),
    directives: Math.min(a.directives + b.directives, COUNT_CEILING),
    cost: Math.min(a.cost + b.cost, COUNT_CEILING),
  };
}
