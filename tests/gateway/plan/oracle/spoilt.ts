import type { Draw } from './draw.js';

type Change = (source: string) => string;

/** A document begins with its first operation; what is put before it belongs to no operation. */
const first = (source: string, text: string) => source.replace('{ ', `{ ${text} `);

/** Ways in which a document does not fit the language or the schema. */
const FAULTS: readonly Change[] = [
  (source) => source.replace(/\b(id|name|nodes|pageInfo|addresseeNo)\b/, 'unknownField'),
  (source) => first(source, 'taxItems { nodes }'),
  (source) => first(source, 'viewer { x: actorId x: department }'),
  (source) => first(source, 'levyLine { id }'),
  (source) => first(source, 'viewer'),
  (source) => first(source, 'viewer { actorId { x } }'),
  (source) => first(source, 'viewer @unknown { actorId }'),
  (source) => first(source, 'viewer @skip { actorId }'),
  (source) => first(source, 'viewer @skip(if: null) { actorId }'),
  (source) => first(source, 'viewer @skip(if: "true") { actorId }'),
  (source) => first(source, 'viewer @skip(if: true) @skip(if: true) { actorId }'),
  (source) => first(source, 'viewer @deprecated { actorId }'),
  (source) => first(source, 'levyLine(id: $undeclared) { id }'),
  (source) => first(source, 'levyLine(id: "1", id: "2") { id }'),
  (source) => first(source, 'levyLine(id: "1", no: "2") { id }'),
  (source) => first(source, '...Undefined'),
  (source) => first(source, '... on Addressee { name }'),
  (source) => first(source, '... on Nobody { name }'),
  (source) => first(source, '... on String { name }'),
  (source) => first(source, '...A') + ' fragment A on Query { ...B } fragment B on Query { ...A }',
  (source) => first(source, '...A') + ' fragment A on Addressee { name }',
  (source) => first(source, '...A') + ' fragment A on Query { viewer { actorId } }'.repeat(2),
  (source) => first(source, '...A') + ' fragment A on Query @include(if: true) { viewer { actorId } }',
  (source) => first(source, '{}'),
  (source) => source.replace(/^query (\w*)/, 'query $1($unused: Int)'),
  (source) => source.replace(/^query (\w*)\(/, 'query $1($same: Int, $same: Int, '),
  (source) => source.replace(/^query (\w*)\(/, 'query $1($object: Addressee, '),
  (source) => source.replace(/^query /, 'query @skip(if: true) '),
  (source) => source.replace(/^query /, 'subscription '),
  (source) => source.replace(/^query /, 'Query '),
  (source) => source.replace(/\$(\w+): (\w+)!/, '$$$1: [$2]'),
  (source) => source.replace(/\$(\w+): (\w+)!/, '$$$1: $2! = null'),
  (source) => `${source} fragment Unused on Addressee { name }`,
  (source) => `${source} { viewer { actorId } }`,
  (source) => `${source} subscription Other { viewer { actorId } }`,
  (source) => `${source} mutation Other { nothing }`,
  (source) => `${source} type Addressee { name: String }`,
  (source) => `${source} extend type Query { name: String }`,
  (source) => `${source} "described" query Other { viewer { actorId } }`,
  (source) => source.replace(/}\s*$/, ''),
  (source) => `${source} }`,
  (source) => `${source} "open`,
  (source) => `${source} \u0000`,
  (source) => `${source} ！`,
  () => '',
  () => '# nothing',
  () => '{}',
];

/** The schema is not told of, whatever it is asked beside. */
const OF_THE_SCHEMA: readonly Change[] = [
  (source) => first(source, '__schema { types { name } }'),
  (source) => first(source, '__type(name: "Addressee") { name }'),
  (source) => first(source, 'x9: __schema @skip(if: true) { types { name } }'),
  (source) => first(source, '... { ... on Query { __type(name: "Query") { fields { name } } } }'),
  (source) => (/^query \w/.test(source) ? `${source} query Other9 { __schema { types { name } } }` : source),
];

/** What changes nothing. */
const DRESSES: readonly Change[] = [
  (source) => `\uFEFF${source}`,
  (source) => first(source, '# 氏名 { "\n'),
  (source) => first(source, '#\r'),
  (source) => `,,, ${source},\t,`,
  (source) => source.replaceAll(' } ', ',}\r\n,'),
  (source) => source.replaceAll(' { ', '{\n\n\t'),
  (source) => source.replaceAll(' ...', '...'),
  (source) => source.replace(/^query Asked/, 'query\n#\n Asked'),
  (source) => `${source}\n# fragment Nobody on Query { x }`,
];

/** A document that does not fit the schema, now and then, or one that is written in an unusual way. */
export function dressed(draw: Draw, source: string): string {
  const turn = draw.int(0, 99);
  if (turn < 4) return draw.pick(FAULTS)(source);
  if (turn < 5) return draw.pick(OF_THE_SCHEMA)(source);
  return turn < 15 ? draw.pick(DRESSES)(source) : source;
}
