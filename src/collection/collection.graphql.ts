import { AddresseeQueries } from './addressee/search.graphql.js';
import { NumberChanges, NumberQueries } from './addressee/number.vault.graphql.js';
import { ReferenceChangeQueries } from './addressee/reference.graphql.js';
import { ContactChanges } from './delinquency/contact.change.graphql.js';
import { DelinquencyCaseQueries } from './delinquency/delinquency.graphql.js';
import { OrganizationEndChanges } from './disposition/organizationEnd.change.graphql.js';
import { LevyQueries } from './levy/levy.graphql.js';
import { TaxItemQueries } from './levy/taxItem.graphql.js';
import { PromiseChanges } from './promise/promise.change.graphql.js';
import { PushChanges } from './push/push.change.graphql.js';
import { PushQueries } from './push/push.graphql.js';
import { ReceiptChanges } from './receipt/receipt.change.graphql.js';
import { ReceiptQueries } from './receipt/receipt.graphql.js';
import { UnidentifiedReceiptQueries } from './receipt/unidentified.graphql.js';
import { OverpaymentQueries } from './refund/overpayment.graphql.js';
import { RefundChanges } from './refund/refund.change.graphql.js';
import { RefundQueries } from './refund/refund.graphql.js';
import { StayChanges } from './stay/stay.change.graphql.js';
import { StayQueries } from './stay/stayProposal.graphql.js';
import { TransferSetAsideChanges } from './transfer/setAside.change.graphql.js';
import { TransferChanges } from './transfer/transfer.change.graphql.js';
import { TransferQueries } from './transfer/transferRound.graphql.js';
import { WriteOffReversalChanges } from './writeOff/reversal.change.graphql.js';
import { WriteOffReversalQueries } from './writeOff/reversal.graphql.js';
import { WriteOffChanges } from './writeOff/writeOff.change.graphql.js';
import { WriteOffQueries } from './writeOff/writeOffProposal.graphql.js';

/** What the collection domain publishes: its queries and changes, and through them its types. */
export const COLLECTION_RESOLVERS = [
  AddresseeQueries,
  LevyQueries,
  TaxItemQueries,
  ReceiptQueries,
  UnidentifiedReceiptQueries,
  OverpaymentQueries,
  RefundQueries,
  DelinquencyCaseQueries,
  StayQueries,
  WriteOffQueries,
  WriteOffReversalQueries,
  TransferQueries,
  ReceiptChanges,
  RefundChanges,
  ContactChanges,
  PromiseChanges,
  StayChanges,
  WriteOffChanges,
  WriteOffReversalChanges,
  TransferChanges,
  TransferSetAsideChanges,
  OrganizationEndChanges,
  NumberQueries,
  ReferenceChangeQueries,
  NumberChanges,
  PushQueries,
  PushChanges,
] as const;
