import fc from 'fast-check';
import { Kind, parse, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { assertWithinLimits } from '../../../src/gateway/operation/limits.js';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import {
  ALIASES_MAX,
  AUDIT_TEXT_CHARS_MAX,
  DEPTH_MAX,
  OPERATION_NAME_CHARS_MAX,
  ROOT_FIELDS_MAX,
} from '../../../src/kernel/limits.js';

function limitHit(source: string, variables: Record<string, unknown> = {}): string | undefined {
  const document = parse(source);
  const operation = document.definitions.find(
    (d): d is OperationDefinitionNode => d.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('no operation');
  try {
    assertWithinLimits(document, operation, variables, new Set(['charges']));
    return undefined;
  } catch (error) {
    if (!isKuramoriError(error, 'QUERY_TOO_COMPLEX')) throw error;
    return String(error.facts['limit']);
  }
}

const nested = (depth: number): string => (depth === 1 ? 'a' : `a { ${nested(depth - 1)} }`);

describe('the worked costs of handbook 15 §7', () => {
  test('fifty taxpayers with ten ledgers each cost 550 and are allowed', () => {
    expect(limitHit('{ taxpayers(first: 50) { name ledgers(first: 10) { id } } }')).toBeUndefined();
  });

  test('a hundred of them cost 1,100 and are refused', () => {
    expect(limitHit('{ taxpayers(first: 100) { name ledgers(first: 10) { id } } }')).toBe('cost');
  });

  test('a page size in a variable counts as its value', () => {
    const source = 'query($n: Int) { taxpayers(first: $n) { ledgers(first: 10) { id } } }';
    expect(limitHit(source, { n: 50 })).toBeUndefined();
    expect(limitHit(source, { n: 100 })).toBe('cost');
  });

  test('a page costs its size also when a fragment asks for its rows', () => {
    for (const rows of ['nodes { id }', '... { nodes { id } }', '...Rows', '... { ...Rows }']) {
      const source = (first: string) =>
        `{ a${first} { nodes { b { nodes { c { ${rows} } } } } } } fragment Rows on T { nodes { id } }`;
      expect(limitHit(source('(first: 2)'))).toBeUndefined();
      expect(limitHit(source(''))).toBe('cost');
    }
  });

  test('a page size below one does not make up for another field, whatever skips it', () => {
    const dear = 'taxpayers(first: 100) { ledgers(first: 10) { id } }';
    expect(limitHit(`{ x: a(first: -5000) @skip(if: true) { id } ${dear} }`)).toBe('cost');
    expect(limitHit(`query($n: Int) { x: a(first: $n) @skip(if: true) { id } ${dear} }`, { n: -5000 })).toBe(
      'cost',
    );
  });

  test('a short list costs more than one object', () => {
    expect(limitHit('{ taxpayers(first: 100) { charges { id } } }')).toBe('cost');
    expect(limitHit('{ taxpayers(first: 50) { charges { id } } }')).toBeUndefined();
  });
});

describe('limits count the flattened operation', () => {
  test('depth up to the limit is allowed and one more refused', () => {
    expect(limitHit(`{ ${nested(DEPTH_MAX)} }`)).toBeUndefined();
    expect(limitHit(`{ ${nested(DEPTH_MAX + 1)} }`)).toBe('depth');
  });

  test('wrappers of pages do not deepen an operation', () => {
    expect(limitHit(`{ a { edges { node { ${nested(DEPTH_MAX - 1)} } } } }`)).toBeUndefined();
  });

  test('a thousand aliases are refused, and so is one over the limit', () => {
    const aliased = (count: number) =>
      `{ a { ${Array.from({ length: count }, (_, i) => `x${i}: name`).join(' ')} } }`;
    expect(limitHit(aliased(ALIASES_MAX))).toBeUndefined();
    expect(limitHit(aliased(ALIASES_MAX + 1))).toBe('aliases');
    expect(limitHit(aliased(1000))).toBe('aliases');
  });

  test('aliases hidden in a fragment that is spread often are all counted, whatever its name', () => {
    const source = `{ a { ...__schema b { ...__schema } c { ...__schema } d { ...__schema } } }
      fragment __schema on T { p: x q: x r: x s: x }`;
    expect(limitHit(source)).toBe('aliases');
  });

  test('fragments that double each other end in a refusal, not in a hang', () => {
    const fragments = Array.from(
      { length: 19 },
      (_, i) => `fragment f${i} on T { l${i}: a { ...f${i + 1} } r${i}: a { ...f${i + 1} } }`,
    );
    expect(limitHit(`{ a { ...f0 } } ${fragments.join(' ')} fragment f19 on T { id }`)).toBe('depth');
  });

  test('root fields are limited, also through fragments, and a change stands alone', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`).join(' ');
    expect(limitHit(`{ ${fields(ROOT_FIELDS_MAX)} }`)).toBeUndefined();
    expect(limitHit(`{ ${fields(ROOT_FIELDS_MAX)} ...r } fragment r on Query { one }`)).toBe('rootFields');
    expect(limitHit('mutation { a { id } b { id } }')).toBe('rootFields');
  });

  test('the name of an operation may be as long as the log can hold, and no longer', () => {
    const named = (length: number) => `query ${'N'.repeat(length)} { a }`;
    expect(limitHit(named(OPERATION_NAME_CHARS_MAX))).toBeUndefined();
    expect(limitHit(named(OPERATION_NAME_CHARS_MAX + 1))).toBe('operationNameChars');
    expect(OPERATION_NAME_CHARS_MAX).toBeLessThanOrEqual(AUDIT_TEXT_CHARS_MAX);
  });

  test('more fragments or directives than allowed are refused', () => {
    const fragments = Array.from({ length: 21 }, (_, i) => `fragment f${i} on T { id }`).join(' ');
    expect(limitHit(`{ a { ...f0 } } ${fragments}`)).toBe('fragments');
    expect(
      limitHit(`{ a { ${Array.from({ length: 11 }, (_, i) => `f${i} @include(if: true)`).join(' ')} } }`),
    ).toBe('directives');
  });
});

/** A reference that writes every fragment out before it counts. */
function flattenedAliases(set: SelectionSetNode, fragments: ReadonlyMap<string, SelectionSetNode>): number {
  return set.selections.reduce((total, selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD)
      return total + flattenedAliases(fragments.get(selection.name.value) ?? NO_FIELDS, fragments);
    const below = selection.selectionSet ? flattenedAliases(selection.selectionSet, fragments) : 0;
    return total + below + (selection.kind === Kind.FIELD && selection.alias ? 1 : 0);
  }, 0);
}

const NO_FIELDS: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

test('the alias count equals that of a reference that expands every fragment', () => {
  const selection = fc.letrec<{ set: string; field: string }>((tie) => ({
    set: fc.array(tie('field'), { minLength: 1, maxLength: 4 }).map((fields) => fields.join(' ')),
    field: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('x', 'p: x', 'q: y', '...F', '...G'),
      tie('set').map((set) => `a { ${set} }`),
      tie('set').map((set) => `... { ${set} }`),
    ),
  }));
  fc.assert(
    fc.property(selection.set, fc.constantFrom('x', 'm: x n: y', 'o: z'), (set, leaf) => {
      const source = `{ r { ${set} } } fragment F on T { ${leaf} ...G } fragment G on T { g: x }`;
      const document = parse(source);
      const fragments = new Map(
        document.definitions.flatMap((d) =>
          d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d.selectionSet] as const] : [],
        ),
      );
      const operation = document.definitions[0] as OperationDefinitionNode;
      const hit = limitHit(source);
      const over = flattenedAliases(operation.selectionSet, fragments) > ALIASES_MAX;
      expect(hit === 'aliases' || hit === 'depth' || hit === 'cost').toBe(
        over || hit === 'depth' || hit === 'cost',
      );
      if (hit === undefined) expect(over).toBe(false);
    }),
  );
});
