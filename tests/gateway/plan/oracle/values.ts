import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLNamedInputType,
} from 'graphql';
import type { Draw } from './draw.js';

/** What exists in the municipality, so that arguments meet something. */
export interface Known {
  /** Values by `Type.field(argument)`, else by the last name of the argument's path. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  /** Cursors of earlier answers by the type they page through. */
  readonly cursors: ReadonlyMap<string, readonly string[]>;
}

/** Where a value stands: the coordinate, the argument's path, and how many rows one of it may multiply. */
export interface Place {
  readonly coordinate: string;
  readonly path: readonly string[];
  /** Type a page holds, where the argument belongs to a page. */
  readonly element: string | undefined;
  /** Rows that the page stands in, at most. */
  readonly width: number;
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly fallback: string | undefined;
  readonly draw: () => unknown;
}

/** A variable without a value. */
const OMITTED = Symbol('omitted');

/** Rows that pages within each other may come to, so that the limit on cost is passed seldom. */
const ROWS_MAX = 60;
const PAGE_SIZE_UNSAID = 20;
const NAMES = ['v', 'first', 'constructor', 'toString', 'x', '_', '__typename', 'hasOwnProperty'] as const;
/** A body with this key is refused at the door: a variable of this name is left out. */
const UNGIVEN = '__proto__';

const ODD: Readonly<Record<string, readonly unknown[]>> = {
  String: ['', '%', '_', 'x', "'; select 1 --", '𠮷野', 'ｶﾅ', '\\', 'あ'.repeat(60), '987654321'],
  ID: ['0', '-1', '1', '987654321', '999999999999999999', '9999999999999999999', 'abc', '', 12],
  Int: [0, 1, 2024, 2025, 2026, -1],
  Date: ['2026-10-31', '2024-02-29', '0001-01-01', '9999-12-31'],
  DateTime: ['2026-11-01T00:00:00+09:00', '2030-01-01T00:00:00Z', '1970-01-01T00:00:00.5Z'],
  Yen: [0, 1, -1, 9_007_199_254_740_991],
  SequenceNo: ['1', '0'],
  Boolean: [true, false],
};

/** Values that few systems bear: to be met seldom, or nothing else would be. */
const HARSH: Readonly<Record<string, readonly unknown[]>> = {
  String: ['\u0000', 'a\u0000b'],
  Int: [99_999, 2_147_483_647, -2_147_483_648],
  Date: ['0000-01-01'],
  DateTime: ['+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z'],
};

/** What a type takes or refuses only at second sight; most are errors of whoever looks at them. */
const EDGES: Readonly<Record<string, readonly unknown[]>> = {
  String: [12, true, 1.5, ['x'], '\uFEFF', '\u202E', 'e\u0301', '\u{1F600}', '\uD83D', 'null', ' ', '\n'],
  ID: [
    12,
    1.5,
    true,
    9_007_199_254_740_991,
    '012',
    ' 1',
    '1e3',
    '１２',
    '0x1',
    '+1',
    '-0',
    '9223372036854775808',
  ],
  Int: ['1', 1.5, true, 2_147_483_648, -2_147_483_649, 1e21, 1e-7, [1], [], {}],
  Boolean: ['true', 1, 0, [true]],
  Date: [
    '2026-02-30',
    '2026-1-1',
    '20261031',
    '2026-10-31T00:00:00',
    '2026-10-31T00:00:00Z',
    ' 2026-10-31',
    '+002026-10-31',
    '10000-01-01',
    '2026-10-31[u-ca=japanese]',
    '令和8年10月31日',
    20_261_031,
  ],
  DateTime: [
    '2026-11-01',
    '2026-11-01T00:00:00',
    '2026-11-01T00:00Z',
    '2026-11-01 00:00:00z',
    '20261101T000000+0900',
    '2026-06-30T23:59:60Z',
    '2026-11-01T00:00:00+09:00[Asia/Tokyo]',
    '2026-11-01T00:00:00.123456789Z',
    '9999-12-31T23:59:59.9999999Z',
    '2026-11-01T24:00:00Z',
    1_700_000_000,
  ],
};

/** Names that an enumeration does not have. */
const NO_NAMES: readonly unknown[] = ['allow', 'ALLOW ', '', '__proto__', 'constructor', 0, true, ['ALLOW']];

/** The values of one document: literals and variables, of every type that an argument may have. */
export class Values {
  readonly #draw: Draw;
  readonly #known: Known;
  readonly #variables: Variable[] = [];

  constructor(draw: Draw, known: Known) {
    this.#draw = draw;
    this.#known = known;
  }

