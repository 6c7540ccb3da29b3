import type { Provided } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { PAGE_SIZE_DEFAULT } from '../../kernel/limits.js';
import type { BindValues } from './bind.js';
import { encodeCursor } from './cursor.js';
import { Observation } from './observation.js';
import type { FieldShape, ObjectShape, ProvidedShape, SealedShape, WrapperShape } from './shape.js';

/** A row as PostgreSQL's `json_build_array` brought it. */
type Row = readonly unknown[];
type Refused = Extract<FieldShape, { kind: 'refused' }>;
type Path = readonly (string | number)[];

/** What an operation answers, and what was seen on the way. */
export interface Answer {
  readonly data: Record<string, unknown>;
  /** Refused selections that met at least one object, with the first place where. */
  readonly refusals: readonly { readonly field: Refused; readonly path: Path }[];
  readonly observation: Observation;
}

/** Values that do not come from rows: a change's user errors. */
export type GivenValues = Readonly<Record<string, unknown>>;

/** Values of an answer that do not come from the statement. */
export interface AnswerSources {
  readonly given?: GivenValues;
  readonly provided?: ReadonlyMap<ProvidedShape, Provided>;
  /** What the vault sealed. */
  readonly sealed?: ReadonlyMap<SealedShape, string>;
}

/**
 * Turns the statement's row into the answer: synchronous, no promise and no resolver per field (lessons 22–26).
 * @param row the root's slots
 */
export function buildAnswer(
  shape: ObjectShape,
  row: Row,
  values: BindValues,
  from: AnswerSources = {},
): Answer {
  const builder = new AnswerBuilder(values, from);
  for (const [field, provided] of from.provided ?? []) builder.observation.provide(field, provided);
  const data = builder.object(shape, row, undefined);
  return { data, refusals: builder.refusals(), observation: builder.observation };
}

class AnswerBuilder {
  readonly observation = new Observation();
  readonly #values: BindValues;
  readonly #given: GivenValues;
  readonly #provided: ReadonlyMap<ProvidedShape, Provided>;
  readonly #sealed: ReadonlyMap<SealedShape, string>;
  readonly #path: (string | number)[] = [];
  readonly #refusals = new Map<Refused, Path>();

  constructor(values: BindValues, { given = {}, provided = new Map(), sealed = new Map() }: AnswerSources) {
    this.#values = values;
    this.#given = given;
    this.#provided = provided;
    this.#sealed = sealed;
  }

