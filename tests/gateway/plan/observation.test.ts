import { describe, expect, test } from 'vitest';
import { Observation } from '../../../src/gateway/plan/observation.js';
import type { FieldShape, ObjectShape } from '../../../src/gateway/plan/shape.js';
import { askerOf, type Asker } from '../../support/read.js';
import { plan } from './small/plan.js';

const clerk = askerOf('collectionClerk');
const counter = askerOf('counterClerk');
const branch = askerOf('branchClerk', { branchCode: '01' });

/** Who is seen: addressee number and 支援措置 state, 1 for staff who are named and 2 for all others. */
type People = readonly (readonly [string, 0 | 1 | 2])[];

function below(shape: ObjectShape): ObjectShape {
  const found = shape.fields.find(
    (field): field is Extract<FieldShape, { shape: ObjectShape }> => 'shape' in field,
  );
  if (!found) throw new Error('no object below');
  return found.shape;
}

/** What an operation on one person leaves when these people were met in its place. */
function entriesOf(source: string, people: People, asker: Asker = clerk) {
  const { shape } = plan(source, asker);
  const observation = new Observation();
  observation.see(shape, undefined, 0);
  for (const [subject, protection] of people) observation.see(below(shape), subject, protection);
  return { entries: observation.entries(shape), warned: observation.warnedSubjects() };
}

describe('entries', () => {
  test('stand for every coordinate once, in the order of the document, with rows and subjects', () => {
    const { entries } = entriesOf('{ person(no: "1") { name n: name __typename kind } }', [['1', 0]]);
    expect(entries.map(({ coordinate, decision }) => [coordinate, decision])).toEqual([
      ['Query.person', 'allow'],
      ['Person.name', 'allow'],
      ['Person.kind', 'allow'],
    ]);
    expect(entries[2]).toEqual({ coordinate: 'Person.kind', decision: 'allow', rows: 1, subjects: ['1'] });
  });

  test('are left for what nobody met, without rows', () => {
    expect(entriesOf('{ person(no: "1") { name email } }', [], counter).entries).toEqual([
      { coordinate: 'Query.person', decision: 'allow', rows: 0, subjects: [] },
      { coordinate: 'Person.name', decision: 'allow', rows: 0, subjects: [] },
      {
        coordinate: 'Person.email',
        decision: 'refuse',
        reason: 'function:addressee:contact',
        rows: 0,
        subjects: [],
      },
    ]);
  });

  test('tell masked and refused apart, with the function that was missing', () => {
    const { entries } = entriesOf('{ person(no: "1") { address phone email } }', [['1', 0]], branch);
    expect(
      entries.slice(1).map(({ coordinate, decision, reason }) => [coordinate, decision, reason]),
    ).toEqual([
      ['Person.address', 'mask', 'function:addressee:identity'],
      ['Person.phone', 'mask', 'function:addressee:contact'],
      ['Person.email', 'refuse', 'function:addressee:contact'],
    ]);
  });

  test('share one array of subjects, which the log then stores once', () => {
    const { entries } = entriesOf('{ person(no: "1") { no name kind } }', [
      ['1', 0],
      ['2', 0],
    ]);
    const own = entries.filter(({ coordinate }) => coordinate.startsWith('Person.'));
    expect(own[0]?.subjects).toEqual(['1', '2']);
    for (const entry of entries) expect(entry.subjects).toBe(own[0]?.subjects);
  });

  test('name a person once, however often met', () => {
    const { entries } = entriesOf('{ person(no: "1") { name } }', [
      ['1', 0],
      ['1', 0],
      ['2', 0],
    ]);
    expect(entries[1]).toMatchObject({ rows: 3, subjects: ['1', '2'] });
  });
});

describe('protected people', () => {
  const PEOPLE: People = [
    ['1', 0],
    ['2', 2],
    ['3', 1],
    ['2', 2],
  ];

  test('split a protected field into what was shown and what was masked', () => {
    const { entries } = entriesOf('{ person(no: "1") { address } }', PEOPLE);
    expect(entries.filter(({ coordinate }) => coordinate === 'Person.address')).toEqual([
      { coordinate: 'Person.address', decision: 'allow', rows: 2, subjects: ['1', '3'], raised: true },
      {
        coordinate: 'Person.address',
        decision: 'mask',
        reason: 'protectedPerson',
        rows: 2,
        subjects: ['2'],
        raised: true,
      },
    ]);
  });

  test('do not raise what was shown of others beside them', () => {
    const { entries } = entriesOf('{ person(no: "1") { address name } }', [
      ['1', 0],
      ['2', 2],
    ]);
    const raised = Object.fromEntries(
      entries.map((entry) => [`${entry.coordinate} ${entry.decision}`, entry.raised]),
    );
    expect(raised).toEqual({
      'Query.person allow': true,
      'Person.address allow': undefined,
      'Person.address mask': true,
      'Person.name allow': true,
    });
  });

  test('raise every entry that speaks of them, masked or not', () => {
    const { entries } = entriesOf('{ person(no: "1") { name email } }', PEOPLE, counter);
    expect(entries.map(({ raised }) => raised)).toEqual([true, true, true]);
    for (const { subjects } of entries) expect(subjects.toSorted()).toEqual(['1', '2', '3']);
  });

  test('who alone were met leave no entry of something shown', () => {
    const { entries } = entriesOf('{ person(no: "1") { address } }', [['2', 2]]);
    expect(entries.filter(({ coordinate }) => coordinate === 'Person.address')).toMatchObject([
      { decision: 'mask' },
    ]);
  });

  test('are warned of, once each, and others are not', () => {
    expect(entriesOf('{ person(no: "1") { no } }', PEOPLE).warned).toEqual(['2', '3']);
    expect(entriesOf('{ person(no: "1") { no } }', [['1', 0]]).warned).toEqual([]);
  });

  test('do not raise what speaks of others alone', () => {
    for (const entry of entriesOf('{ person(no: "1") { name address } }', [['1', 0]]).entries)
      expect(entry.raised).toBeUndefined();
  });
});

test('a relation speaks of the person it was asked on also when it answered nothing', () => {
  const { shape } = plan('{ person(no: "1") { lines { nodes { id } } } }', clerk);
  const observation = new Observation();
  observation.see(below(shape), '1', 0);
  expect(observation.entries(shape)).toContainEqual({
    coordinate: 'Person.lines',
    decision: 'allow',
    rows: 0,
    subjects: ['1'],
  });
});
