import { Kind, parse, print, visit, type ASTNode, type DocumentNode } from 'graphql';

const TRIES_MAX = 400;
const REMOVABLE: ReadonlySet<string> = new Set([
  Kind.OPERATION_DEFINITION,
  Kind.FIELD,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
  Kind.DIRECTIVE,
]);

/**
 * The smallest part of a document for which something still holds: people read it, not the generator's.
 * @param holds whether what is looked for is still there
 */
export async function minimal(source: string, holds: (source: string) => Promise<boolean>): Promise<string> {
  if (!isDocument(source)) return source;
  let least = source;
  for (let place = 0, tries = 0; tries < TRIES_MAX; tries += 1) {
    const smaller = without(least, place);
    if (smaller === undefined) return least;
    if (smaller !== '' && (await holds(smaller))) least = smaller;
    else place += 1;
  }
  return least;
}

function isDocument(source: string): boolean {
  try {
    return parse(source).definitions.length > 0;
  } catch {
    return false;
  }
}

/** The document without its removable part at a place; undefined past the last, empty where nothing would be left. */
function without(source: string, place: number): string | undefined {
  let at = -1;
  let found = false;
  const document = parse(source);
  const cut = visit(document, {
    enter: (node: ASTNode) => {
      if (!REMOVABLE.has(node.kind)) return undefined;
      at += 1;
      if (at !== place) return undefined;
      found = true;
      return null;
    },
  });
  if (!found) return undefined;
  const kept = unusedRemoved(cut);
  return hasHole(kept) ? '' : print(kept);
}

/** Fragments and variables that nothing uses any more would make the document invalid. */
function unusedRemoved(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    FragmentSpread: ({ name }) => {
      used.add(`...${name.value}`);
    },
    Argument: ({ value }) => {
      namesIn(value, used);
    },
    VariableDefinition: () => false,
  });
  const kept = visit(document, {
    FragmentDefinition: ({ name }) => (used.has(`...${name.value}`) ? undefined : null),
    VariableDefinition: ({ variable }) => (used.has(`$${variable.name.value}`) ? undefined : null),
  });
  return kept.definitions.length === document.definitions.length ? kept : unusedRemoved(kept);
}

function namesIn(value: ASTNode, used: Set<string>): void {
  visit(value, {
    Variable: ({ name }) => {
      used.add(`$${name.value}`);
    },
  });
}

function hasHole(document: DocumentNode): boolean {
  let hole = !document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  visit(document, {
    SelectionSet: ({ selections }) => {
      hole ||= selections.length === 0;
    },
  });
  return hole;
}