  refusals(): { field: Refused; path: Path }[] {
    return [...this.#refusals].map(([field, path]) => ({ field, path }));
  }

  object(shape: ObjectShape, row: Row, inherited: string | undefined): Record<string, unknown> {
    const own = shape.subjectSlot === undefined ? undefined : (row[shape.subjectSlot] as string | null);
    const subject = own ?? inherited;
    const protection = shape.protectionSlot === undefined ? 0 : (row[shape.protectionSlot] as number);
    this.observation.see(shape, subject, protection);
    const object = new Keyed();
    for (const field of shape.fields) object[field.key] = this.#value(field, row, subject, protection);
    return object;
  }

  #value(field: FieldShape, row: Row, subject: string | undefined, protection: number): unknown {
    switch (field.kind) {
      case 'typename':
        return field.value;
      case 'leaf':
        return leaf(field, row[field.slot], protection);
      case 'sealed':
        return this.#sealed.get(field) ?? null;
      case 'mask':
        return field.value;
      case 'refused':
        if (!this.#refusals.has(field)) this.#refusals.set(field, [...this.#path, field.key]);
        return null;
      case 'object': {
        const child = row[field.slot] as Row | null;
        return child === null
          ? null
          : this.#within(field.key, () => this.object(field.shape, child, subject));
      }
      case 'list':
        return this.#within(field.key, () => this.#elements(field.shape, row[field.slot] as Row[], subject));
      case 'connection':
        return this.#within(field.key, () => this.#connection(field, row[field.slot] as Row[], subject));
      case 'given':
        return project(field.wrapper, this.#given[field.name]);
      case 'provided':
        return project(field.wrapper, this.#provided.get(field)?.value);
    }
  }

  #elements(
    shape: ObjectShape,
    rows: readonly Row[],
    subject: string | undefined,
  ): Record<string, unknown>[] {
    return rows.map((row, index) => this.#within(index, () => this.object(shape, row, subject)));
  }

  #connection(
    field: Extract<FieldShape, { kind: 'connection' }>,
    fetched: readonly Row[],
    subject: string | undefined,
  ): unknown {
    const given = this.#values.argumentsByField[field.argumentsIndex];
    const size = (given?.['first'] as number | null | undefined) ?? PAGE_SIZE_DEFAULT;
    const rows = fetched.length > size ? fetched.slice(0, size) : fetched;
    for (const row of rows) this.#seeBare(field.shape, row, subject);
    const page: Page = {
      rows,
      cursor: (row) => encodeCursor(field.shape.typeName, String(row[field.shape.keySlot ?? -1])),
      hasNextPage: fetched.length > size,
      hasPreviousPage: given?.['after'] !== undefined && given['after'] !== null,
    };
    return this.#connectionWrapper(field.wrapper, page, subject);
  }

  #seeBare(shape: ObjectShape, row: Row, inherited: string | undefined): void {
    const own = shape.subjectSlot === undefined ? undefined : (row[shape.subjectSlot] as string | null);
    this.observation.see(
      shape,
      own ?? inherited,
      shape.protectionSlot === undefined ? 0 : (row[shape.protectionSlot] as number),
    );
  }

  #connectionWrapper(
    wrapper: WrapperShape,
    page: Page,
    subject: string | undefined,
  ): Record<string, unknown> {
    const object = new Keyed();
    for (const field of wrapper.fields) {
      object[field.key] = this.#within(field.key, () => {
        if (field.name === '__typename') return wrapper.typeName;
        if (field.name === 'nodes' && field.element) return this.#elements(field.element, page.rows, subject);
        if (field.name === 'edges' && field.wrapper) return this.#edges(field.wrapper, page, subject);
        return project(field.wrapper, pageInfo(page, field.wrapper));
      });
    }
    return object;
  }

  #edges(wrapper: WrapperShape, page: Page, subject: string | undefined): Record<string, unknown>[] {
    return page.rows.map((row, index) =>
      this.#within(index, () => {
        const edge = new Keyed();
        for (const field of wrapper.fields) {
          edge[field.key] = this.#within(field.key, () => {
            if (field.name === '__typename') return wrapper.typeName;
            return field.element ? this.object(field.element, row, subject) : page.cursor(row);
          });
        }
        return edge;
      }),
    );
  }

  #within<T>(key: string | number, work: () => T): T {
    this.#path.push(key);
    const value = work();
    this.#path.pop();
    return value;
  }
}

/** An object that has nothing but its own keys: a response key may be any name, `__proto__` as well. */
const Keyed = function Keyed() {} as unknown as new () => Record<string, unknown>;
Keyed.prototype = Object.create(null) as Record<string, unknown>;

interface Page {
  readonly rows: readonly Row[];
  readonly cursor: (row: Row) => string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** Of the cursors only those that are asked for: the rows have no key otherwise. */
function pageInfo(page: Page, asked: WrapperShape | undefined): Record<string, unknown> {
  const cursorOf = (name: string, row: Row | undefined) =>
    row && asked?.fields.some((field) => field.name === name) ? page.cursor(row) : null;
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: cursorOf('startCursor', page.rows[0]),
    endCursor: cursorOf('endCursor', page.rows.at(-1)),
  };
}

function leaf(field: Extract<FieldShape, { kind: 'leaf' }>, value: unknown, protection: number): unknown {
  if (field.protectedMask && protection === 2) return field.protectedMask.value;
  if (value === null || value === undefined) {
    if (field.nonNull)
      throw new KuramoriError('INTERNAL', `The field ${field.coordinate} has no value although it must.`);
    return null;
  }
  if (field.list) return (value as unknown[]).map((item) => named(field, item));
  return named(field, value);
}

function named(field: Extract<FieldShape, { kind: 'leaf' }>, value: unknown): unknown {
  if (!field.names) return value;
  const name = field.names.get(value);
  if (name === undefined)
    throw new KuramoriError(
      'INTERNAL',
      `The field ${field.coordinate} holds a word that its enumeration lacks.`,
    );
  return name;
}

/** Picks what was selected out of a plain value. */
function project(wrapper: WrapperShape | undefined, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (!wrapper) return value;
  if (Array.isArray(value)) return value.map((item) => project(wrapper, item));
  const from = value as Record<string, unknown>;
  return Object.fromEntries(
    wrapper.fields.map((field) => [
      field.key,
      field.name === '__typename' ? wrapper.typeName : project(field.wrapper, from[field.name]),
    ]),
  );
}
