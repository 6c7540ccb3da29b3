import { and, eq, sql } from 'drizzle-orm';
import { Field, ID, InputType, Int, ObjectType, Resolver } from 'type-graphql';
import { addressees, levyBalances, levyLines } from '../../../../schema/records/index.js';
import { needs, OPEN } from '../../../../src/access/rules.js';
import { Structural, type Connection } from '../../../../src/access/schema/connection.js';
import {
  defineEntity,
  QueryMany,
  QueryOne,
  QueryProvided,
  Result,
  UserErrors,
} from '../../../../src/access/schema/define.js';
import type { Columns } from '../../../../src/access/schema/entity.js';
import { YenScalar } from '../../../../src/kernel/graphql/scalars.js';
import { published } from '../../../../src/access/schema/words.js';

/** A schema of three types on real tables: small enough to see a whole plan at once. */
const READ = needs('addressee:read');
const LEDGER = needs('ledger:read');

const Kind = published('SmallKind', '区分', { person: '個人', company: '法人', joint: '共有' });

const line = defineEntity('Line', levyLines, {
  description: '調定',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: levyBalances,
      on: (self: Columns<typeof levyLines>, balance: Columns<typeof levyBalances>) =>
        eq(balance.levyId, self.id),
    },
  ],
});

@line.object
export class Line {
  @line.column(() => ID, levyLines.id, { rule: LEDGER, description: '番号', nullable: false })
  id!: string;

  @line.column(() => Int, levyLines.levyFiscalYear, { rule: LEDGER, description: '年度' })
  year!: number | null;

  @line.column(() => String, levyLines.paymentNo, { rule: LEDGER.protected(), description: '納付番号' })
  paymentNo!: string | null;

  @line.column(() => YenScalar, levyBalances.levied, { rule: LEDGER, description: '調定額' })
  levied!: bigint | null;

  @line.column(() => YenScalar, levyBalances.received, { rule: LEDGER, description: '収納額' })
  received!: bigint | null;

  @line.one(() => Person, addressees, {
    rule: READ,
    description: '宛名',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  person!: object | null;
}

const person = defineEntity('Person', addressees, {
  description: '宛名',
  key: 'addresseeNo',
  subject: 'addresseeNo',
  warns: true,
});

@person.object
export class Person {
  @person.column(() => String, addressees.addresseeNo, {
    rule: READ,
    description: '宛名番号',
    nullable: false,
  })
  no!: string;

  @person.column(() => String, addressees.name, { rule: READ, description: '氏名' })
  name!: string | null;

  @person.column(() => Kind, addressees.kind, { rule: READ, description: '区分' })
  kind!: string | null;

  @person.column(() => String, addressees.alias, { rule: READ, description: '通称', nullable: false })
  mustHave!: string;

  @person.column(() => String, addressees.address, {
    rule: needs('addressee:identity').orMasked('addressee:read').protected(),
    description: '住所',
  })
  address!: string | null;

  @person.column(() => String, addressees.phone, {
    rule: needs('addressee:contact').orMasked('addressee:read'),
    description: '電話番号',
  })
  phone!: string | null;

  @person.column(() => String, addressees.email, {
    rule: needs('addressee:contact'),
    description: '電子メール',
  })
  email!: string | null;

  @person.computed(() => Boolean, ({ protection }) => sql`${protection} > 0`, {
    rule: READ,
    description: '支援措置',
  })
  guarded!: boolean | null;

  @person.many<typeof levyLines, { year?: number }>(() => Line, levyLines, {
    rule: LEDGER,
    description: '調定',
    args: { year: { type: () => Int, description: '年度' } },
    where: ({ self, row, args }) =>
      and(eq(row.addresseeNo, self.addresseeNo), args.year && eq(row.levyFiscalYear, args.year.value)),
    order: (row) => ({ columns: [row.levyFiscalYear, row.id], direction: 'desc' }),
  })
  lines!: Connection<Line>;

  @person.list(() => Line, levyLines, {
    rule: LEDGER,
    description: '調定（少数）',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  fewLines!: readonly Line[];
}

@InputType({ description: '条件' })
export class PersonFilter {
  @Field(() => String, { nullable: true, description: '氏名' })
  name?: string;

  @Field(() => String, { nullable: true, description: '電話番号' })
  phone?: string;
}

@Structural.type('Counted', '件数')
export class Counted {
  @Structural(() => Int, { description: '件数' })
  count!: number;
}

@ObjectType({ description: '更新の結果' })
export class ChangePayload {
  @Result(() => Person, { rule: READ, description: '宛名' })
  person!: Person | null;

  @UserErrors()
  userErrors!: readonly object[];
}

@Resolver()
export class SmallQueries {
  @QueryOne<typeof addressees, { no: string }>(() => Person, addressees, {
    rule: READ,
    description: '宛名照会',
    args: { no: { type: () => String, description: '宛名番号', required: true } },
    where: ({ row, args }) => args.no && eq(row.addresseeNo, args.no.value),
  })
  person!: Person | null;

  @QueryMany<typeof addressees, { filter?: PersonFilter }>(() => Person, addressees, {
    rule: READ,
    description: '宛名検索',
    args: { filter: { type: () => PersonFilter, description: '条件' } },
    argumentRules: { 'filter.phone': 'addressee:contact' },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.name &&
          eq(
            row.name,
            filter.name.map((name) => name.trim()),
          ),
        filter?.phone && eq(row.phone, filter.phone.value),
      ),
    order: (row) => ({ columns: [row.kanaFolded, row.addresseeNo], direction: 'asc' }),
  })
  people!: Connection<Person>;

  @QueryProvided(() => Counted, {
    rule: OPEN,
    description: '件数',
    provide: () => Promise.resolve({ value: { count: 3 }, rows: 3, subjects: ['9'] }),
  })
  counted!: Counted | null;

  @QueryProvided(() => ChangePayload, {
    rule: OPEN,
    description: '型を公開するためのみ',
    provide: () => Promise.resolve({ value: null, rows: 0, subjects: [] }),
  })
  payload!: ChangePayload | null;
}
