import {
  getNamedType,
  isLeafType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Draw } from './draw.js';
import { roadsOf } from './roads.js';
import { dressed } from './spoilt.js';
import { Values, type Known } from './values.js';
import { isOfTheVault } from './vault.js';

/** A document as it is asked, with as many sets of variables as are wanted. */
export interface AskedDocument {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: () => Readonly<Record<string, unknown>>;
}

/** What documents are drawn from. */
export interface DocumentSource {
  readonly schema: GraphQLSchema;
  readonly known: Known;
  /** Whether whoever will ask may read a field: most of what is asked is read. */
  readonly mayRead: (coordinate: string) => boolean;
}

type Field = GraphQLField<unknown, unknown>;

interface Level {
  /** Objects of rows that may still stand within each other. */
  readonly depth: number;
  /** Rows that this level is answered for, at most. */
  readonly width: number;
}

interface Fragment {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** A field with selections below, as it was written. */
interface Repeatable {
  readonly call: string;
  readonly type: GraphQLObjectType;
  readonly below: Level;
}

/** Aliases and directives that a document is given; spreads that repeat them may pass the limits, as they should. */
const ALIASES_DRAWN_MAX = 8;
const DIRECTIVES_DRAWN_MAX = 5;
const FRAGMENTS_DRAWN_MAX = 4;
const SELECTIONS_MAX = 60;
const PAGE_SIZE_UNSAID = 20;
const LIST_SIZE_UNSAID = 10;
/** Rows for which a short list each would come near the limit on cost. */
const WIDE = 20;
const ROOT_WEIGHTS: Readonly<Record<string, number>> = {
  addressee: 6,
  delinquencyCase: 4,
  receipt: 4,
  levyLine: 3,
};
const ODD_ALIASES = [
  'x',
  'id',
  'name',
  '__proto__',
  'constructor',
  'toString',
  'nodes',
  'hasOwnProperty',
  '_',
  '__typename',
  '__schema',
  'edges',
  'pageInfo',
  'cursor',
  'data',
];
/** Any name may be that of a fragment, but for `on`. */
const FRAGMENT_NAMES = [
  'F',
  '__schema',
  'constructor',
  'fragment',
  'type',
  '__proto__',
  '_',
  'query',
  'Query',
];
const OPERATION_NAMES = [
  'Asked',
  'Asked',
  'Asked',
  'query',
  '__proto__',
  'constructor',
  'on',
  '_1',
  'mutation',
];
/** Aliases of one leaf at once, about as many as an operation may have. */
const SAME_LEAF_MAX = 17;

/**
 * Draws a document that is valid, but for a few that are not, and within the limits, but for a few that are not.
 * @param aim a field that it shall ask for; without one, any that is drawn, in half of the documents
 */
export function drawDocument(draw: Draw, from: DocumentSource, aim?: string): AskedDocument {
  return new Maker(draw, from, aim).document();
}

class Maker {
  readonly #draw: Draw;
  readonly #from: DocumentSource;
  readonly #values: Values;
  readonly #fragments: Fragment[] = [];
  /** What a response key of a type stands for, so that equal keys always merge. */
  readonly #calls = new Map<string, string>();
  /** The arguments that a field was given before, by coordinate: equal calls under one key merge. */
  readonly #given = new Map<string, { args: string; size: number }>();
  /** What was written under which key, by type: to be asked for once more with other selections below. */
  readonly #repeatable = new Map<string, Repeatable[]>();
  readonly #taken = new Set<string>();
  readonly #excess: boolean;
  /** Fields that lead to one drawn from all: else what lies deep would be met seldom. By type, each taken once. */
  readonly #aim: Map<string, Field>;
  #aliases = 0;
  #directives = 0;
  #selections = 0;
  #names = 0;

  constructor(draw: Draw, from: DocumentSource, aim: string | undefined) {
    this.#draw = draw;
    this.#from = from;
    this.#values = new Values(draw, from.known);
    this.#excess = draw.chance(3);
    const roads = roadsOf(from.schema);
    const aimed = aim !== undefined || draw.chance(50);
    this.#aim = new Map(aimed ? draw.pick(roads.get(aim ?? draw.pick([...roads.keys()])) ?? [[]]) : []);
  }

  document(): AskedDocument {
    const several = this.#draw.chance(15);
    const named = several || this.#draw.chance(50);
    const name = this.#draw.pick(OPERATION_NAMES);
    const asked = this.#operation(named ? name : undefined);
    const other = several ? this.#operation('Other') : undefined;
    const operations =
      other === undefined ? [asked] : this.#draw.chance(50) ? [asked, other] : [other, asked];
    const texts = operations.map(({ text }) => text);
    const fragments = this.#spreadIn(texts.join(' ')).map(
      ({ name, type, text }) => `fragment ${name} on ${type} { ${text} }`,
    );
    const source = dressed(this.#draw, [...texts, ...fragments].join('\n'));
    return {
      source,
      operationName: this.#operationName(several, named, name),
      variables: () => this.#values.drawn(asked.variables),
    };
  }

