import { randomUUID } from 'node:crypto';
import type { PurposeName } from '../../src/access/purposes.js';
import type { BuiltInRole } from '../../src/access/roles.js';
import type { Random } from '../../src/demonstration/random.js';
import {
  AUDIT_SEARCH,
  BALANCES_PAGE,
  CASE_LIST,
  CASE_PAGE,
  ENTER_RECEIPT,
  FIND_BRANCH_PEOPLE,
  FIND_PEOPLE,
  LEDGER,
  LEVIES,
  OVERPAYMENT_LIST,
  PERSON_PAGE,
  PROPOSE_REFUND,
  RECEIPT_HISTORY,
  RECEIPTS_OF_DAYS,
  RECORD_CONTACT,
  REFUND_LIST,
  UNIDENTIFIED,
} from './mixDocuments.js';

/** Roles of people in the mix. */
export type MixRole = Exclude<
  BuiltInRole,
  'transferJob' | 'numberHandler' | 'accessAdministrator' | 'maintenanceContractor'
>;

/** Proposals that one overpayment is enough for. */
export const REFUND_PARTS = 5;

/** What the operations are about, read from the database beforehand. */
export interface MixMaterial {
  readonly people: readonly { addresseeNo: string; name: string; kana: string; birthDate: string | null }[];
  /** The people of the branch that the branch's clerks belong to. */
  readonly branchPeople: readonly { addresseeNo: string; name: string }[];
  readonly noticeNos: readonly string[];
  /** Beginnings of addresses. */
  readonly addresses: readonly string[];
  readonly cases: readonly { caseNo: string; officerId: string }[];
  /** Lines with something to pay; each is paid by one receipt. */
  readonly openLevies: readonly { id: string; taxOutstanding: string }[];
  /** Overpayments with money left, and a part of it. */
  readonly overpayments: readonly { id: string; part: string }[];
  readonly staffIds: readonly string[];
  readonly fiscalYear: number;
  /** Days, both inclusive. */
  readonly days: { readonly from: string; readonly to: string };
}

/** Draws what one operation is about; `serial` counts the operations of the kind, so that nothing is changed twice. */
type Draw = (material: MixMaterial, random: Random, serial: number) => Readonly<Record<string, unknown>>;

/** One kind of operation. */
export interface MixOperation {
  readonly kind: string;
  readonly purpose: PurposeName;
  readonly document: string;
  readonly variables: Draw;
}

const person: Draw = ({ people }, random) => ({ addresseeNo: random.pick(people).addresseeNo });
const personAndYear: Draw = (material, random, serial) => ({
  ...person(material, random, serial),
  fiscalYear: material.fiscalYear,
});
const branchPerson: Draw = ({ branchPeople }, random) => ({
  addresseeNo: random.pick(branchPeople).addresseeNo,
});
const familyName = (name: string) => name.split(/[\s　]/)[0] ?? name;

const operation = (kind: string, purpose: PurposeName, document: string, variables: Draw): MixOperation => ({
  kind,
  purpose,
  document,
  variables,
});

const findByKana = (purpose: PurposeName) =>
  operation('find.kana', purpose, FIND_PEOPLE, ({ people }, random) => {
    const { kana, birthDate } = random.pick(people);
    return { filter: birthDate !== null && random.chance(500) ? { kana, birthDate } : { kana } };
  });
const findByName = (purpose: PurposeName) =>
  operation('find.name', purpose, FIND_PEOPLE, ({ people }, random) => ({
    filter: { name: familyName(random.pick(people).name) },
  }));
const findByNumber = (purpose: PurposeName) =>
  operation('find.number', purpose, FIND_PEOPLE, ({ people, noticeNos }, random) => ({
    filter: random.chance(500)
      ? { noticeNo: random.pick(noticeNos) }
      : { addresseeNo: random.pick(people).addresseeNo },
  }));
const personPage = (purpose: PurposeName) => operation('person', purpose, PERSON_PAGE, person);
const ledger = (purpose: PurposeName) => operation('ledger', purpose, LEDGER, personAndYear);
const receiptHistory = (purpose: PurposeName) =>
  operation('receipts.person', purpose, RECEIPT_HISTORY, person);

const enterReceipt = operation('receipt.enter', 'COLLECTION', ENTER_RECEIPT, (material, _random, serial) => {
  const levy = nth(material.openLevies, serial);
  const { to: paidOn } = material.days;
  const input = { idempotencyKey: randomUUID(), source: 'COUNTER', levyId: levy.id, paidOn };
  return { input: { ...input, taxAmount: Number(levy.taxOutstanding) } };
});

