import { eq } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { debitAccounts, mailingAddresses, taxItems } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { TaxItem } from '../levy/taxItem.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { AccountType } from '../words.graphql.js';

const LEDGER = needs('ledger:read');
const CONTACT = needs('addressee:contact');
const ACCOUNT = needs('account:read');

const mailing = defineEntity('MailingAddress', mailingAddresses, {
  description: '送付先. Where documents of one or all tax items go.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 送付先 (handbook 06 §2). */
@mailing.object
export class MailingAddress {
  @mailing.column(() => ID, mailingAddresses.id, { rule: CONTACT, description: '番号', nullable: false })
  id!: string;

  @mailing.one(() => TaxItem, taxItems, {
    rule: LEDGER,
    description: '税目. None: all items.',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @mailing.column(() => String, mailingAddresses.recipient, {
    rule: CONTACT.protected(),
    description: '送付先氏名',
  })
  recipient!: string | null;

  @mailing.column(() => String, mailingAddresses.postalCode, {
    rule: CONTACT.protected(),
    description: '郵便番号',
  })
  postalCode!: string | null;

  @mailing.column(() => String, mailingAddresses.address, {
    rule: CONTACT.protected(),
    description: '送付先住所',
  })
  address!: string | null;

  @mailing.column(() => DateScalar, mailingAddresses.validFrom, {
    rule: CONTACT,
    description: '有効開始日',
    nullable: false,
  })
  validFrom!: string;

  @mailing.column(() => DateScalar, mailingAddresses.validTo, { rule: CONTACT, description: '有効終了日' })
  validTo!: string | null;
}

const account = defineEntity('DebitAccount', debitAccounts, {
  description: '口座振替情報. The account that one or all tax items are debited from.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 口座振替情報. The branch of a protected person's bank would tell where he lives. */
@account.object
export class DebitAccount {
  @account.column(() => ID, debitAccounts.id, { rule: ACCOUNT, description: '番号', nullable: false })
  id!: string;

  @account.one(() => TaxItem, taxItems, {
    rule: LEDGER,
    description: '税目. None: all items.',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @account.column(() => String, debitAccounts.bankCode, {
    rule: ACCOUNT,
    description: '金融機関コード',
    nullable: false,
  })
  bankCode!: string;

  @account.column(() => String, debitAccounts.bankBranchCode, {
    rule: ACCOUNT.protected(),
    description: '支店コード',
  })
  bankBranchCode!: string | null;

  @account.column(() => AccountType, debitAccounts.accountType, {
    rule: ACCOUNT,
    description: '預金種別',
    nullable: false,
  })
  accountType!: string;

  @account.column(() => String, debitAccounts.accountNo, {
    rule: ACCOUNT,
    description: '口座番号',
    nullable: false,
  })
  accountNo!: string;

  @account.column(() => String, debitAccounts.holderKana, {
    rule: ACCOUNT,
    description: '口座名義人カナ',
    nullable: false,
  })
  holderKana!: string;

  @account.column(() => DateScalar, debitAccounts.validFrom, {
    rule: ACCOUNT,
    description: '有効開始日',
    nullable: false,
  })
  validFrom!: string;

  @account.column(() => DateScalar, debitAccounts.validTo, { rule: ACCOUNT, description: '有効終了日' })
  validTo!: string | null;
}