  #operationName(several: boolean, named: boolean, name: string): string | undefined {
    if (this.#draw.chance(2)) return this.#draw.pick([undefined, 'Nobody', '', 'toString', 'asked']);
    return several || (named && this.#draw.chance(50)) ? name : undefined;
  }

  #operation(name: string | undefined): { text: string; variables: ReadonlySet<string> } {
    const root = this.#from.schema.getQueryType();
    if (!root) throw new Error('The schema has no queries.');
    const body = this.#selectionSet(root, { depth: 5, width: 1 }, this.#draw.int(1, 3));
    const whole = [body, ...this.#spreadIn(body).map(({ text }) => text)].join(' ');
    const variables = new Set([...whole.matchAll(/\$(\w+)/g)].map(([, variable = '']) => variable));
    const declared = this.#values.declarations(variables);
    const head = name === undefined && declared === '' ? '' : `query ${name ?? ''}${declared} `;
    return { text: `${head}{ ${body} }`, variables };
  }

  /** Every fragment that a text spreads, and those that these spread. */
  #spreadIn(text: string): Fragment[] {
    const found = new Set<Fragment>();
    const visit = (part: string): void => {
      for (const fragment of this.#fragments) {
        if (found.has(fragment) || !new RegExp(`\\.\\.\\.${fragment.name}(?!\\w)`).test(part)) continue;
        found.add(fragment);
        visit(fragment.text);
      }
    };
    visit(text);
    return [...found];
  }

  #selectionSet(type: GraphQLObjectType, level: Level, count: number): string {
    const selections = Array.from({ length: this.#excess ? count + 2 : count }, () =>
      this.#selection(type, level),
    );
    return [this.#aimed(type, level), ...selections].filter((text) => text !== '').join(' ') || '__typename';
  }

  #aimed(type: GraphQLObjectType, level: Level): string {
    const field = this.#aim.get(type.name);
    if (!field || level.depth < 0) return '';
    this.#aim.delete(type.name);
    return this.#written(type, field, level);
  }

  #selection(type: GraphQLObjectType, level: Level): string {
    this.#selections += 1;
    const turn = this.#draw.int(0, 99);
    if (this.#selections > SELECTIONS_MAX) return '';
    if (turn < 4) return this.#response(type, '__typename', '', '');
    if (turn < 10) return this.#spread(type, level);
    if (turn < 15) return this.#inline(type, level);
    if (turn < 22) return this.#repeated(type) || this.#inline(type, level);
    if (this.#excess && turn < 25) return this.#manyOfOne(type);
    const field = this.#field(type, level);
    return field ? this.#written(type, field, level) : '';
  }

  /** The same call under the same key once more, with what else is asked below it, perhaps in a fragment. */
  #repeated(type: GraphQLObjectType): string {
    const earlier = this.#repeatable.get(type.name);
    if (!earlier) return '';
    const { call, type: named, below } = this.#draw.pick(earlier);
    const text = `${call}${this.#condition()} { ${this.#selectionSet(named, below, this.#draw.int(1, 3))} }`;
    return this.#draw.chance(50) ? text : `...${this.#condition()} { ${text} }`;
  }

  /** One leaf under many keys. */
  #manyOfOne(type: GraphQLObjectType): string {
    const leaves = Object.values(type.getFields()).filter(
      ({ name, type: of }) => isLeafType(getNamedType(of)) && !isOfTheVault(type.name, name),
    );
    if (leaves.length === 0) return '';
    const { name } = this.#draw.pick(leaves);
    const keys = Array.from({ length: this.#draw.int(2, SAME_LEAF_MAX) }, (_, at) => `many${at}`);
    return keys.map((key) => `${key}_${name}: ${name}`).join(' ');
  }

  #spread(type: GraphQLObjectType, level: Level): string {
    const known = this.#fragments.filter((fragment) => fragment.type === type.name);
    const makes = this.#names < FRAGMENTS_DRAWN_MAX && (known.length === 0 || this.#draw.chance(30));
    if (!makes) return known.length === 0 ? '' : `...${this.#draw.pick(known).name}${this.#condition()}`;
    this.#names += 1;
    const wanted = this.#draw.pick(FRAGMENT_NAMES);
    const isFree = wanted !== 'F' && this.#draw.chance(50) && !this.#taken.has(wanted);
    const name = isFree ? wanted : `F${this.#names}`;
    this.#taken.add(name);
    const fragment = { name, type: type.name, text: this.#selectionSet(type, level, this.#count(type)) };
    this.#fragments.push(fragment);
    return `...${fragment.name}${this.#condition()}`;
  }

  #inline(type: GraphQLObjectType, level: Level): string {
    const on = this.#draw.chance(60) ? ` on ${type.name}` : '';
    return `...${on}${this.#condition()} { ${this.#selectionSet(type, level, this.#count(type))} }`;
  }

  /** How many selections a type is given: wrappers few, or everything would be wrappers. */
  #count(type: GraphQLObjectType): number {
    return /Connection$|Edge$|^PageInfo$/.test(type.name) ? this.#draw.int(1, 2) : this.#draw.int(1, 5);
  }

