import fc from 'fast-check';

/**
 * Documents over a part of the published schema. A response key tells its field and its arguments, so that equal keys
 * always merge and every document is valid; repeated keys make the merging itself part of the test.
 */
export interface AskedDocument {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Keys of rows that documents ask for. */
export interface KnownKeys {
  readonly addressees: readonly string[];
  readonly levies: readonly string[];
  readonly receipts: readonly string[];
  readonly cursorOf: (type: string, key: string) => string;
}

const LEAVES = {
  Addressee:
    'addresseeNo kind name kana officialKana alias protectedPerson branchCode birthDate sex residence postalCode ' +
    'address relationship movedOutOn phone email',
  LevyLine:
    'id fiscalYear noticeNo taxItemCode instalmentNo dueOn taxAmount levied received taxOutstanding outstanding ' +
    'settled overdue lastPaidOn',
  Receipt: 'id source channel taxItemCode amount paidOn bookedOn matchRule unidentifiedAmount recordedBy',
  Allocation: 'id component amount effectiveOn',
} as const;

type TypeName = keyof typeof LEAVES;

interface Road {
  readonly field: string;
  readonly to: TypeName;
  readonly paged: boolean;
}

const ROADS: Readonly<Record<TypeName, readonly Road[]>> = {
  Addressee: [
    { field: 'levies', to: 'LevyLine', paged: true },
    { field: 'receipts', to: 'Receipt', paged: true },
  ],
  LevyLine: [
    { field: 'addressee', to: 'Addressee', paged: false },
    { field: 'allocations', to: 'Allocation', paged: true },
  ],
  Receipt: [
    { field: 'addressee', to: 'Addressee', paged: false },
    { field: 'levyLine', to: 'LevyLine', paged: false },
    { field: 'allocations', to: 'Allocation', paged: true },
    { field: 'reversal', to: 'Receipt', paged: false },
    { field: 'reverses', to: 'Receipt', paged: false },
  ],
  Allocation: [
    { field: 'levyLine', to: 'LevyLine', paged: false },
    { field: 'receipt', to: 'Receipt', paged: false },
  ],
};

const FRAGMENT_OF: Readonly<Record<TypeName, string>> = {
  Addressee: 'Person',
  LevyLine: 'Line',
  Receipt: 'Slip',
  Allocation: 'Part',
};

type Text = fc.Arbitrary<string>;

const CONDITIONS = [
  '',
  '',
  '',
  '',
  ' @include(if: $yes)',
  ' @skip(if: $yes)',
  ' @include(if: $no)',
  ' @skip(if: $no)',
];
const conditional = (text: Text): Text =>
  fc
    .tuple(text, fc.constantFrom(...CONDITIONS, ' @skip(if: false)', ' @include(if: true) @skip(if: $no)'))
    .map(([selection, condition]) => {
      const at = selection.indexOf(' { ');
      return at < 0 ? selection + condition : selection.slice(0, at) + condition + selection.slice(at);
    });

/** A field under its own name, or under an alias that tells its arguments. */
function named(field: string, args: readonly string[], tag: string, aliased: boolean): string {
  const call = args.length === 0 ? field : `${field}(${args.join(', ')})`;
  return args.length === 0 && !aliased ? call : `${field}_${tag}: ${call}`;
}

/** Documents that ask for what exists, and now and then for what does not. */
export function documents(keys: KnownKeys): fc.Arbitrary<AskedDocument> {
  const pick = (values: readonly string[]) => fc.constantFrom(...values, '987654321');
  const selections = memoized((type: TypeName, depth: number): Text => {
    const leaf = fc
      .tuple(fc.constantFrom('__typename', ...LEAVES[type].split(' ')), fc.boolean())
      .map(([field, aliased]) => named(field, [], 'x', aliased));
    const roads = depth === 0 ? [] : ROADS[type].map((road) => relation(road, depth));
    const fragments =
      depth === 0
        ? []
        : [
            fc.constant(`...${FRAGMENT_OF[type]}`),
            selections(type, depth - 1).map((set) => `... on ${type} { ${set} }`),
          ];
    const selection = fc.oneof(
      { weight: 5, arbitrary: leaf },
      ...[...roads, ...fragments].map((arbitrary) => ({ weight: 2, arbitrary })),
    );
    return fc.array(conditional(selection), { minLength: 1, maxLength: 5 }).map((all) => all.join(' '));
  });
  const relation = ({ field, to, paged }: Road, depth: number): Text =>
    paged
      ? fc
          .tuple(pageArguments(field, to), fc.boolean(), page(to, depth))
          .map(([[args, tag], aliased, set]) => `${named(field, args, tag, aliased)} { ${set} }`)
      : fc
          .tuple(fc.boolean(), selections(to, depth - 1))
          .map(([aliased, set]) => `${named(field, [], 'x', aliased)} { ${set} }`);
  const page = (to: TypeName, depth: number): Text =>
    fc
      .array(
        conditional(
          fc.oneof(
            selections(to, depth - 1).map((set) => `nodes { ${set} }`),
            selections(to, depth - 1).map((set) => `edges { cursor node { ${set} } }`),
            fc.constantFrom('pageInfo { hasNextPage hasPreviousPage startCursor endCursor }', '__typename'),
          ),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((all) => all.join(' '));
  const pageArguments = (field: string, to: TypeName): fc.Arbitrary<[string[], string]> => {
    const size = fc.constantFrom(undefined, 1, 2, 5, 100);
    const known = {
      LevyLine: keys.levies,
      Receipt: keys.receipts,
      Addressee: keys.addressees,
      Allocation: [],
    }[to];
    const after =
      known.length === 0 ? fc.constant(undefined) : fc.option(pick(known), { nil: undefined, freq: 4 });
    const year =
      field === 'levies' ? fc.constantFrom(undefined, undefined, 2024, 2025) : fc.constant(undefined);
    const unpaid = field === 'levies' ? fc.constantFrom(undefined, true, false) : fc.constant(undefined);
    return fc
      .tuple(size, after, year, unpaid)
      .map(([first, key, fiscalYear, unpaidOnly]) => [
        [
          ...(first === undefined ? [] : [`first: ${first}`]),
          ...(key === undefined ? [] : [`after: "${keys.cursorOf(to, key)}"`]),
          ...(fiscalYear === undefined ? [] : [`fiscalYear: ${fiscalYear}`]),
          ...(unpaidOnly === undefined ? [] : [`unpaidOnly: ${unpaidOnly}`]),
        ],
        `f${first ?? ''}a${key ?? ''}y${fiscalYear ?? ''}u${unpaidOnly ?? ''}`,
      ]);
  };
  const root = fc.oneof(
    fc
      .tuple(pick(keys.addressees), selections('Addressee', 3))
      .map(([key, set]) => `addressee_${key}: addressee(addresseeNo: "${key}") { ${set} }`),
    fc
      .tuple(pick(keys.levies), selections('LevyLine', 3))
      .map(([key, set]) => `levyLine_${key}: levyLine(id: "${key}") { ${set} }`),
    fc
      .tuple(pick(keys.receipts), selections('Receipt', 2))
      .map(([key, set]) => `receipt_${key}: receipt(id: "${key}") { ${set} }`),
    fc
      .tuple(fc.constantFrom('ア', 'タ', 'サ', 'カ'), fc.constantFrom(1, 3, 20), page('Addressee', 2))
      .map(
        ([kana, n, set]) =>
          `people_${kana.codePointAt(0)}_${n}: addressees(filter: {kana: "${kana}"}, first: ${n}) { ${set} }`,
      ),
    fc
      .tuple(pick(keys.addressees), pageArguments('receipts', 'Receipt'), page('Receipt', 2))
      .map(
        ([key, [args, tag], set]) =>
          `receipts_${key}_${tag}: receipts(${[`filter: {addresseeNo: "${key}"}`, ...args].join(', ')}) { ${set} }`,
      ),
  );
  const bodies = fc.record({
    roots: fc.array(conditional(root), { minLength: 1, maxLength: 3 }),
    Person: selections('Addressee', 0),
    Line: selections('LevyLine', 0),
    Slip: selections('Receipt', 0),
    Part: selections('Allocation', 0),
  });
  return fc.record({ bodies, yes: fc.boolean(), no: fc.boolean() }).map(written);
}

interface Written {
  readonly bodies: Readonly<Record<string, string | string[]>>;
  readonly yes: boolean;
  readonly no: boolean;
}

/** Only what is used may be declared. */
function written({ bodies: { roots, ...fragments }, yes, no }: Written): AskedDocument {
  const body = `{ ${(roots as string[]).join(' ')} }`;
  const used = Object.entries(FRAGMENT_OF)
    .filter(([, name]) => new RegExp(`\\.\\.\\.${name}\\b`).test(body))
    .map(([type, name]) => `fragment ${name} on ${type} { ${String(fragments[name])} }`);
  const text = [body, ...used].join('\n');
  const variables = Object.entries({ yes, no }).filter(([name]) => text.includes(`$${name}`));
  const declared = variables.map(([name]) => `$${name}: Boolean!`).join(', ');
  return {
    source: declared === '' ? text : `query(${declared}) ${text}`,
    variables: Object.fromEntries(variables),
  };
}

function memoized<A, B, R>(make: (a: A, b: B) => R): (a: A, b: B) => R {
  const made = new Map<string, R>();
  return (a, b) => {
    const key = `${String(a)} ${String(b)}`;
    const known = made.get(key) ?? make(a, b);
    made.set(key, known);
    return known;
  };
}
