import fc from 'fast-check';
import type { ExecutionResult } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import type { BuiltInRole } from '../../../src/access/roles.js';
import { buildDemonstration } from '../../../src/demonstration/build.js';
import { encodeCursor } from '../../../src/gateway/plan/cursor.js';
import { buildSchema } from '../../../src/gateway/schema/build.js';
import { RESOLVERS } from '../../../src/gateway/schema/resolvers.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, Reader, TODAY, type Asker } from '../../support/read.js';
import { documents, type AskedDocument, type KnownKeys } from './oracle/documents.js';
import { Reference } from './oracle/reference.js';

const PEOPLE = 60;
const RUNS = 300;
const schema = buildSchema(RESOLVERS);
const db = await testDatabase();
const reader = new Reader(schema, db.gateway);
const reference = new Reference(schema, db.owner);
let keys: KnownKeys;
let askers: Asker[];

beforeAll(async () => {
  await buildDemonstration(db.owner, { people: PEOPLE, seed: 11, referenceDate: plainDate('2026-11-01') });
  const texts = async (statement: string) => {
    const rows = await db.owner.run('test.keys', ({ raw }) => raw.unsafe<{ k: string }[]>(statement));
    return rows.map(({ k }) => k);
  };
  const inForce = `'${TODAY}' between valid_from and valid_to`;
  const hidden = await texts(
    `select distinct addressee_no as k from records.protection_reach where ${inForce}`,
  );
  const named = await texts(`select distinct staff_id as k from records.protection_staff where ${inForce}`);
  expect(hidden.length).toBeGreaterThan(0);
  expect(named.length).toBeGreaterThan(0);
  const people = [
    ...hidden.slice(0, 2),
    ...(await texts(`select addressee_no as k from records.levy_line join records.receipt using (addressee_no)
      group by 1 order by count(*) desc limit 3`)),
  ];
  // Rows of the people asked for, so that cursors meet the lists they are put to.
  const theirs = `where addressee_no = any('{${people.join(',')}}') order by md5(id::text)`;
  keys = {
    addressees: people,
    levies: await texts(`select id::text as k from records.levy_line ${theirs} limit 10`),
    receipts: [
      ...(await texts(`select id::text as k from records.receipt ${theirs} limit 6`)),
      ...(await texts(
        'select reverses_id::text as k from records.receipt where reverses_id is not null limit 4',
      )),
    ],
    cursorOf: encodeCursor,
  };
  const roles: BuiltInRole[] = [
    'collectionClerk',
    'counterClerk',
    'auditor',
    'sectionChief',
    'assessmentClerk',
  ];
  askers = [
    ...roles.map((role) => askerOf(role)),
    askerOf('branchClerk', { branchCode: '01' }),
    askerOf('delinquencyOfficer', { branchCode: '02' }),
    ...named.map((actorId) => askerOf('collectionClerk', { actorId })),
  ];
});

/** Where something was refused, by the road to it: the first place in the answer's own order. */
function refusals(
  errors: readonly { path: readonly (string | number)[]; code: unknown }[],
): Map<string, unknown> {
  const first = new Map<string, { path: readonly (string | number)[]; code: unknown }>();
  for (const error of errors) {
    const road = error.path.map((part) => (typeof part === 'number' ? '#' : part)).join('.');
    const known = first.get(road);
    if (!known || before(error.path, known.path)) first.set(road, error);
  }
  return new Map([...first].map(([road, { path, code }]) => [road, [path.join('.'), code]]));
}

function before(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  for (const [at, part] of a.entries()) {
    const other = b[at];
    if (part !== other) return Number(part) < Number(other);
  }
  return false;
}

async function planned(document: AskedDocument, asker: Asker) {
  const answer = await reader.ask(document.source, asker, document.variables);
  const errors = answer.refusals.map(({ field, path }) => ({
    path,
    code: field.reason === 'stepUp' ? 'STEP_UP_REQUIRED' : 'FORBIDDEN_FIELD',
  }));
  return { data: answer.data, errors };
}

function executed({ data, errors = [] }: ExecutionResult) {
  return {
    data,
    errors: errors.map(({ path, extensions }) => ({ path: path ?? [], code: extensions['code'] })),
  };
}

test('plans answer what the plain engine answers with a resolver per field, keys in order, whoever asks', async () => {
  const met = { rows: 0, masked: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(documents(keys), fc.constantFrom(...askers), async (document, asker) => {
      const ours = await planned(document, asker);
      const theirs = executed(await reference.ask(document, asker));
      const text = JSON.stringify(ours.data);
      expect(text).toBe(JSON.stringify(theirs.data));
      expect(refusals(ours.errors)).toEqual(refusals(theirs.errors));
      expect(ours.errors).toHaveLength(refusals(ours.errors).size);
      met.rows += text.length > 100 ? 1 : 0;
      met.masked += text.includes('＊＊＊') ? 1 : 0;
      met.refused += ours.errors.length > 0 ? 1 : 0;
    }),
    { numRuns: RUNS },
  );
  // The documents must have met what they are for.
  expect(met.rows).toBeGreaterThan(RUNS / 4);
  expect(met.masked).toBeGreaterThan(0);
  expect(met.refused).toBeGreaterThan(RUNS / 20);
}, 60_000);