const caseList = operation('case.list', 'DELINQUENCY', CASE_LIST, ({ cases }, random) => ({
  officerId: random.pick(cases).officerId,
}));
const casePage = operation('case', 'DELINQUENCY', CASE_PAGE, ({ cases }, random) => ({
  caseNo: random.pick(cases).caseNo,
}));
const recordContact = operation(
  'contact.record',
  'DELINQUENCY',
  RECORD_CONTACT,
  ({ cases, days }, random) => ({
    input: {
      idempotencyKey: randomUUID(),
      caseNo: random.pick(cases).caseNo,
      contactedAt: `${days.to}T09:30:00+09:00`,
      method: 'PHONE',
      counterpart: '本人',
      summary: '電話にて納付を催告。月末までに一部納付するとの申出あり。',
      nextActionOn: null,
    },
  }),
);

/** Each overpayment is given back in parts, so that there is something left to propose as long as it is measured. */
const proposeRefund = operation('refund.propose', 'REFUND', PROPOSE_REFUND, (material, _random, serial) => {
  const { overpayments } = material;
  const isLeft = serial < overpayments.length * REFUND_PARTS;
  const { id, part } = nth(overpayments, isLeft ? serial % overpayments.length : serial);
  return {
    input: {
      idempotencyKey: randomUUID(),
      overpaymentId: id,
      amount: Number(part),
      reason: '二重納付のため還付する。',
      noOffsetReason: '徴収猶予中のため充当できない。',
    },
  };
});
const refundList = operation('refund.list', 'REFUND', REFUND_LIST, () => ({ state: 'PROPOSED' }));

const auditBySubject = operation('audit.subject', 'AUDIT', AUDIT_SEARCH, ({ people }, random) => ({
  filter: { subject: random.pick(people).addresseeNo },
}));
const auditByActor = operation('audit.actor', 'AUDIT', AUDIT_SEARCH, ({ staffIds }, random) => ({
  filter: { actorId: random.pick(staffIds) },
}));
const auditByField = operation('audit.field', 'AUDIT', AUDIT_SEARCH, ({ staffIds }, random) => ({
  filter: { actorId: random.pick(staffIds), coordinate: 'Addressee.address' },
}));

/**
 * What each role does, and how often in a hundred times. A counter finds the person first, mostly by kana and birth
 * date as read out (handbook 06 §3), and then looks at what is owed (person summary) or at one year's lines for a
 * certificate; collection enters slips that came on paper and looks after 不明金 (01 §4.3); an officer goes from the list
 * to the case, and each talk leaves a contact record (03: 折衝経過); a refund is proposed by one person and decided by
 * another (04 §1); auditors ask who looked at a person, and what a member of staff looked at (11 §4).
 */
export const MIX: Readonly<Record<MixRole, readonly (readonly [MixOperation, number])[]>> = {
  counterClerk: [
    [findByKana('COUNTER'), 25],
    [findByName('COUNTER'), 10],
    [findByNumber('COUNTER'), 15],
    [personPage('COUNTER'), 20],
    [ledger('COUNTER'), 25],
    [receiptHistory('COUNTER'), 5],
  ],
  branchClerk: [
    [
      operation('find.branch', 'COUNTER', FIND_BRANCH_PEOPLE, ({ branchPeople }, random) => ({
        filter: { name: familyName(random.pick(branchPeople).name) },
      })),
      40,
    ],
    [operation('balances', 'COUNTER', BALANCES_PAGE, branchPerson), 60],
  ],
  collectionClerk: [
    [findByNumber('COLLECTION'), 20],
    [ledger('COLLECTION'), 25],
    [receiptHistory('COLLECTION'), 15],
    [operation('receipts.days', 'COLLECTION', RECEIPTS_OF_DAYS, ({ days }) => days), 10],
    [operation('unidentified.list', 'COLLECTION', UNIDENTIFIED, () => ({})), 5],
    [enterReceipt, 25],
  ],
  delinquencyOfficer: [
    [caseList, 15],
    [casePage, 35],
    [ledger('DELINQUENCY'), 15],
    [findByKana('DELINQUENCY'), 10],
    [recordContact, 25],
  ],
  refundOfficer: [
    [operation('overpayment.list', 'REFUND', OVERPAYMENT_LIST, () => ({})), 20],
    [refundList, 15],
    [personPage('REFUND'), 25],
    [ledger('REFUND'), 30],
    [proposeRefund, 10],
  ],
  assessmentClerk: [
    [
      operation('find.address', 'ASSESSMENT', FIND_PEOPLE, ({ addresses }, random) => ({
        filter: { address: random.pick(addresses) },
      })),
      30,
    ],
    [findByName('ASSESSMENT'), 20],
    [operation('levies', 'ASSESSMENT', LEVIES, personAndYear), 50],
  ],
  sectionChief: [
    [refundList, 40],
    [caseList, 20],
    [casePage, 40],
  ],
  auditor: [
    [auditBySubject, 50],
    [auditByActor, 30],
    [auditByField, 20],
  ],
};

function nth<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError('The measurement ran out of what it may change.');
  return found;
}
