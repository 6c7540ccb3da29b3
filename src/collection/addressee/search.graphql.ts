import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, InputType, Resolver } from 'type-graphql';
import { addressees } from '../../../schema/records/index.js';
import type { FunctionName } from '../../access/functions.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Bound, BoundArgs, Columns, RequestBinds } from '../../access/schema/entity.js';
import { notHiddenFrom } from '../../access/schema/protection.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { atLeastOne, type Maybe } from '../../access/schema/reading.js';
import { foldAddress, foldKana, foldName, foldPhone, prefixRange } from './addressee.fold.js';
import { Addressee } from './addressee.graphql.js';

/** 宛名検索条件 (handbook 06 §3). */
@InputType({ description: '宛名検索条件. All conditions given must hold; at least one must be given.' })
export class AddresseeFilter {
  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;

  @Field(() => String, { nullable: true, description: 'カナ（前方一致）' })
  kana?: string;

  @Field(() => String, { nullable: true, description: '氏名・名称（前方一致・異体字を区別しない）' })
  name?: string;

  @Field(() => String, { nullable: true, description: '住所（前方一致）. Protected people are not found.' })
  address?: string;

  @Field(() => DateScalar, { nullable: true, description: '生年月日. Protected people are not found.' })
  birthDate?: string;

  @Field(() => String, {
    nullable: true,
    description: '電話番号（数字のみで比較）. Protected people are not found.',
  })
  phone?: string;

  @Field(() => String, { nullable: true, description: '通知書番号' })
  noticeNo?: string;

  @Field(() => String, { nullable: true, description: '法人番号' })
  corporateNo?: string;

  @Field(() => String, { nullable: true, description: '特別徴収義務者指定番号' })
  payrollAgentNo?: string;
}

/** What a search by an attribute asks for: the function that reading the attribute asks for (handbook 15 §7.1). */
export const ADDRESSEE_FILTER_RULES: Readonly<Record<keyof AddresseeFilter, FunctionName>> = {
  addresseeNo: 'addressee:read',
  kana: 'addressee:read',
  name: 'addressee:read',
  address: 'addressee:identity',
  birthDate: 'addressee:identity',
  phone: 'addressee:contact',
  noticeNo: 'ledger:read',
  corporateNo: 'addressee:identity',
  payrollAgentNo: 'addressee:identity',
};

type Row = Columns<typeof addressees>;
type Conditions = BoundArgs<AddresseeFilter>;

/** Byte order, the order of the index; what begins with the folded text. */
function beginsWith(column: SQL, text: Bound<string>, fold: (text: string) => string): SQL {
  return sql`${column} ~>=~ ${text.map((given) => prefixRange(fold(given)).from)}
    and ${column} ~<~ ${text.map((given) => prefixRange(fold(given)).before)}`;
}

/** The order of the list itself, so that a page reads no further than it shows. */
function kanaBegins(kana: SQL, text: Bound<string>): SQL {
  return sql`${kana} >= ${text.map((given) => prefixRange(foldKana(given)).from)}
    and ${kana} < ${text.map((given) => prefixRange(foldKana(given)).before)}`;
}

/** Whatever the database sorts by, an index on bytes serves both a search by beginning and the order. */
function inByteOrder(column: Row['kanaFolded']): SQL {
  return sql`${column} collate "C"`;
}

function searchConditions(row: Row, given: Conditions, request: RequestBinds): SQL | undefined {
  atLeastOne(given);
  // A hit by these would tell what the mask hides.
  const tells = given.address ?? given.birthDate ?? given.phone;
  return and(
    given.addresseeNo && eq(row.addresseeNo, given.addresseeNo.value),
    given.kana && kanaBegins(inByteOrder(row.kanaFolded), given.kana),
    given.name && beginsWith(sql`${row.nameFolded}`, given.name, foldName),
    given.address && beginsWith(sql`${row.addressFolded}`, given.address, foldAddress),
    given.birthDate && eq(row.birthDate, given.birthDate.value),
    given.phone &&
      sql`regexp_replace(${row.phone}, '[^0-9]', '', 'g') = ${given.phone.map(foldPhone)} and ${row.phone}
        is not null`,
    given.noticeNo &&
      sql`${row.addresseeNo} in (select l.addressee_no from records.levy_line l where l.notice_no =
        ${given.noticeNo.value})`,
    given.corporateNo && eq(row.corporateNo, given.corporateNo.value),
    given.payrollAgentNo && eq(row.payrollAgentNo, given.payrollAgentNo.value),
    tells && notHiddenFrom(row.addresseeNo, request),
  );
}

@Resolver()
export class AddresseeQueries {
  @QueryOne<typeof addressees, { addresseeNo: string }>(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '宛名照会',
    args: { addresseeNo: { type: () => String, description: '宛名番号', required: true } },
    where: ({ row, args }) => args.addresseeNo && eq(row.addresseeNo, args.addresseeNo.value),
  })
  addressee!: Maybe<Addressee>;

  @QueryMany<typeof addressees, { filter: AddresseeFilter }>(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '宛名検索, in the order of kana',
    args: { filter: { type: () => AddresseeFilter, description: '条件', required: true } },
    argumentRules: Object.fromEntries(
      Object.entries(ADDRESSEE_FILTER_RULES).map(([name, asked]) => [`filter.${name}`, asked]),
    ),
    where: ({ row, args, ...request }) => searchConditions(row, args.filter ?? {}, request),
    order: (row) => ({ columns: [inByteOrder(row.kanaFolded), row.addresseeNo], direction: 'asc' }),
  })
  addressees!: Connection<Addressee>;
}