  /** How an argument is written; undefined where it is left out. */
  written(type: GraphQLInputType, place: Place): string | undefined {
    const isWide = isPageSize(place) && place.width * PAGE_SIZE_UNSAID > ROWS_MAX;
    const percent = isWide ? 100 : sought(place) ? 75 : 40;
    if (!isNonNullType(type) && !this.#draw.chance(percent)) return undefined;
    if (isWide) return String(this.#pageSize(place.width));
    return this.#anyForm(type, place);
  }

  /** A condition of `@include` or `@skip`. */
  condition(): string {
    if (this.#draw.chance(25)) return this.#draw.pick(['true', 'false']);
    const type = this.#draw.pick(['Boolean!', 'Boolean! = true', 'Boolean = false']);
    const [name = '', fallback] = type.split(' = ');
    const known = this.#variables.find(
      (variable) => variable.type === name && variable.name.startsWith('is'),
    );
    if (known && this.#draw.chance(60)) return `$${known.name}`;
    return this.#declare(`is${this.#variables.length}`, name, fallback, () => {
      if (fallback !== undefined && this.#draw.chance(40)) return OMITTED;
      // Validation lets a default stand for the value; a null is then an error of whoever looks at it.
      return name === 'Boolean' && this.#draw.chance(5) ? null : this.#draw.chance(50);
    });
  }

  /** The declarations of the variables named. */
  declarations(names: ReadonlySet<string>): string {
    const declared = this.#variables.filter(({ name }) => names.has(name));
    const texts = declared.map(
      ({ name, type, fallback }) => `$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`,
    );
    return texts.length === 0 ? '' : `(${texts.join(', ')})`;
  }

  /** New values for the variables named. */
  drawn(names: ReadonlySet<string>): Record<string, unknown> {
    const entries = this.#variables
      .filter(({ name }) => names.has(name))
      .map(({ name, draw }) => [name, draw()] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== OMITTED));
  }

  #anyForm(type: GraphQLInputType, place: Place): string {
    if (this.#draw.chance(35)) return this.#variable(type, place);
    if (!isNonNullType(type) && this.#draw.chance(8)) return 'null';
    const named = isNonNullType(type) ? type.ofType : type;
    if (isInputObjectType(named)) {
      const fields = Object.values(named.getFields()).flatMap((field) => {
        const within = { ...place, path: [...place.path, field.name] };
        const given = isNonNullType(field.type) || this.#draw.chance(25);
        return given ? [`${field.name}: ${this.#anyForm(field.type, within)}`] : [];
      });
      return `{${fields.join(', ')}}`;
    }
    const text = literal(type, this.#value(type, place));
    return /^"[^"\\\s][^"\\]*"$/.test(text) && this.#draw.chance(5) ? `""${text}""` : text;
  }

  #variable(type: GraphQLInputType, place: Place): string {
    const required = isNonNullType(type);
    const bare = String(type).replace(/!$/, '');
    const known = this.#variables.filter((each) => each.type === String(type) && !each.name.startsWith('is'));
    if (known.length > 0 && !isOfAPage(place) && this.#draw.chance(10))
      return `$${this.#draw.pick(known).name}`;
    const value = (): unknown => (this.#draw.chance(2) ? this.#edge(type) : this.#value(type, place));
    if (required) {
      const form = this.#draw.int(0, 3);
      if (form <= 1) return this.#declare(this.#name(), `${bare}!`, undefined, value);
      const fallback = literal(type, this.#value(type, place));
      const given = () => (this.#draw.chance(50) ? OMITTED : value());
      if (form === 2) return this.#declare(this.#name(), `${bare}!`, fallback, given);
      // A null here is an error of the field at run time, whatever validation says.
      return this.#declare(this.#name(), bare, fallback, () => (this.#draw.chance(5) ? null : given()));
    }
    const fallback = this.#draw.chance(40) ? literal(type, this.#value(type, place)) : undefined;
    return this.#declare(this.#name(), bare, fallback, () => {
      const turn = this.#draw.int(0, 9);
      return turn === 0 ? null : turn <= 2 ? OMITTED : value();
    });
  }

  #name(): string {
    if (this.#draw.chance(2) && this.#variables.every(({ name }) => name !== UNGIVEN)) return UNGIVEN;
    return `${this.#draw.pick(NAMES)}${this.#variables.length === 0 ? '' : this.#variables.length}`;
  }

  #declare(name: string, type: string, fallback: string | undefined, draw: () => unknown): string {
    this.#variables.push({ name, type, fallback, draw: name === UNGIVEN ? () => OMITTED : draw });
    return `$${name}`;
  }

  #value(type: GraphQLInputType, place: Place): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, place);
    if (isListType(type)) {
      const items = Array.from({ length: this.#draw.int(0, 3) }, () => this.#value(type.ofType, place));
      return items;
    }
    const named: GraphQLNamedInputType = type;
    if (isEnumType(named))
      return this.#draw.chance(1) ? this.#draw.pick(NO_NAMES) : this.#draw.pick(named.getValues()).name;
    if (isInputObjectType(named)) {
      if (this.#draw.chance(1)) return this.#misshapen();
      const fields = Object.values(named.getFields()).filter(
        (field) => isNonNullType(field.type) || this.#draw.chance(25),
      );
      return Object.fromEntries(
        fields.map((field) => [
          field.name,
          !isNonNullType(field.type) && this.#draw.chance(8)
            ? null
            : this.#value(field.type, { ...place, path: [...place.path, field.name] }),
        ]),
      );
    }
    return this.#scalar(named.name, place);
  }

  /** A value that may not be one of the type. */
  #edge(type: GraphQLInputType): unknown {
    const named = getNamedType(type);
    if (isInputObjectType(named)) return this.#misshapen();
    const of = isEnumType(named) ? NO_NAMES : EDGES[named.name];
    return this.#draw.pick(of ?? [[{ wrong: true }], {}, [], 0, '']);
  }

  /** What is no such input object, or one with something more or less. */
  #misshapen(): unknown {
    const name = this.#draw.pick(['unknown', 'constructor', 'first', 'name']);
    return this.#draw.pick<unknown>([[], [{}], [{}, {}], '{}', 0, { [name]: 'x' }, { [name]: null }, {}]);
  }

  #scalar(name: string, { coordinate, path, element, width }: Place): unknown {
    const last = path.at(-1) ?? '';
    if (element !== undefined && path.length === 1) {
      if (last === 'first') return this.#pageSize(width);
      if (last === 'after') return this.#cursor(element);
    }
    if (this.#draw.chance(1) && HARSH[name]) return this.#draw.pick(HARSH[name]);
    if (this.#draw.chance(1) && EDGES[name]) return this.#draw.pick(EDGES[name]);
    const known = this.#known.values.get(`${coordinate}(${path.join('.')})`) ?? this.#known.values.get(last);
    if (known && known.length > 0 && this.#draw.chance(90)) return this.#draw.pick(known);
    return this.#draw.pick(ODD[name] ?? ['']);
  }

  #pageSize(width: number): number {
    if (this.#draw.chance(1)) return this.#draw.pick([0, -1, 101, 2_147_483_647]);
    const sizes = [1, 2, 3, 5, 10, 50, 100].filter((size) => size * width <= ROWS_MAX);
    return sizes.length === 0 ? 1 : this.#draw.pick(sizes);
  }

  #cursor(element: string): string {
    const known = this.#known.cursors.get(element) ?? [];
    if (known.length > 0 && this.#draw.chance(92)) return this.#draw.pick(known);
    const others = [...this.#known.cursors.values()].flat();
    const unknown = Buffer.from(`${element}:987654321`).toString('base64url');
    return this.#draw.pick(['', 'x', '!!', `${unknown}=`, unknown, ...others.slice(0, 5)]);
  }
}

/** An argument without which little is found. */
function sought({ path }: Place): boolean {
  return path.at(-1) === 'filter' || path.at(-1) === 'first';
}

function isPageSize({ element, path }: Place): boolean {
  return element !== undefined && path.length === 1 && path[0] === 'first';
}

function isOfAPage({ element, path }: Place): boolean {
  return element !== undefined && path.length === 1 && (path[0] === 'first' || path[0] === 'after');
}

/** A value as GraphQL writes it. */
function literal(type: GraphQLInputType, value: unknown): string {
  if (isNonNullType(type)) return literal(type.ofType, value);
  if (value === null) return 'null';
  if (isListType(type))
    return `[${(value as unknown[]).map((item) => literal(type.ofType, item)).join(', ')}]`;
  if (isEnumType(type) && typeof value === 'string') return value;
  if (isInputObjectType(type) && typeof value === 'object' && !Array.isArray(value)) {
    const fields = type.getFields();
    const texts = Object.entries(value).flatMap(([name, member]) => {
      const field = fields[name];
      return [`${name}: ${field ? literal(field.type, member) : JSON.stringify(member)}`];
    });
    return `{${texts.join(', ')}}`;
  }
  return JSON.stringify(value);
}
