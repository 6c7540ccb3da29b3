import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../src/gateway/plan/cursor.js';
import type { Provided } from '../../../src/access/schema/entity.js';
import type { ProvidedShape } from '../../../src/gateway/plan/shape.js';
import { askerOf } from '../../support/read.js';
import { answer, plan, planPayload, type Planned } from './small/plan.js';

const clerk = askerOf('collectionClerk');
const branch = askerOf('branchClerk', { branchCode: '01' });

/** Rows name their slots by what the shape says, so that the tests do not depend on the order of slots. */
function personShape(planned: Planned) {
  const [field] = planned.shape.fields;
  if (field?.kind !== 'object') throw new Error('no object');
  return field.shape;
}

function rowOf(planned: Planned, values: Record<string, unknown>, protection = 0, subject = '9'): unknown[] {
  const shape = personShape(planned);
  const row: unknown[] = [];
  for (const field of shape.fields) if ('slot' in field) row[field.slot] = values[field.key] ?? null;
  if (shape.subjectSlot !== undefined) row[shape.subjectSlot] = subject;
  if (shape.protectionSlot !== undefined) row[shape.protectionSlot] = protection;
  return row;
}

describe('an object', () => {
  test('has its keys in the order of the document, fragments in their place', () => {
    const planned = plan(
      '{ person(no: "1") { ...F no __typename n: name } } fragment F on Person { kind name }',
      clerk,
    );
    const { data } = answer(planned, [rowOf(planned, { kind: 'person', name: '蔵', n: '蔵', no: '9' })]);
    expect(JSON.stringify(data)).toBe(
      '{"person":{"kind":"PERSON","name":"蔵","no":"9","__typename":"Person","n":"蔵"}}',
    );
  });

  test('keeps response keys that objects of the language already have', () => {
    const planned = plan(
      '{ __proto__: person(no: "1") { __proto__: name constructor: no toString: kind } }',
      clerk,
    );
    const { data } = answer(planned, [rowOf(planned, { __proto__: null, constructor: '9' })]);
    expect(JSON.stringify(data)).toMatch(
      /^\{"__proto__":\{"__proto__":.*,"constructor":"9","toString":.*\}\}$/,
    );
  });

  test('that is not there is null', () => {
    expect(answer(plan('{ person(no: "1") { no } }', clerk), [null]).data).toEqual({ person: null });
  });

  test('shows masks as constants and refusals as null, each refusal once with its first place', () => {
    const source = '{ a: person(no: "1") { address email } people { nodes { e: email phone } } }';
    const planned = plan(source, branch);
    const [, people] = planned.shape.fields;
    const bare = people?.kind === 'connection' ? people.shape : undefined;
    const row = (no: string) => {
      const slots: unknown[] = [];
      slots[bare?.subjectSlot ?? 0] = no;
      slots[bare?.keySlot ?? 0] = no;
      slots[bare?.protectionSlot ?? 0] = 0;
      return slots;
    };
    const { data, refusals } = answer(planned, [rowOf(planned, {}), [row('1'), row('2')]]);
    expect(data).toEqual({
      a: { address: '＊＊＊', email: null },
      people: {
        nodes: [
          { e: null, phone: '＊＊＊' },
          { e: null, phone: '＊＊＊' },
        ],
      },
    });
    expect(refusals.map(({ path, field }) => [path.join('.'), field.coordinate])).toEqual([
      ['a.email', 'Person.email'],
      ['people.nodes.0.e', 'Person.email'],
    ]);
  });

  test('that nobody met refuses nothing', () => {
    expect(answer(plan('{ person(no: "1") { email } }', branch), [null]).refusals).toEqual([]);
  });

  test('under protection shows the mask even if the database had sent the value', () => {
    const planned = plan('{ person(no: "1") { address } }', clerk);
    const shown = (protection: number) =>
      answer(planned, [rowOf(planned, { address: '東町' }, protection)]).data;
    expect(shown(0)).toEqual({ person: { address: '東町' } });
    expect(shown(1)).toEqual({ person: { address: '東町' } });
    expect(shown(2)).toEqual({ person: { address: '＊＊＊' } });
  });

  test('whose field must not be null and is ends the operation with INTERNAL, naming the field alone', () => {
    const planned = plan('{ person(no: "1") { mustHave } }', clerk);
    expect(() => answer(planned, [rowOf(planned, {})])).toThrow(
      expect.objectContaining({
        code: 'INTERNAL',
        message: expect.stringContaining('Person.mustHave') as string,
      }),
    );
  });

  test('with a word its enumeration lacks ends the operation without telling the word', () => {
    const planned = plan('{ person(no: "1") { kind } }', clerk);
    let message = '';
    try {
      answer(planned, [rowOf(planned, { kind: 'tell-tale' })]);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('Person.kind');
    expect(message).not.toContain('tell-tale');
  });
});

describe('a page', () => {
  const ASK = 'query($first: Int, $after: String) { people(first: $first, after: $after) { PART } }';
  const FULL = `__typename edges { cursor node { no } __typename }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { no }`;

  function pageOf(size: number, rows: number, after: string | null = null, part = FULL) {
    const planned = plan(ASK.replace('PART', part), clerk, { first: size, after });
    const [field] = planned.shape.fields;
    if (field?.kind !== 'connection') throw new Error('no page');
    const made = Array.from({ length: rows }, (_, i) => {
      // Every slot of these rows holds the number or text of the person.
      const slots: unknown[] = Array.from({ length: 4 }, () => String(i + 1));
      slots[field.shape.protectionSlot ?? 3] = 0;
      return slots;
    });
    return answer(planned, [made]).data['people'];
  }

  test('holds what was asked for and tells of the row that was read beyond it', () => {
    const cursors = ['1', '2'].map((no) => encodeCursor('Person', no));
    expect(pageOf(2, 3)).toEqual({
      __typename: 'PersonConnection',
      edges: ['1', '2'].map((no, i) => ({ cursor: cursors[i], node: { no }, __typename: 'PersonEdge' })),
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursors[0], endCursor: cursors[1] },
      nodes: [{ no: '1' }, { no: '2' }],
    });
  });

  test('that is the last one says so, full or not, and that there was one before', () => {
    for (const rows of [1, 2])
      expect(pageOf(2, rows, encodeCursor('Person', '0'))).toMatchObject({
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      });
  });

  test('without rows has no cursors', () => {
    expect(pageOf(5, 0)).toMatchObject({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('is observed row by row although none of its fields was asked for', () => {
    const planned = plan('{ people { pageInfo { hasNextPage } } }', clerk);
    const [field] = planned.shape.fields;
    if (field?.kind !== 'connection') throw new Error('no page');
    const row: unknown[] = [];
    row[field.shape.subjectSlot ?? 0] = '77';
    row[field.shape.protectionSlot ?? 0] = 0;
    row[field.shape.keySlot ?? 0] = '77';
    const { observation } = answer(planned, [[row]]);
    expect(observation.entries(planned.shape)).toContainEqual({
      coordinate: 'Query.people',
      decision: 'allow',
      rows: 1,
      subjects: ['77'],
    });
  });
});

describe('values that come from no row', () => {
  test('are picked out of what a change gave', () => {
    const planned = planPayload(
      '{ payload { e: userErrors { code __typename field } person { no } } }',
      clerk,
      {},
    );
    const given = { userErrors: [{ code: 'CONFLICT', message: 'not asked for', field: undefined }] };
    expect(answer(planned, [null], { given }).data).toEqual({
      e: [{ code: 'CONFLICT', __typename: 'UserError', field: null }],
      person: null,
    });
  });

  test('are picked out of what another part of the system provided, for each name of the field', () => {
    const planned = plan('{ a: counted { count } b: counted { n: count __typename } }', clerk);
    const provided = new Map<ProvidedShape, Provided>();
    planned.shape.fields.forEach((field, i) => {
      if (field.kind === 'provided')
        provided.set(field, { value: { count: i }, rows: 1 + i, subjects: ['5', `${i}`] });
    });
    const { data, observation } = answer(planned, [], { provided });
    expect(data).toEqual({ a: { count: 0 }, b: { n: 1, __typename: 'Counted' } });
    expect(observation.entries(planned.shape)).toContainEqual(
      expect.objectContaining({ coordinate: 'Query.counted', rows: 3, subjects: ['5', '0', '1'] }),
    );
    const entryOf = (name: string) =>
      observation.entries(planned.shape).find(({ coordinate }) => coordinate === name);
    expect(entryOf('Counted.count')).toMatchObject({ rows: 3, subjects: ['5', '0', '1'] });
  });
});
