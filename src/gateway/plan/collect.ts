import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type FieldNode,
  type GraphQLDirective,
  type SelectionSetNode,
} from 'graphql';
import { KuramoriError } from '../../kernel/errors.js';
import type { PreparedOperation, RequestValues } from './prepare.js';

/**
 * Fields by response key, in the order of the answer; fragments written out, `@skip` and `@include` applied. The schema
 * has no abstract types, so every fragment that validation lets through applies.
 * @throws KuramoriError BAD_INPUT where a condition is null
 */
export function collectFields(
  prepared: Pick<PreparedOperation, 'fragments'>,
  values: Pick<RequestValues, 'variables'>,
  selections: readonly SelectionSetNode[],
): [string, FieldNode[]][] {
  const found = new Map<string, FieldNode[]>();
  const written = new Set<string>();
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      // Once is enough, and the conditions of further spreads are not looked at, as in graphql-js.
      if (selection.kind === Kind.FRAGMENT_SPREAD && written.has(selection.name.value)) continue;
      if (!isIncluded(selection, values.variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        found.set(key, [...(found.get(key) ?? []), selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else {
        written.add(selection.name.value);
        const fragment = prepared.fragments.get(selection.name.value);
        if (fragment) visit(fragment.selectionSet);
      }
    }
  };
  selections.forEach(visit);
  return [...found];
}

function isIncluded(
  selection: SelectionSetNode['selections'][number],
  variables: Readonly<Record<string, unknown>>,
): boolean {
  if (!selection.directives?.length) return true;
  if (condition(GraphQLSkipDirective, selection, variables) === true) return false;
  return condition(GraphQLIncludeDirective, selection, variables) !== false;
}

/**
 * Validation lets a variable with a default be a condition, and a null may still come for it.
 * @returns undefined where the selection does not have the directive
 */
function condition(
  directive: GraphQLDirective,
  selection: SelectionSetNode['selections'][number],
  variables: Readonly<Record<string, unknown>>,
): unknown {
  try {
    return getDirectiveValues(directive, selection, { ...variables })?.['if'];
  } catch (cause) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The condition of @include or @skip is null. Give its variable true or false, or leave it out.',
      {},
      { cause },
    );
  }
}
