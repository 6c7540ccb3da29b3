import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../src/access/functions.js';
import { publishedName } from '../../src/access/schema/words.js';
import { COLLECTION_RESOLVERS } from '../../src/collection/collection.graphql.js';
import { ruledFields } from '../../src/gateway/schema/rules.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { askerOf, Reader, type Asker } from '../support/read.js';
import { buildWorld, type World } from './world.js';
import { schemaOf } from '../support/schema.js';

const schema = schemaOf(COLLECTION_RESOLVERS);
const JAPANESE = /^[^ .]*[\p{Script=Han}\p{Script=Katakana}\p{Script=Hiragana}]/u;
const ALL: Asker = askerOf('sectionChief', {
  actorId: 'staff-delinquencyOfficer',
  functions: new Set(Object.keys(FUNCTIONS) as FunctionName[]),
});

let db: TestDatabase;
let world: World;
let reader: Reader;

beforeAll(async () => {
  db = await testDatabase();
  world = await buildWorld(db);
  reader = new Reader(schema, db.gateway);
  await db.owner.run(
    'test.reference',
    ({ raw }) => raw`
    update records.addressee set vault_ref = ${`vr_${'0'.repeat(26)}`} where addressee_no = ${world.head}`,
  );
});

/** Selects every field of a type and, to a depth, of the types it leads to. */
function everything(type: GraphQLObjectType, depth: number): string {
  // What the vault seals is asked for one at a time.
  const readable = Object.values(type.getFields()).filter(
    ({ extensions }) => extensions.kuramori?.kind !== 'sealed',
  );
  const parts = readable.map((field) => {
    const named = getNamedType(field.type);
    if (!isObjectType(named)) return field.name;
    const wrapper =
      named.name.endsWith('Connection') || named.name.endsWith('Edge') || named.name === 'PageInfo';
    if (depth === 0 && !wrapper) return '';
    return `${field.name} { ${everything(named, wrapper ? depth : depth - 1)} }`;
  });
  return ['__typename', ...parts].join(' ');
}

function roots(): { name: string; call: string }[] {
  const calls: Record<string, string> = {
    addressee: `addressee(addresseeNo: "${world.head}")`,
    addressees: 'addressees(filter: { name: "髙橋" })',
    levyLine: `levyLine(id: "${world.overdue}")`,
    receipt: `receipt(id: "${world.double.receiptId}")`,
    delinquencyCase: `delinquencyCase(caseNo: "${world.open.caseNo}")`,
    transferRound: 'transferRound(roundNo: "2025-01")',
    stayProposal: `stayProposal(id: "${world.stayProposalId}")`,
    writeOffReversal: `writeOffReversal(id: "${world.reversalId}")`,
    writeOffProposal: `writeOffProposal(id: "${world.writeOffId}")`,
    refund: `refund(id: "${world.refunds.refunded}")`,
    pushRequest: `pushRequest(id: "${world.pushId}")`,
  };
  // What another part brings, here the vault, has tests of its own.
  const read = Object.entries(schema.getQueryType()?.getFields() ?? {}).filter(
    ([, { extensions }]) => extensions.kuramori?.kind !== 'provided',
  );
  return read.map(([name]) => ({ name, call: calls[name] ?? name }));
}

describe('the published schema of the collection domain', () => {
  it('describes every field and argument, Japanese term first', () => {
    const undescribed = ruledFields(schema)
      .filter(({ type, spec }) => spec.kind !== 'structural' && !/(Edge|Connection)$/u.test(type.name))
      .flatMap(({ type, field }) => [
        [`${type.name}.${field.name}`, field.description] as const,
        ...field.args.map((arg) => [`${type.name}.${field.name}(${arg.name})`, arg.description] as const),
      ])
      .filter(([, description]) => !JAPANESE.test(description ?? ''))
      .map(([name]) => name);
    expect(undescribed).toEqual([]);
  });

  it('compiles, runs and answers every field of every type to a depth of two', async () => {
    const query = schema.getQueryType();
    for (const { name, call } of roots()) {
      const type = getNamedType(query?.getFields()[name]?.type as GraphQLOutputType) as GraphQLObjectType;
      const answer = await reader.ask(`{ ${call} { ${everything(type, 2)} } }`, ALL);
      expect(answer.data[name], name).not.toBeNull();
      expect(answer.refusals, name).toEqual([]);
    }
  });

  it('fills, somewhere in the small municipality, every type that rows are read into', async () => {
    const met = new Set<string>();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) return value.forEach(visit);
      if (typeof value !== 'object' || value === null) return;
      const typename = (value as Record<string, unknown>)['__typename'];
      if (typeof typename === 'string') met.add(typename);
      Object.values(value).forEach(visit);
    };
    for (const { name, call } of roots()) {
      const type = getNamedType(
        schema.getQueryType()?.getFields()[name]?.type as GraphQLOutputType,
      ) as GraphQLObjectType;
      visit((await reader.ask(`{ ${call} { ${everything(type, 2)} } }`, ALL)).data);
    }
    const readable = new Set(
      ruledFields(schema)
        .filter(({ spec }) => spec.kind === 'column' || spec.kind === 'computed')
        .map(({ type }) => type.name),
    );
    expect([...readable].filter((name) => !met.has(name))).toEqual([]);
  });

  it('describes every field of an input and every enumerated value', () => {
    const undescribed = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (type.name.startsWith('__')) return [];
      const parts = isInputObjectType(type)
        ? Object.values(type.getFields())
        : isEnumType(type)
          ? type.getValues()
          : [];
      return parts
        .filter(({ description }) => !JAPANESE.test(description ?? ''))
        .map(({ name }) => `${type.name}.${name}`);
    });
    expect(undescribed).toEqual([]);
  });

  it('publishes every stored word under an upper-case name of its own', () => {
    expect(publishedName('domesticViolence')).toBe('DOMESTIC_VIOLENCE');
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isEnumType(type) || type.name.startsWith('__')) continue;
      for (const { name, value } of type.getValues()) expect(publishedName(String(value))).toBe(name);
    }
  });
});
