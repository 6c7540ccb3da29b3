import { isIntrospectionType, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../../src/access/roles.js';
import { FUNCTIONS, type FunctionName } from '../../../../src/access/functions.js';
import { buildSchema } from '../../../../src/gateway/schema/build.js';
import { RESOLVERS } from '../../../../src/gateway/schema/resolvers.js';
import { systemClock, today } from '../../../../src/kernel/clock.js';
import { testGateway, type TestGateway } from '../../../support/gateway.js';
import { askerOf, type Asker } from '../../../support/read.js';
import { expect } from 'vitest';
import type { RefusedChange } from './changes.js';
import { Door, type Person } from './askers.js';
import { assertAsExpected, type Body } from './compare.js';
import type { DocumentSource } from './documents.js';
import { knownOf } from './known.js';
import { Log, type LoggedRecord } from './log.js';
import { addRareRows } from './rare.js';
import { minimal } from './minimal.js';
import { Reference, type Expected, type Request } from './reference.js';
import { decided } from './rules.js';
import type { Known } from './values.js';
import { isOfTheVault } from './vault.js';

const PEOPLE = 120;
const ROLES = Object.keys(BUILT_IN_ROLES) as BuiltInRole[];

/** The gateway over HTTP beside the oracle, on one municipality. */
export class Stand {
  readonly gateway: TestGateway;
  readonly met = { asked: 0, rows: 0, masked: 0, refusedFields: 0, refusedWhole: 0, unsure: 0 };
  readonly #schema: GraphQLSchema;
  readonly #log: Log;
  readonly #reference: Reference;
  readonly #reached = new Set<string>();
  readonly #askedAs = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  #door: Door | undefined;
  #known: Known | undefined;
  #serial = 0;
  #standing: unknown;

  static async open(): Promise<Stand> {
    return new Stand(await testGateway(PEOPLE));
  }

  private constructor(gateway: TestGateway) {
    this.gateway = gateway;
    this.#schema = gateway.schema;
    this.#log = new Log(gateway.db.owner);
    this.#reference = new Reference(buildSchema(RESOLVERS), gateway.db.owner, this.#log);
  }

  get door(): Door {
    if (!this.#door) throw new Error('Learn first.');
    return this.#door;
  }

  /** Finds out what there is to ask for. */
  async learn(): Promise<void> {
    const { owner } = this.gateway.db;
    await addRareRows(owner);
    const named = await owner.run(
      'oracle.named',
      ({ raw }) =>
        raw<{ staff_id: string }[]>`select staff_id from records.protection_staff
          group by 1 order by count(*) desc, 1`,
    );
    expectSome(named);
    this.#door = new Door(
      this.gateway,
      named.map((row) => row.staff_id),
    );
    const everything = new Set(Object.keys(FUNCTIONS) as FunctionName[]);
    const reader = this.#door.admit(askerOf('collectionClerk', { functions: everything }));
    this.#known = await knownOf(owner, this.#schema, async (query, variables) => {
      const body = await this.post({ source: query, operationName: undefined, variables }, reader, 'harvest');
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data;
    });
    await this.#log.readOn();
  }

  /** What documents for somebody are drawn from. */
  sourceFor({ asker }: Person): DocumentSource {
    if (!this.#known) throw new Error('Learn first.');
    return { schema: this.#schema, known: this.#known, mayRead: (at) => mayRead(this.#schema, at, asker) };
  }

  async post({ source, operationName, variables }: Request, person: Person, caseRef: string): Promise<Body> {
    const answer = await this.gateway.post(
      '/graphql',
      { query: source, variables, ...(operationName === undefined ? {} : { operationName }) },
      {
        authorization: person.authorization,
        'kuramori-purpose': person.asker.facts.purpose,
        'kuramori-case': caseRef,
      },
    );
    return (await answer.json()) as Body;
  }

  /**
   * Asks one request and holds answer and record against the oracle's.
   * @throws Error with the smallest part of the document that differs
   */
  async check(request: Request, person: Person): Promise<void> {
    try {
      await this.checkTogether([{ request, person }]);
    } catch {
      const differs = async (source: string) => {
        const outcome = this.checkTogether([{ request: { ...request, source }, person }]);
        return outcome.then(
          () => false,
          () => true,
        );
      };
      const source = await minimal(request.source, differs);
      await this.checkTogether([{ request: { ...request, source }, person }]);
      throw new Error(`This differed once, and not when asked again:\n${request.source}`);
    }
  }

  /** Asks several requests at once; no two may touch each other. */
  async checkTogether(
    asked: readonly { readonly request: Request; readonly person: Person }[],
  ): Promise<void> {
    const day = today(systemClock);
    const sent = await Promise.all(
      asked.map(async ({ request, person }) => {
        const caseRef = `run-${++this.#serial}`;
        return { request, asker: person.asker, caseRef, body: await this.post(request, person, caseRef) };
      }),
    );
    const records = new Map<string, LoggedRecord[]>();
    for (const logged of await this.#log.readOn()) {
      const caseRef = logged.record.caseRef ?? '';
      records.set(caseRef, [...(records.get(caseRef) ?? []), logged]);
    }
    for (const each of sent) {
      const [logged, ...more] = records.get(each.caseRef) ?? [];
      if (!logged || more.length > 0)
        throw new Error(`${more.length} records too many, or none: ${text(each)}`);
      const expected = await this.#reference.ask(each.request, each.asker, day, logged.firstSequence);
      try {
        assertAsExpected({ ...each, logged }, expected);
      } catch (error) {
        throw new Error(text(each), { cause: error });
      }
      this.#note(each.asker, expected, each.body);
    }
  }

  /** Asks for a change that is refused: told why, recorded, and nothing changed. */
  async checkRefused({ name, source, decision }: RefusedChange, person: Person): Promise<void> {
    // What stood after one that was refused stands before the next.
    const before = (this.#standing ??= await this.#changes());
    const caseRef = `run-${++this.#serial}`;
    const body = await this.post({ source, operationName: undefined, variables: {} }, person, caseRef);
    const [logged, ...more] = await this.#log.readOn();
    expect({ data: body.data, changes: await this.#changes(), more }).toEqual({
      data: { made: null },
      changes: before,
      more: [],
    });
    expect(body.errors).toMatchObject([
      {
        path: ['made'],
        extensions: {
          code: decision.code,
          function: decision.missing,
          auditEntry: String(logged?.firstSequence),
          requestId: logged?.record.requestId,
        },
      },
    ]);
    const entry = { coordinate: `Mutation.${name}`, decision: 'refuse', reason: decision.reason };
    expect(logged?.record).toMatchObject({ kind: 'mutation', caseRef, actorId: person.asker.caller.actorId });
    expect(logged?.record.entries).toEqual([{ ...entry, rows: 0, subjects: [] }]);
  }

  /** Records that a request left, whatever came of it. */
  async recordsOf(
    request: Request,
    person: Person,
  ): Promise<{ body: Body; records: readonly LoggedRecord[] }> {
    const body = await this.post(request, person, `run-${++this.#serial}`);
    return { body, records: await this.#log.readOn() };
  }

  async #changes(): Promise<unknown> {
    const { owner } = this.gateway.db;
    return owner.run('oracle.changes', ({ raw }) =>
      raw`select count(*), max(id) from records.change`.then(([row]) => row),
    );
  }

  /** Whether a row was met for a field. */
  hasReached(coordinate: string): boolean {
    return this.#reached.has(coordinate);
  }

  /** Fields that some built-in role may read and that no row was met for. */
  unreached(): string[] {
    return readableFields(this.#schema).filter((coordinate) => !this.#reached.has(coordinate));
  }

  summary(): object {
    const all = readableFields(this.#schema);
    return {
      ...this.met,
      coordinates: `${all.length - this.unreached().length}/${all.length}`,
      askedAs: Object.fromEntries([...this.#askedAs].toSorted(([a], [b]) => a.localeCompare(b))),
      defects: this.gateway.defects.length,
      refusals: Object.fromEntries([...this.#refusals].toSorted(([, a], [, b]) => b - a)),
      unreached: this.unreached().slice(0, 60),
    };
  }

  #note({ caller }: Asker, expected: Expected, body: Body): void {
    const role = caller.roles.join('+');
    this.#askedAs.set(role, (this.#askedAs.get(role) ?? 0) + 1);
    this.met.asked += 1;
    if (expected === 'unsure') {
      this.met.unsure += 1;
      return;
    }
    if ('refused' in expected) {
      this.met.refusedWhole += 1;
      const why = `${expected.refused} ${expected.why ?? ''}`;
      this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1);
      return;
    }
    const entries = [...expected.entries.values()];
    for (const { coordinate, decision, rows } of entries)
      if (decision === 'allow' && rows > 0) this.#reached.add(coordinate);
    if (JSON.stringify(body.data).length > 100) this.met.rows += 1;
    if (entries.some(({ decision, rows }) => decision === 'mask' && rows > 0)) this.met.masked += 1;
    if (expected.errors.length > 0) this.met.refusedFields += 1;
  }
}

function text({ request, asker, body }: { request: Request; asker: Asker; body: Body }): string {
  const { roles, branchCode, actorId, functions, steppedUp } = asker.caller;
  const who = { roles, branchCode, actorId, purpose: asker.facts.purpose, steppedUp: [...steppedUp] };
  const made = roles.includes('made') ? { functions: [...functions] } : {};
  return [
    request.source,
    JSON.stringify({ operationName: request.operationName, variables: request.variables }),
    JSON.stringify({ ...who, ...made }),
    JSON.stringify(body).slice(0, 2_000),
  ].join('\n');
}

function mayRead(schema: GraphQLSchema, coordinate: string, asker: Asker): boolean {
  const [type = '', name = ''] = coordinate.split('.');
  const spec = (schema.getType(type) as GraphQLObjectType).getFields()[name]?.extensions.kuramori;
  return spec === undefined || !('rule' in spec) || decided(spec.rule, asker).decision !== 'refuse';
}

/** Every field of a query that some built-in role may read. */
function readableFields(schema: GraphQLSchema): string[] {
  const askers = ROLES.map((role) => askerOf(role));
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || isIntrospectionType(type) || type === schema.getMutationType()) return [];
    if (/Payload$|^UserError$|^EnrolmentCodeShown$/.test(type.name)) return [];
    const names = Object.keys(type.getFields())
      .filter((name) => !isOfTheVault(type.name, name))
      .map((name) => `${type.name}.${name}`);
    return names.filter((coordinate) =>
      askers.some((asker) => {
        const [, name = ''] = coordinate.split('.');
        const spec = type.getFields()[name]?.extensions.kuramori;
        return spec && (!('rule' in spec) || decided(spec.rule, asker).decision === 'allow');
      }),
    );
  });
}

function expectSome(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new Error('The municipality lacks what the test is about.');
}
