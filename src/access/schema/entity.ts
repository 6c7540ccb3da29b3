import type { SQL } from 'drizzle-orm';
import type { PgColumn, PgTable, PgView } from 'drizzle-orm/pg-core';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import type { Caller, RequestFacts } from '../caller.js';
import type { FunctionName } from '../functions.js';
import type { Rule } from '../rules.js';

/** What rows come from. */
export type Source = PgTable | PgView;

/** The columns of a source under whatever alias the plan gives it. */
export type Columns<T extends Source> = T extends PgTable
  ? T['_']['columns']
  : T extends { _: { selectedFields: infer F } }
    ? F
    : never;

/** An argument's value at execution, as a place in the prepared statement. */
export interface Bound<T> {
  /** The value as it was given. */
  readonly value: SQL;
  /** The value after a pure function of ours, e.g. kana folding. Runs when the statement is bound. */
  map(change: (value: T) => unknown): SQL;
}

/** Arguments that were given; one that is absent or null is `undefined`, and the plan is another one. */
export type BoundArgs<A> = {
  readonly [K in keyof A]?: NonNullable<A[K]> extends string | number | boolean | bigint | readonly unknown[]
    ? Bound<NonNullable<A[K]>>
    : BoundArgs<NonNullable<A[K]>>;
};

/** Facts of the request that any condition may use, as places in the statement. */
export interface RequestBinds {
  /** Today in Japan. */
  readonly today: SQL;
  /** Staff id or client id of the caller. */
  readonly actorId: SQL;
}

/** What a computed column is written with. */
export interface ColumnScope<T extends Source> extends RequestBinds {
  readonly self: Columns<T>;
  /** The columns of one of the entity's joins, which is then joined once for all fields. */
  readonly joined: <S extends Source>(table: S) => Columns<S>;
  /** 支援措置: 0 not protected, 1 protected and the caller is named for it, 2 protected. */
  readonly protection: SQL;
}

/** What a relation's condition is written with. */
export interface RelationScope<T extends Source, R extends Source, A> extends RequestBinds {
  readonly self: Columns<T>;
  readonly row: Columns<R>;
  readonly args: BoundArgs<A>;
}

/** A source joined one to one when a field needs a column of it. */
export interface Join {
  readonly table: Source;
  readonly on: (self: never, joined: never) => SQL | undefined;
}

/** The order of a list: columns that are not null, together unique, all in one direction. */
export interface Ordering {
  readonly columns: readonly (PgColumn | SQL)[];
  readonly direction: 'asc' | 'desc';
}

/** How an object type is read. */
export interface EntitySpec {
  readonly name: string;
  readonly source: Source;
  /** Unique and not null; cursors are made of it. */
  readonly key: string;
  /** Column that holds the addressee number the row is about. */
  readonly subject: string | undefined;
  readonly joins: readonly Join[];
  /** 支援措置: each protected row read is warned of in the answer. */
  readonly warns: boolean;
}

/** An argument of a field. */
export interface ArgSpec {
  readonly type: () => unknown;
  readonly description: string;
  readonly required?: boolean;
}

/**
 * Functions that arguments ask for beside the field's own: a search by an attribute tells what it is, so it needs the
 * right to read it (handbook 15 §7.1). By dotted path, e.g. `filter.address`.
 */
export type ArgumentRules = Readonly<Record<string, FunctionName>>;

/** How one field is read. */
export type FieldSpec =
  | { readonly kind: 'column'; readonly rule: Rule; readonly column: string; readonly table: Source }
  | {
      readonly kind: 'computed';
      readonly rule: Rule;
      readonly expression: (scope: ColumnScope<never>) => SQL;
    }
  | {
      readonly kind: 'one' | 'list' | 'connection';
      readonly rule: Rule;
      readonly of: () => object;
      readonly where: (scope: RelationScope<never, never, never>) => SQL | undefined;
      readonly argumentRules: ArgumentRules;
      readonly order?: (row: never) => Ordering;
    }
  /** 封緘: what the vault seals to the reader, named by the column with the vault's reference. */
  | { readonly kind: 'sealed'; readonly rule: Rule; readonly column: string; readonly table: Source }
  /** Part of a wrapper (connection, edge, page, payload): decided where the wrapper was asked for. */
  | { readonly kind: 'structural' }
  /** What a change changed, read again by its key in the same transaction. */
  | { readonly kind: 'result'; readonly rule: Rule; readonly of: () => object }
  /** What the change itself answers, such as its user errors. */
  | { readonly kind: 'given' }
  /** Rows that another part of the system brings, such as the audit log's; the fields below are structural. */
  | {
      readonly kind: 'provided';
      readonly rule: Rule;
      readonly provide: Provide;
      readonly recordedAs: 'query' | 'auditRead';
    }
  | {
      readonly kind: 'mutation';
      readonly rule: Rule;
      readonly of: () => object;
      /** 操作種別 of the audit record; changes of the register are told apart from all others. */
      readonly recordedAs: 'mutation' | 'staffChange' | 'roleChange';
      /** Carries what a terminal signed, in a request of up to CARRYING_BODY_BYTES_MAX. */
      readonly carries: boolean;
    };

/** One operation as a terminal signed it, on its way to the vault. */
export interface CarriedOperation {
  /** Coordinate that the entries of the log name. */
  readonly coordinate: string;
  readonly assertion: string;
  readonly body: unknown;
  readonly subjects: readonly string[];
  /** 監査: for the purpose of auditing, of no case; whatever it is, it reaches no number. */
  readonly auditing?: true;
}

/**
 * Carries an operation to the vault, once per request, its intent in the log first.
 * @throws KuramoriError VAULT_UNAVAILABLE, FORBIDDEN_PURPOSE, BAD_INPUT without a case, QUERY_TOO_COMPLEX for a second
 *   one, AUDIT_UNAVAILABLE, or what the vault answered
 */
export type CarryToVault = (
  operation: CarriedOperation,
) => Promise<{ readonly result: unknown; readonly entry: string }>;

/**
 * Refuses what another person signed than who is signed in, for what is carried later.
 * @throws KuramoriError UNAUTHENTICATED, rule `otherPerson`; AUDIT_UNAVAILABLE
 */
export type AssertOwn = (operation: Omit<CarriedOperation, 'body'>) => Promise<void>;

/** What a provided field works with. */
export interface ProvideContext {
  readonly carry: CarryToVault;
  /** Public keys of the vault, signed by it. @throws KuramoriError VAULT_UNAVAILABLE, VAULT_SEALED */
  readonly vaultKeys: () => Promise<unknown>;
  readonly session: Database;
  readonly caller: Caller;
  readonly facts: RequestFacts;
  readonly clock: Clock;
}

/**
 * Brings the plain value of a provided field; `subjects` are the addressee numbers it is about, for the audit entry.
 */
export type Provide = (context: ProvideContext, args: Readonly<Record<string, unknown>>) => Promise<Provided>;

/** What a provided field brought. */
export interface Provided {
  readonly value: unknown;
  readonly rows: number;
  readonly subjects: readonly string[];
  /** For its entry, in a word of ours: the digest of what is handed out. */
  readonly reason?: string;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    kuramori?: FieldSpec;
  }
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    kuramoriEntity?: EntitySpec;
  }
}

const entities = new WeakMap<object, EntitySpec>();

/** Notes how a class is read; used by `defineEntity` alone. */
export function registerEntity(target: object, spec: EntitySpec): void {
  entities.set(target, spec);
}

/** How a class is read, if it stands for rows. */
export function entityOf(target: object): EntitySpec | undefined {
  return entities.get(target);
}
