import { parse, validate, Kind, type GraphQLSchema } from 'graphql';
import type { Caller, RequestFacts } from '../../src/access/caller.js';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../src/access/roles.js';
import type { FunctionName } from '../../src/access/functions.js';
import type { PurposeName } from '../../src/access/purposes.js';
import { buildAnswer, type Answer } from '../../src/gateway/plan/answer.js';
import { compileQuery } from '../../src/gateway/plan/compile.js';
import type { BindValues } from '../../src/gateway/plan/bind.js';
import { prepareOperation, requestValues } from '../../src/gateway/plan/prepare.js';
import type { ChangeContext, ChangeOutcome } from '../../src/access/schema/change.js';
import type { Clock } from '../../src/kernel/clock.js';
import type { Database, Session } from '../../src/kernel/database/database.js';
import { Temporal } from '../../src/kernel/dates.js';

/** The day on which tests ask. */
export const TODAY = '2026-11-02';

/** 10 o'clock of that day in Japan. */
export const TEST_CLOCK: Clock = { now: () => Temporal.Instant.from('2026-11-02T10:00:00+09:00') };

/** Somebody who asks: a built-in role, as the gateway would have read it from the register. */
export interface Asker {
  readonly caller: Caller;
  readonly facts: RequestFacts;
}

/** An asker of a role, stepped up for its purpose. */
export function askerOf(role: BuiltInRole, change: Partial<Caller> = {}, purpose?: PurposeName): Asker {
  const { functions, purposes } = BUILT_IN_ROLES[role];
  const first = purpose ?? purposes[0];
  return {
    caller: {
      actorId: `staff-${role}`,
      kind: 'staff',
      roles: [role],
      functions: new Set<FunctionName>(functions),
      purposes: new Set<PurposeName>(purposes),
      department: '0100',
      branchCode: undefined,
      sessionId: '00000000-0000-4000-8000-000000000001',
      terminal: 'T-01',
      strength: 'password+totp',
      clientApp: 'tests',
      steppedUp: new Set([first]),
      ...change,
    },
    facts: { requestId: '00000000-0000-4000-8000-000000000002', purpose: first, caseRef: undefined },
  };
}

/** Asks queries of one schema on one session, as the gateway plans them. */
export class Reader {
  readonly #schema: GraphQLSchema;
  readonly #session: Session;

  constructor(schema: GraphQLSchema, session: Session) {
    this.#schema = schema;
    this.#session = session;
  }

  /** @throws Error when the document is not valid, KuramoriError as the gateway would */
  async ask(text: string, asker: Asker, variables: Record<string, unknown> = {}): Promise<Answer> {
    const { statement, shape, values } = this.#compile(text, asker, variables);
    const row = statement
      ? await this.#session.run('tests.read', ({ raw }) =>
          raw.unsafe<{ v: unknown[] }[]>(statement.text, statement.bind(values) as never[]),
        )
      : [];
    return buildAnswer(shape, row[0]?.v ?? [], values);
  }

  /** Asks and answers the data alone. */
  async data(
    text: string,
    asker: Asker,
    variables: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    return (await this.ask(text, asker, variables)).data;
  }

  /** The plan PostgreSQL makes: with the values it was given, and for values it does not know. */
  async explain(
    text: string,
    asker: Asker,
    variables: Record<string, unknown> = {},
  ): Promise<{ custom: string; generic: string }> {
    const { statement, values } = this.#compile(text, asker, variables);
    if (!statement) throw new Error('The document reads nothing.');
    const plan = async (sql: string, parameters: unknown[]) => {
      const rows = await this.#session.run('tests.explain', ({ raw }) =>
        raw.unsafe<{ 'QUERY PLAN': string }[]>(sql, parameters as never[]),
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    return {
      custom: await plan(`explain ${statement.text}`, statement.bind(values)),
      generic: await plan(`explain (generic_plan) ${statement.text}`, []),
    };
  }

  #compile(text: string, { caller, facts }: Asker, variables: Record<string, unknown>) {
    const document = parse(text);
    const faults = validate(this.#schema, document);
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
    const operation = document.definitions.find(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document has no operation.');
    const prepared = prepareOperation(this.#schema, document, operation);
    const request = requestValues(prepared, variables);
    const values: BindValues = {
      argumentsByField: request.argumentsByField,
      today: TODAY,
      actorId: caller.actorId,
      branchCode: caller.branchCode,
      keys: {},
    };
    return { ...compileQuery(prepared, request, { ...caller, purpose: facts.purpose }), values };
  }
}

/** Carries a change that must not stay out of its transaction. */
class Undone extends Error {
  readonly outcome: ChangeOutcome;

  constructor(outcome: ChangeOutcome) {
    super('undone');
    this.outcome = outcome;
  }
}

/**
 * Runs one change as the gateway does: its `change` row first, one transaction, nothing kept when the user must mend.
 */
export async function makeChange(
  database: Database,
  { caller, facts }: Asker,
  work: (context: ChangeContext) => Promise<ChangeOutcome>,
  clock: Clock = TEST_CLOCK,
): Promise<ChangeOutcome> {
  try {
    return await database.transaction('tests.change', async (tx) => {
      const [change] = await tx.run(
        'tests.changeRow',
        ({ raw }) => raw<{ id: bigint }[]>`
        insert into records.change (actor_id, purpose, request_id, action)
        values (${caller.actorId}, ${facts.purpose}, ${facts.requestId}, 'test') returning id`,
      );
      const outcome = await work({
        tx,
        caller,
        facts,
        clock,
        carry: noVault,
        assertOwn: noVault,
        changeId: change?.id ?? 0n,
      });
      if (outcome.userErrors) throw new Undone(outcome);
      return outcome;
    });
  } catch (error) {
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

/** Changes that are tested here have nothing to do with the vault. */
function noVault(): Promise<never> {
  return Promise.reject(new Error('the vault was asked'));
}
