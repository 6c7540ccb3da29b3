import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The limits of handbook 15 §7, written out: a change of one must not go unseen. */
const LIMITS = { depth: 8, aliases: 15, rootFields: 5, directives: 10, cost: 1_000 } as const;
const PAGE = { unsaid: 20, max: 100 } as const;
const SHORT_LIST = 10;
const WRAPPERS = new Set(['edges', 'node', 'nodes', 'pageInfo']);

/** A field with everything below it, fragments written out. */
interface Flat {
  readonly node: FieldNode;
  readonly below: readonly Flat[];
}

/**
 * The limit that an operation is over, counted by writing every fragment out first.
 * @param variables as the engine coerces them; where they do not fit, as they were given
 * @param lists names of fields that answer short lists
 */
export function limitPassed(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  lists: ReadonlySet<string>,
): string | undefined {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  let directives = operation.directives?.length ?? 0;
  const flatten = (set: SelectionSetNode | undefined): Flat[] =>
    (set?.selections ?? []).flatMap((selection) => {
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) return [{ node: selection, below: flatten(selection.selectionSet) }];
      return flatten(
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value),
      );
    });
  const roots = flatten(operation.selectionSet);
  const size = (flat: Flat) => pageSize(flat, variables, lists);
  const counted = {
    rootFields: roots.length,
    depth: depthOf(roots),
    aliases: aliasesOf(roots),
    directives,
    cost: costOf(roots, size),
  };
  return Object.entries(counted).find(([limit, count]) => count > LIMITS[limit as keyof typeof LIMITS])?.[0];
}

function depthOf(fields: readonly Flat[]): number {
  return Math.max(
    0,
    ...fields.map(({ node, below }) => depthOf(below) + (WRAPPERS.has(node.name.value) ? 0 : 1)),
  );
}

function aliasesOf(fields: readonly Flat[]): number {
  return fields.reduce((sum, { node, below }) => sum + (node.alias ? 1 : 0) + aliasesOf(below), 0);
}

function costOf(fields: readonly Flat[], size: (flat: Flat) => number): number {
  return fields.reduce((sum, flat) => {
    if (!flat.node.selectionSet) return sum;
    const inner = costOf(flat.below, size);
    return sum + (WRAPPERS.has(flat.node.name.value) ? inner : size(flat) * (1 + inner));
  }, 0);
}

/** How many objects a field may answer. */
function pageSize(
  { node, below }: Flat,
  variables: Readonly<Record<string, unknown>>,
  lists: ReadonlySet<string>,
): number {
  const first = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (first?.kind === Kind.INT) return Math.max(1, Number(first.value));
  if (first?.kind === Kind.VARIABLE) {
    const value = Object.hasOwn(variables, first.name.value) ? variables[first.name.value] : undefined;
    return typeof value === 'number' ? Math.max(1, Math.min(value, PAGE.max)) : PAGE.unsaid;
  }
  if (below.some((flat) => WRAPPERS.has(flat.node.name.value))) return PAGE.unsaid;
  return lists.has(node.name.value) ? SHORT_LIST : 1;
}

/** Variables that do not fit, with the page sizes that stand in defaults. */
export function uncoerced(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}