  #field(type: GraphQLObjectType, level: Level): Field | undefined {
    const fields = Object.values(type.getFields()).filter(
      (field) =>
        !isOfTheVault(type.name, field.name) &&
        (!readsRows(field) || (level.depth > 0 && (level.width < WIDE || !isList(field)))),
    );
    if (fields.length === 0) return undefined;
    // Types have many leaves and few relations, which are what documents are made of.
    const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
    const roads = fields.filter((field) => !leaves.includes(field));
    const among =
      type === this.#from.schema.getQueryType()
        ? rooted(roads)
        : roads.length === 0 || (leaves.length > 0 && this.#draw.chance(60))
          ? leaves
          : roads;
    const readable = among.filter(({ name }) => this.#from.mayRead(`${type.name}.${name}`));
    return this.#draw.pick(readable.length > 0 && this.#draw.chance(85) ? readable : among);
  }

  #written(type: GraphQLObjectType, field: Field, level: Level): string {
    const coordinate = `${type.name}.${field.name}`;
    const earlier = this.#draw.chance(20) ? this.#given.get(coordinate) : undefined;
    const { args, size } = earlier ?? this.#arguments(type, field, level);
    this.#given.set(coordinate, { args, size });
    const named = getNamedType(field.type);
    if (isLeafType(named)) return this.#response(type, field.name, args, '');
    const below = { depth: level.depth - (readsRows(field) ? 1 : 0), width: level.width * size };
    const set = this.#selectionSet(
      named as GraphQLObjectType,
      below,
      this.#count(named as GraphQLObjectType),
    );
    const text = this.#response(type, field.name, args, ` { ${set} }`);
    const [call = ''] = text.split(/ @| \{ /);
    const known = this.#repeatable.get(type.name) ?? [];
    if (!args.includes('{'))
      this.#repeatable.set(type.name, [...known, { call, type: named as GraphQLObjectType, below }]);
    return text;
  }

  #arguments(type: GraphQLObjectType, field: Field, { width }: Level): { args: string; size: number } {
    const element = elementOf(field);
    const place = { coordinate: `${type.name}.${field.name}`, element, width };
    const texts = field.args.flatMap((arg) => {
      const text = this.#values.written(arg.type, { ...place, path: [arg.name] });
      return text === undefined ? [] : [`${arg.name}: ${text}`];
    });
    const said = /(?:^|, )first: (\d+)/.exec(texts.join(', '))?.[1];
    const unsaid = element === undefined ? (isList(field) ? LIST_SIZE_UNSAID : 1) : PAGE_SIZE_UNSAID;
    const args = texts.length === 0 ? '' : `(${texts.join(', ')})`;
    return { args, size: Math.max(1, Math.min(Number(said ?? unsaid), 100)) };
  }

  /** The field under a response key that stands for nothing else on this type. */
  #response(type: GraphQLObjectType, name: string, args: string, set: string): string {
    const call = `${name}${args}`;
    const free = (key: string) => [undefined, call].includes(this.#calls.get(`${type.name}.${key}`));
    const wantsAlias = this.#excess ? this.#draw.chance(50) : this.#draw.chance(8);
    const odd = wantsAlias && this.#aliases < (this.#excess ? 40 : ALIASES_DRAWN_MAX);
    const wanted = odd ? this.#draw.pick(ODD_ALIASES) : name;
    const key = free(wanted) ? wanted : free(name) ? name : `${name}_${this.#calls.size}`;
    this.#calls.set(`${type.name}.${key}`, call);
    if (key !== name) this.#aliases += 1;
    return `${key === name ? '' : `${key}: `}${call}${this.#condition()}${set}`;
  }

  #condition(): string {
    if (!this.#draw.chance(10) || (this.#directives >= DIRECTIVES_DRAWN_MAX && !this.#excess)) return '';
    this.#directives += 1;
    const first = this.#draw.pick(['include', 'skip']);
    const text = ` @${first}(if: ${this.#values.condition()})`;
    if (!this.#draw.chance(15)) return text;
    this.#directives += 1;
    return `${text} @${first === 'include' ? 'skip' : 'include'}(if: ${this.#values.condition()})`;
  }
}

/** Roots below which most of the schema lies are drawn more often. */
function rooted(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => Array.from({ length: ROOT_WEIGHTS[field.name] ?? 1 }, () => field));
}

/** Whether a field reads rows of its own, so that it deepens the operation. */
function readsRows(field: Field): boolean {
  const kind = field.extensions.kuramori?.kind;
  return kind === 'one' || kind === 'list' || kind === 'connection' || kind === 'provided';
}

function isList(field: Field): boolean {
  return String(field.type).startsWith('[');
}

/** The type a page holds. */
function elementOf(field: Field): string | undefined {
  const name = getNamedType(field.type).name;
  return name.endsWith('Connection') ? name.slice(0, -'Connection'.length) : undefined;
}
