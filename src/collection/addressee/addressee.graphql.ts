import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { Int } from 'type-graphql';
import {
  addressees,
  addresseeVersions,
  assets,
  coOwners,
  debitAccounts,
  delinquencyCases,
  executionStays,
  households,
  levyLines,
  mailingAddresses,
  overpayments,
  protectionReaches,
  protections,
  pushRequests,
  receipts,
  refunds,
  taxManagers,
} from '../../../schema/records/index.js';
import { ledgerSummaries } from '../../../schema/records/views.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity } from '../../access/schema/define.js';
import { notHiddenFrom } from '../../access/schema/protection.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { DelinquencyCase } from '../delinquency/delinquency.graphql.js';
import { Asset } from '../disposition/asset.graphql.js';
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { LEVIES, type LevyFilter } from '../levy/levies.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { LedgerSummary } from '../levy/summary.graphql.js';
import { fiscalYear, type Maybe } from '../../access/schema/reading.js';
import { PushRequest } from '../push/push.graphql.js';
import { Receipt } from '../receipt/receipt.graphql.js';
import { Overpayment } from '../refund/overpayment.graphql.js';
import { Refund } from '../refund/refund.graphql.js';
import { AddresseeKind, Residence, Sex } from '../words.graphql.js';
import { DebitAccount, MailingAddress } from './correspondence.graphql.js';
import { AddresseeVersion } from './history.graphql.js';
import { Household } from './household.graphql.js';
import { IndividualNumber } from './number.graphql.js';
import { Protection } from './protection.graphql.js';
import { CoOwner, TaxManager } from './representation.graphql.js';

const READ = needs('addressee:read');
const IDENTITY = needs('addressee:identity');
const CONTACT = needs('addressee:contact');
const LEDGER = needs('ledger:read');
const WHERE_LIVES = IDENTITY.orMasked('addressee:read').protected();
const HOW_REACHED = CONTACT.orMasked('addressee:read').protected();

/** A field that every addressee has, for everybody who may read addressees. */
const always = (description: string) => ({ rule: READ, description, nullable: false });

const entity = defineEntity('Addressee', addressees, {
  description: '宛名. A person or body to whom the municipality addresses its claims.',
  key: 'addresseeNo',
  subject: 'addresseeNo',
  warns: true,
});

/** 宛名 (handbook 06). */
@entity.object
export class Addressee {
  @entity.column(() => String, addressees.addresseeNo, always('宛名番号'))
  addresseeNo!: string;

  @entity.column(() => AddresseeKind, addressees.kind, always('宛名区分'))
  kind!: string;

  @entity.column(() => String, addressees.name, always('氏名・名称'))
  name!: string;

  @entity.column(() => String, addressees.kana, always('カナ（業務用）'))
  kana!: string;

  @entity.column(() => String, addressees.officialKana, { rule: READ, description: '公証された振り仮名' })
  officialKana!: string | null;

  @entity.column(() => String, addressees.alias, { rule: READ, description: '通称' })
  alias!: string | null;

  @entity.column(() => String, addressees.formerSurname, { rule: READ, description: '旧氏' })
  formerSurname!: string | null;

  @entity.computed(
    () => Boolean,
    ({ protection }) => sql`${protection} > 0`,
    always('支援措置対象者. Address and the like are masked except to the staff named.'),
  )
  protectedPerson!: boolean;

  @entity.column(() => String, addressees.branchCode, { rule: READ.protected(), description: '所管支所' })
  branchCode!: string | null;

  @entity.column(() => DateScalar, addressees.birthDate, { rule: IDENTITY, description: '生年月日' })
  birthDate!: string | null;

  @entity.column(() => Sex, addressees.sex, { rule: IDENTITY, description: '性別' })
  sex!: string | null;

  @entity.column(() => Residence, addressees.residence, {
    rule: IDENTITY.protected('null'),
    description: '住登区分',
  })
  residence!: string | null;

