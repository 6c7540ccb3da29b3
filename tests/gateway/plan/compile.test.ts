import { describe, expect, test } from 'vitest';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import { askerOf, type Asker } from '../../support/read.js';
import type { ObjectShape, WrapperShape } from '../../../src/gateway/plan/shape.js';
import { plan, planPayload } from './small/plan.js';

const clerk = askerOf('collectionClerk');
const branch = askerOf('branchClerk', { branchCode: '01' });
const auditor = askerOf('auditor');

const count = (text: string, part: string | RegExp) => text.split(part).length - 1;
const sqlOf = (source: string, asker: Asker = clerk, variables = {}) => plan(source, asker, variables).sql;

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return isKuramoriError(error) ? error.code : String(error);
  }
}

describe('one statement', () => {
  test('reads all root fields, each in a slot of its own', () => {
    const { sql } = plan(
      '{ a: person(no: "1") { name } b: person(no: "2") { name } people { nodes { no } } }',
      clerk,
    );
    expect(sql).toMatch(/^select json_build_array\(\(select /);
    expect(count(sql, 'from "records"."addressee"')).toBe(3);
    expect(sql).not.toContain(';');
  });

  test('reads nothing when nothing that was asked for is read', () => {
    for (const source of [
      '{ __typename }',
      '{ counted { count } }',
      '{ person(no: "1") @skip(if: true) { name } }',
    ])
      expect(plan(source, clerk).statement).toBeUndefined();
    expect(plan('{ person(no: "1") { name } }', auditor).statement).toBeUndefined();
  });

  test('has no value of the request in its text', () => {
    const { sql, parameters } = plan(
      `query($n: String!) { person(no: "tell-tale-1") { lines(first: 77, year: 4321) { nodes { id } } }
        people(filter: { name: $n }) { nodes { no } } }`,
      clerk,
      { n: '  tell-tale-2 ' },
    );
    expect(sql).not.toMatch(/tell-tale|77|78|4321/);
    expect(parameters).toEqual(
      expect.arrayContaining(['tell-tale-1', 78, 4321, 'tell-tale-2', clerk.caller.actorId]),
    );
  });

  test('reads one row of the key for what a change changed', () => {
    const { sql, parameters } = planPayload('{ payload { person { name } userErrors { code } } }', clerk, {
      person: '0007',
    });
    expect(sql).toContain('"addressee_no" = $');
    expect(sql).toContain('limit 1');
    expect(parameters).toContain('0007');
  });
});

/** The shapes of a person's lines: the page's own, then those of its selections. */
function shapesOfPage(source: string): ObjectShape[] {
  const [person] = plan(source, clerk).shape.fields;
  const [lines] = person?.kind === 'object' ? person.shape.fields : [];
  if (lines?.kind !== 'connection') throw new Error('no page');
  const elements = ({ fields }: WrapperShape): ObjectShape[] =>
    fields.flatMap(({ element, wrapper }) => [
      ...(element ? [element] : []),
      ...(wrapper ? elements(wrapper) : []),
    ]);
  return [lines.shape, ...elements(lines.wrapper)];
}

describe('slots', () => {
  test('are shared by selections of one column under several names', () => {
    const once = sqlOf('{ person(no: "1") { name } }');
    const often = sqlOf(
      '{ person(no: "1") { name a: name ...F ... { b: name } } } fragment F on Person { c: name }',
    );
    expect(often).toBe(once);
  });

  test('are not shared by one relation asked with different arguments', () => {
    const sql = sqlOf(
      '{ person(no: "1") { a: lines(first: 1) { nodes { id } } b: lines(year: 1) { nodes { id } } } }',
    );
    expect(count(sql, 'from "records"."levy_line"')).toBe(2);
  });

  test('merge what fragments ask of one relation', () => {
    const sql = sqlOf(
      `{ person(no: "1") { lines { nodes { id } } ...F } }
      fragment F on Person { lines { nodes { year } pageInfo { hasNextPage } } }`,
    );
    expect(count(sql, 'from "records"."levy_line"')).toBe(1);
    expect(count(sql, '"levy_fiscal_year" desc')).toBe(1);
  });

  test('tell every selection of a row of its protection, whichever asks for it', () => {
    const selections = ['nodes { id }', 'a: nodes { year }', 'edges { node { paymentNo } }'];
    for (const order of [selections, selections.toReversed()]) {
      const shapes = shapesOfPage(`{ person(no: "1") { lines { ${order.join(' ')} } } }`);
      expect(shapes).toHaveLength(4);
      const [{ protectionSlot } = {}] = shapes;
      expect(protectionSlot).toBeDefined();
      for (const shape of shapes) expect(shape).toMatchObject({ protectionSlot, warns: true });
    }
    for (const shape of shapesOfPage('{ person(no: "1") { lines { nodes { id } } } }'))
      expect(shape).toMatchObject({ protectionSlot: undefined, warns: false });
  });

  test('over a hundred of one object are refused before the database is asked', () => {
    const lists = (n: number) => Array.from({ length: n }, (_, i) => `l${i}: fewLines { id }`).join(' ');
    expect(codeOf(() => plan(`{ person(no: "1") { ${lists(98)} } }`, clerk))).toBeUndefined();
    expect(codeOf(() => plan(`{ person(no: "1") { ${lists(99)} } }`, clerk))).toBe('QUERY_TOO_COMPLEX');
  });

  test('join a second table only for a column of it, and once', () => {
    expect(sqlOf('{ person(no: "1") { lines { nodes { id } } } }')).not.toContain('levy_balance');
    const sql = sqlOf('{ person(no: "1") { lines { nodes { levied received } } } }');
    expect(count(sql, 'join "records"."levy_balance"')).toBe(1);
  });
});

describe('who may not see a column', () => {
  const ALL = '{ person(no: "1") { name address phone email } }';

  test('has a plan without its name: masked and refused values are not read', () => {
    const open = sqlOf(ALL);
    for (const column of ['"address"', '"phone"', '"email"']) expect(open).toContain(column);
    const closed = plan(ALL, branch);
    for (const column of ['"address"', '"phone"', '"email"']) expect(closed.sql).not.toContain(column);
    const [person] = closed.shape.fields;
    const fields = person?.kind === 'object' ? person.shape.fields : [];
    expect(fields.map(({ kind }) => kind)).toEqual(['leaf', 'mask', 'mask', 'refused']);
    expect(fields[3]).toMatchObject({
      coordinate: 'Person.email',
      missing: 'addressee:contact',
      reason: 'function',
    });
  });

  test('has a plan without a relation whose function is missing', () => {
    const source = '{ person(no: "1") { lines { nodes { id } } } }';
    expect(
      sqlOf(source, askerOf('collectionClerk', { functions: new Set(['addressee:read']) })),
    ).not.toContain('levy_line');
  });

  test('may not search by it either, and may when the condition is absent', () => {
    const source = 'query($p: String) { people(filter: { phone: $p }) { nodes { no } } }';
    expect(plan(source, branch, { p: '03' }).shape.fields).toMatchObject([
      { kind: 'refused', missing: 'addressee:contact' },
    ]);
    expect(plan(source, branch, { p: '03' }).statement).toBeUndefined();
    expect(plan(source, branch, { p: null }).shape.fields).toMatchObject([{ kind: 'connection' }]);
    expect(plan(source, clerk, { p: '03' }).shape.fields).toMatchObject([{ kind: 'connection' }]);
  });

  test('has the protected value withheld by the database itself, row by row', () => {
    const sql = sqlOf('{ person(no: "1") { address } }');
    expect(sql).toMatch(/case when "t0p"\.state = 2 then null else \("t0"\."address"\)::text end/);
    expect(count(sql, 'protection_reach" where')).toBe(1);
  });
});

describe('another plan', () => {
  const source =
    'query($y: Int, $on: Boolean!) { person(no: "1") { lines(year: $y) @include(if: $on) { nodes { id } } } }';

  test('is made when an argument is present, and only then', () => {
    const without = plan(source, clerk, { on: true });
    const withYear = plan(source, clerk, { on: true, y: 2025 });
    expect(without.sql).not.toContain('"levy_fiscal_year" = ');
    expect(withYear.sql).toContain('"levy_fiscal_year" = ');
    expect(plan(source, clerk, { on: true, y: null }).sql).toBe(without.sql);
    expect(plan(source, clerk, { on: true, y: 1999 }).sql).toBe(withYear.sql);
    expect(without.request.signature).not.toBe(withYear.request.signature);
    expect(plan(source, clerk, { on: true, y: 1999 }).request.signature).toBe(withYear.request.signature);
  });

  test('is made when a condition leaves something out', () => {
    expect(sqlOf(source, clerk, { on: false })).not.toContain('levy_line');
    expect(plan(source, clerk, { on: false }).request.signature).not.toBe(
      plan(source, clerk, { on: true }).request.signature,
    );
  });

  test.each([
    ['{ person(no: "1") { name @skip(if: true) no } }', ['no']],
    ['{ person(no: "1") { name @include(if: false) no } }', ['no']],
    ['{ person(no: "1") { name @skip(if: false) @include(if: true) } }', ['name']],
    ['{ person(no: "1") { name @skip(if: true) @include(if: true) no } }', ['no']],
    ['{ person(no: "1") { ... @skip(if: true) { name } no } }', ['no']],
    ['{ person(no: "1") { ...F @include(if: false) no } } fragment F on Person { name }', ['no']],
    ['{ person(no: "1") { name @skip(if: true) no name } }', ['no', 'name']],
  ])('keeps what the conditions of %s keep', (text, keys) => {
    const [person] = plan(text, clerk).shape.fields;
    expect(person?.kind === 'object' && person.shape.fields.map(({ key }) => key)).toEqual(keys);
  });
});

describe('a branch clerk', () => {
  test('has the branch in the condition of every row that is about a person', () => {
    const source =
      '{ person(no: "1") { lines { nodes { person { no } } } fewLines { id } } people { nodes { no } } }';
    const sql = sqlOf(source, branch);
    // Two lists of lines by their person, three reads of people directly.
    expect(count(sql, /exists \(select from "records"\."addressee"/)).toBe(2);
    expect(count(sql, /"t\d+"\."branch_code" = \$/)).toBe(3);
    expect(sqlOf(source, clerk)).not.toContain('branch_code');
    expect(plan(source, branch).parameters.filter((value) => value === '01')).toHaveLength(5);
  });
});

describe('a condition that is null', () => {
  const SOURCE = 'query($v: Boolean = true) { people(first: 1) { nodes { no ...F } } } fragment F on Person';

  test.each([
    ['of @include', `${SOURCE} { name @include(if: $v) }`],
    ['of @skip', `${SOURCE} { name @skip(if: $v) }`],
    ['of a fragment', `${SOURCE} { ... @include(if: $v) { name } }`],
  ])('%s is a fault of the request', (_, source) => {
    expect(codeOf(() => plan(source, clerk, { v: null }))).toBe('BAD_INPUT');
    expect(codeOf(() => plan(source, clerk, {}))).toBeUndefined();
  });

  test('is not looked at where the selection is skipped anyway, or lies below one that is', () => {
    for (const source of [
      `${SOURCE} { name @skip(if: true) @include(if: $v) }`,
      `${SOURCE} { lines(first: 1) @skip(if: true) { nodes { id @include(if: $v) } } name }`,
    ])
      expect(codeOf(() => plan(source, clerk, { v: null }))).toBeUndefined();
  });

  test('is not looked at where the fragment is written out already', () => {
    const spread = (spreads: string) =>
      `query($v: Boolean = true) { people(first: 1) { nodes { ${spreads} } } } fragment F on Person { name }`;
    expect(codeOf(() => plan(spread('...F ...F @include(if: $v)'), clerk, { v: null }))).toBeUndefined();
    expect(codeOf(() => plan(spread('...F @include(if: $v) ...F'), clerk, { v: null }))).toBe('BAD_INPUT');
  });
});
