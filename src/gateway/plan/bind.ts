import { is, Param, Placeholder, sql, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type { Bound, RequestBinds } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { isInputObject, type ArgumentValues } from './prepare.js';

/** The values a statement's places are filled from, per request. */
export interface BindValues {
  readonly argumentsByField: readonly ArgumentValues[];
  readonly today: string;
  readonly actorId: string;
  readonly branchCode: string | undefined;
  /** Keys of what a change changed, by payload field. */
  readonly keys: Readonly<Record<string, string | bigint>>;
}

type Fill = (values: BindValues) => unknown;

/** A statement rendered once, with the functions that fill its places. */
export interface PreparedStatement {
  readonly text: string;
  /** The same with `g.p1`, `g.p2`, … in the places: a part of the statement that reads for several requests. */
  readonly gathered: string;
  /** The values in the order of `$1`, `$2`, …. */
  bind(values: BindValues): unknown[];
}

/** Places are columns of the row `g` instead of parameters. */
class GatheredDialect extends PgDialect {
  override escapeParam(place: number): string {
    return `g.p${place + 1}`;
  }
}

const dialect = new PgDialect();
const gatheredDialect = new GatheredDialect();

/** Collects the places of one statement while it is being compiled. */
export class Binder implements RequestBinds {
  readonly #fills = new Map<string, Fill>();
  #aliases = 0;

  readonly today: SQL = sql`${this.place('today', (values) => values.today)}::date`;
  readonly actorId: SQL = sql`${this.place('actorId', (values) => values.actorId)}::text`;

  /** A new table alias. */
  nextAlias(): string {
    return `t${this.#aliases++}`;
  }

  /** A place filled by a function of the request's values. */
  place(name: string, fill: Fill): SQL {
    const unique = this.#fills.has(name) ? `${name}#${this.#fills.size}` : name;
    this.#fills.set(unique, fill);
    return sql`${sql.placeholder(unique)}`;
  }

  /** The places of a field's arguments; absent ones are undefined. */
  arguments(index: number, present: ArgumentValues): Record<string, unknown> {
    return this.#tree(index, present, []);
  }

  /** Renders the finished statement. */
  render(statement: SQL): PreparedStatement {
    const query = dialect.sqlToQuery(statement);
    const places = query.params.map((param) => this.#filled(param));
    return {
      text: query.sql,
      gathered: gatheredDialect.sqlToQuery(statement).sql,
      bind: (values) => places.map((place) => place(values)),
    };
  }

  /** How a place of the finished statement is filled. */
  #filled(param: unknown): Fill {
    if (is(param, Param) && is(param.value, Placeholder)) {
      const { encoder } = param;
      const fill = this.#fillOf(param.value);
      return (values) => encoder.mapToDriverValue(fill(values));
    }
    return is(param, Placeholder) ? this.#fillOf(param) : () => param;
  }

  #fillOf({ name }: Placeholder): Fill {
    const fill = this.#fills.get(name);
    if (!fill) throw new KuramoriError('INTERNAL', 'A statement has a place that nothing fills.');
    return fill;
  }

  #tree(index: number, present: ArgumentValues, path: readonly string[]): Record<string, unknown> {
    const tree: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(present)) {
      if (value === null || value === undefined) continue;
      tree[name] = isInputObject(value)
        ? this.#tree(index, value, [...path, name])
        : this.#bound(index, [...path, name]);
    }
    return tree;
  }

  #bound(index: number, path: readonly string[]): Bound<unknown> {
    const read = (values: BindValues) => valueAt(values.argumentsByField[index] ?? {}, path);
    const name = `a${index}.${path.join('.')}`;
    const place = () => this.place(name, read);
    return {
      get value() {
        return place();
      },
      map: (change) => this.place(name, (values) => change(read(values))),
    };
  }
}

function valueAt(values: ArgumentValues, path: readonly string[]): unknown {
  let current: unknown = values;
  for (const name of path) current = isInputObject(current) ? current[name] : undefined;
  return current;
}