  @entity.column(() => String, addressees.postalCode, { rule: WHERE_LIVES, description: '郵便番号' })
  postalCode!: string | null;

  @entity.column(() => String, addressees.address, { rule: WHERE_LIVES, description: '住所・所在地' })
  address!: string | null;

  @entity.column(() => String, addressees.householdNo, { rule: WHERE_LIVES, description: '世帯番号' })
  householdNo!: string | null;

  @entity.column(() => String, addressees.relationship, { rule: WHERE_LIVES, description: '続柄' })
  relationship!: string | null;

  @entity.column(() => DateScalar, addressees.diedOn, { rule: IDENTITY, description: '死亡日' })
  diedOn!: string | null;

  @entity.column(() => DateScalar, addressees.movedOutOn, {
    rule: IDENTITY.protected('null'),
    description: '転出日',
  })
  movedOutOn!: string | null;

  @entity.one(() => IndividualNumber, addressees, {
    rule: IDENTITY,
    description: '個人番号. None when no number is registered.',
    where: ({ self, row }) => and(eq(row.addresseeNo, self.addresseeNo), isNotNull(row.vaultRef)),
  })
  individualNumber!: Maybe<IndividualNumber>;

  @entity.column(() => String, addressees.corporateNo, { rule: IDENTITY, description: '法人番号' })
  corporateNo!: string | null;

  @entity.column(() => String, addressees.payrollAgentNo, {
    rule: IDENTITY,
    description: '特別徴収義務者指定番号',
  })
  payrollAgentNo!: string | null;

  @entity.column(() => String, addressees.phone, { rule: HOW_REACHED, description: '電話番号' })
  phone!: string | null;

  @entity.column(() => String, addressees.email, { rule: HOW_REACHED, description: '電子メールアドレス' })
  email!: string | null;

  @entity.one(() => Household, households, {
    rule: IDENTITY,
    description: '世帯. None for a protected person, except to the staff named.',
    where: ({ self, row, ...request }) =>
      and(eq(row.householdNo, self.householdNo), notHiddenFrom(self.addresseeNo, request)),
  })
  household!: Maybe<Household>;

  @entity.one(() => Addressee, addressees, {
    rule: READ,
    description: '名寄せ先. The addressee this number was merged into.',
    where: ({ self, row }) => eq(row.addresseeNo, self.mergedInto),
  })
  mergedInto!: Maybe<Addressee>;

