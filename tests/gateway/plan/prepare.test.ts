import { describe, expect, test } from 'vitest';
import { presentPaths } from '../../../src/gateway/plan/prepare.js';
import { isKuramoriError, KuramoriError } from '../../../src/kernel/errors.js';
import { askerOf } from '../../support/read.js';
import { plan, prepare } from './small/plan.js';

const clerk = askerOf('collectionClerk');

function refused(source: string, variables: Record<string, unknown>): KuramoriError {
  try {
    prepare(source, variables);
  } catch (error) {
    if (isKuramoriError(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('the values of a request', () => {
  test('are coerced and put to the fields that take arguments, in the order of the document', () => {
    const { request } = prepare(
      `query($n: Int = 5, $f: PersonFilter) { people(first: $n, filter: $f) { nodes { name } }
        person(no: "1") { no lines(year: 2025) { nodes { id } } } }`,
      { f: { name: '蔵' } },
    );
    expect(request.argumentsByField).toEqual([
      { first: 5, filter: { name: '蔵' } },
      { no: '1' },
      { year: 2025 },
    ]);
  });

  test('leave absent arguments absent', () => {
    expect(
      prepare('query($n: Int) { people(first: $n) { nodes { no } } }', {}).request.argumentsByField,
    ).toEqual([{}]);
  });

  test.each([
    ['a word for a number', 'query($v: Int) { people(first: $v) { nodes { no } } }', { v: 'tell-tale' }],
    [
      'a number beyond four bytes',
      'query($v: Int) { people(first: $v) { nodes { no } } }',
      { v: 98_765_432_109 },
    ],
    ['null for what must be given', 'query($v: String!) { person(no: $v) { no } }', { v: null }],
    ['nothing for what must be given', 'query($v: String!) { person(no: $v) { no } }', {}],
    ['a list for a text', 'query($v: String!) { person(no: $v) { no } }', { v: ['tell-tale'] }],
    [
      'an unknown condition',
      'query($v: PersonFilter) { people(filter: $v) { nodes { no } } }',
      { v: { tell: 'tale' } },
    ],
  ])('are refused when one is %s, naming the variable and never the value', (_, source, variables) => {
    const error = refused(source, variables);
    expect(error).toMatchObject({ code: 'BAD_INPUT', facts: { variable: 'v' } });
    expect(JSON.stringify([error.message, error.facts])).not.toMatch(/tell|tale|98765432109/);
  });

  test('ignore variables that the document does not declare', () => {
    const { request } = prepare('query($n: Int) { people(first: $n) { nodes { no } } }', {
      n: 1,
      other: 'x',
    });
    expect(request.variables).toEqual({ n: 1 });
  });
});

describe('arguments that do not fit', () => {
  const SOURCE = `query Asked($text: String = "1", $take: Boolean!) { counted { count }
      person(no: $text) @include(if: $take) { no } people(first: 1) { nodes { no } } }`;
  const asked = (variables: Record<string, unknown>) => () => plan(SOURCE, clerk, variables);

  test('are the error of the field that is executed, naming it', () => {
    for (const text of [null, '\u0000', 'a\ud800'])
      expect(caught(asked({ text, take: true }))).toMatchObject({
        code: 'BAD_INPUT',
        facts: { field: 'person' },
      });
    expect(caught(asked({ text: '2', take: true }))).toBeUndefined();
  });

  test('are nothing when a condition leaves the field out', () => {
    for (const text of [null, '\u0000']) expect(caught(asked({ text, take: false }))).toBeUndefined();
  });

  test('are an error also where the caller may not see the field, and none below it', () => {
    const nobody = askerOf('collectionClerk', { functions: new Set() });
    expect(caught(() => plan('{ person(no: "\\u0000") { no } }', nobody))).toMatchObject({
      code: 'BAD_INPUT',
    });
    const below = '{ person(no: "1") { lines(after: "\\u0000") { nodes { id } } } counted { count } }';
    expect(caught(() => plan(below, nobody))).toBeUndefined();
    expect(caught(() => plan(below, clerk))).toMatchObject({
      facts: { field: 'lines' },
    });
  });

  test('of an operation that is not asked for are nothing', () => {
    const source = `query Asked { counted { count } } query Other($no: String!) { ...F }
      fragment F on Query { person(no: $no) { no } }`;
    expect(caught(() => plan(source, clerk))).toBeUndefined();
  });

  test('throw when they are read, and leave the others in their places', () => {
    const { request } = prepare(SOURCE, { text: null, take: true });
    expect(() => request.argumentsByField[0]).toThrow(KuramoriError);
    expect(request.argumentsByField[1]).toEqual({ first: 1 });
    expect(request.argumentsByField).toHaveLength(2);
  });

  test('are in the signature: no plan made without the field meets them', () => {
    const signature = (text: string | null) => prepare(SOURCE, { text, take: false }).request.signature;
    expect(signature('\u0000')).toBe(signature(null));
    expect(signature('2')).not.toBe(signature(null));
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    if (isKuramoriError(error)) return error;
    throw error;
  }
}

describe('the signature', () => {
  const SOURCE = `query($f: PersonFilter, $a: Boolean!, $b: Boolean!) { people(filter: $f) { nodes { no @skip(if: $a)
    ...F @include(if: $b) } } } fragment F on Person { name }`;
  const signature = (variables: Record<string, unknown>) =>
    prepare(SOURCE, { a: true, b: true, ...variables }).request.signature;

  test('depends on which arguments are present, not on their values', () => {
    expect(signature({ f: { name: 'a' } })).toBe(signature({ f: { name: 'b' } }));
    expect(signature({ f: { name: 'a' } })).not.toBe(signature({ f: { phone: 'a' } }));
    expect(signature({ f: { name: 'a', phone: null } })).toBe(signature({ f: { name: 'a' } }));
    expect(signature({ f: {} })).toBe(signature({}));
  });

  test('depends on every condition, also on one that a fragment stands under', () => {
    const all = [true, false].flatMap((a) => [true, false].map((b) => signature({ a, b })));
    expect(new Set(all).size).toBe(4);
  });
});

test('present paths are dotted; a list counts as one value and null as none', () => {
  expect(
    presentPaths({ a: 1, b: { c: 0, d: { e: '' }, f: null, g: undefined }, h: [1, { i: 2 }], j: false }),
  ).toEqual(['a', 'b.c', 'b.d.e', 'h', 'j']);
});
