import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql';
import type { PreparedOperation, RequestValues } from './prepare.js';

/**
 * Fields by response key, in the order of the answer; fragments written out, `@skip` and `@include` applied. The schema
 * has no abstract types, so every fragment that validation lets through applies.
 */
export function collectFields(
  prepared: Pick<PreparedOperation, 'fragments'>,
  values: Pick<RequestValues, 'variables'>,
  selections: readonly SelectionSetNode[],
): [string, FieldNode[]][] {
  const found = new Map<string, FieldNode[]>();
  const visit = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!isIncluded(selection, values.variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        found.set(key, [...(found.get(key) ?? []), selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else {
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
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, { ...variables });
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, { ...variables });
  return skip?.['if'] !== true && include?.['if'] !== false;
}