  @entity.list(() => Protection, protections, {
    rule: IDENTITY,
    description: '支援措置. Those in force that reach this person, shown only to the staff named for them.',
    where: ({
      self,
      row,
      today,
      actorId,
    }) => sql`${row.id} in (select r.protection_id from ${protectionReaches} r
      join records.protection_staff s on s.protection_id = r.protection_id and s.staff_id = ${actorId}
        and ${today} between s.valid_from and s.valid_to
      where r.addressee_no = ${self.addresseeNo} and ${today} between r.valid_from and r.valid_to)`,
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'asc' }),
  })
  protections!: readonly Protection[];

  @entity.list(() => AddresseeVersion, addresseeVersions, {
    rule: IDENTITY,
    description: '異動履歴, newest first, at most 100',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.versionNo], direction: 'desc' }),
  })
  history!: readonly AddresseeVersion[];

  @entity.list(() => MailingAddress, mailingAddresses, {
    rule: CONTACT,
    description: '送付先',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'desc' }),
  })
  mailingAddresses!: readonly MailingAddress[];

  @entity.list(() => DebitAccount, debitAccounts, {
    rule: needs('account:read'),
    description: '口座振替情報',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'desc' }),
  })
  debitAccounts!: readonly DebitAccount[];

  @entity.many(() => CoOwner, coOwners, {
    rule: READ,
    description: '共有者. Members of this joint addressee.',
    where: ({ self, row }) => eq(row.jointNo, self.addresseeNo),
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'asc' }),
  })
  coOwners!: Connection<CoOwner>;

  @entity.many(() => CoOwner, coOwners, {
    rule: READ,
    description: '共有関係. Joint addressees of which this one is a member.',
    where: ({ self, row }) => eq(row.memberNo, self.addresseeNo),
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'asc' }),
  })
  memberOf!: Connection<CoOwner>;

  @entity.list(() => TaxManager, taxManagers, {
    rule: READ,
    description: '納税管理人・相続人代表者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.validFrom, row.id], direction: 'desc' }),
  })
  taxManagers!: readonly TaxManager[];

  @entity.list<typeof ledgerSummaries, { fiscalYear?: number; taxItem?: string }>(
    () => LedgerSummary,
    ledgerSummaries,
    {
      rule: LEDGER,
      description: '収納状況（会計年度・税目別）, newest first, at most 100. Narrow by year for older ones.',
      where: ({ self, row, args }) =>
        and(
          eq(row.addresseeNo, self.addresseeNo),
          args.fiscalYear && eq(row.levyFiscalYear, args.fiscalYear.map(fiscalYear)),
          args.taxItem && eq(row.taxItem, args.taxItem.value),
        ),
      order: (row) => ({ columns: [row.levyFiscalYear, row.taxItem], direction: 'desc' }),
      args: {
        fiscalYear: { type: () => Int, description: '会計年度（調定年度）' },
        taxItem: { type: () => String, description: '税目コード' },
      },
    },
  )
  ledger!: readonly LedgerSummary[];

  @entity.many<typeof levyLines, LevyFilter>(() => LevyLine, levyLines, {
    rule: LEDGER,
    description: '調定（期別）',
    where: ({ self, row, args, today }) =>
      and(eq(row.addresseeNo, self.addresseeNo), LEVIES.where(row, args, today)),
    order: (row) => ({
      columns: [row.levyFiscalYear, row.taxItem, row.instalmentNo, row.id],
      direction: 'asc',
    }),
    args: LEVIES.args,
  })
  levies!: Connection<LevyLine>;

  @entity.many(() => Receipt, receipts, {
    rule: needs('receipt:read'),
    description: '収納, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.paidOn, row.id], direction: 'desc' }),
  })
  receipts!: Connection<Receipt>;

  @entity.many(() => Overpayment, overpayments, {
    rule: needs('overpayment:read'),
    description: '過誤納金, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  overpayments!: Connection<Overpayment>;

  @entity.many(() => Refund, refunds, {
    rule: needs('refund:read'),
    description: '還付, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  refunds!: Connection<Refund>;

  @entity.many(() => DelinquencyCase, delinquencyCases, {
    rule: needs('case:read'),
    description: '滞納事案, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  delinquencyCases!: Connection<DelinquencyCase>;

  @entity.many(() => PushRequest, pushRequests, {
    rule: needs('push:read'),
    description: '中間サーバーへの連携依頼, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.pushRequestId], direction: 'desc' }),
  })
  pushes!: Connection<PushRequest>;

  @entity.computed(
    () => Boolean,
    ({ self }) => sql`exists (select from records.transfer_standing s
      where s.addressee_no = ${self.addresseeNo} and s.is_locked)`,
    {
      rule: needs('case:read'),
      description: '徴収ロック. A case is with the collection organization, which alone collects it.',
    },
  )
  collectionLocked!: boolean | null;

  @entity.many(() => Asset, assets, {
    rule: needs('asset:read'),
    description: '財産情報, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.foundOn, row.id], direction: 'desc' }),
  })
  assets!: Connection<Asset>;

  @entity.many(() => ExecutionStay, executionStays, {
    rule: needs('disposition:read'),
    description: '執行停止, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.decidedOn, row.id], direction: 'desc' }),
  })
  executionStays!: Connection<ExecutionStay>;
}
