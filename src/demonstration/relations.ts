import { addAddressee, nextAddresseeNo, placeElsewhere, type Addressee, type Place } from './addressee.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import { ACTORS } from './staffList.js';
import type { Random } from './random.js';

/** A member's part of a joint property (持分). */
export interface Share {
  readonly member: Addressee;
  readonly numerator: number;
  readonly denominator: number;
}

/** 共有: its own addressee, named after the representative (the first), with the others counted. */
export function addJointOwner(book: Book, shares: readonly Share[], place: Place, from: DayNo): Addressee {
  const [first] = shares;
  const others = `外${shares.length - 1}名`;
  const joint: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'joint',
    name: `${first?.member.name ?? ''}　${others}`,
    kana: `${first?.member.kana ?? ''}　ホカ`,
    resident: false,
    place,
  };
  addAddressee(book, joint, from);
  const changeId = book.change('coOwner.register', from, ACTORS.assets, 'ASSESSMENT');
  shares.forEach(({ member, numerator, denominator }, at) => {
    book.add('co_owner', {
      id: book.next('co_owner'),
      joint_no: joint.addresseeNo,
      member_no: member.addresseeNo,
      share_numerator: numerator,
      share_denominator: denominator,
      representative: at === 0,
      valid_from: from,
      valid_to: null,
      change_id: changeId,
    });
  });
  return joint;
}

/** 納税管理人 or 相続人代表者: who receives documents in the debtor's place; all items when none is named. */
export function addManager(
  book: Book,
  kind: 'taxManager' | 'heirRepresentative',
  debtor: Addressee,
  manager: Addressee,
  from: DayNo,
  taxItem: string | null,
): void {
  book.add('tax_manager', {
    id: book.next('tax_manager'),
    addressee_no: debtor.addresseeNo,
    manager_no: manager.addresseeNo,
    kind,
    tax_item: taxItem,
    valid_from: from,
    valid_to: null,
    change_id: book.change('taxManager.register', from, ACTORS.assets, 'ASSESSMENT'),
  });
}

/** 送付先: another address for documents. */
export function addMailingAddress(
  book: Book,
  debtor: Addressee,
  recipient: string,
  place: Place,
  from: DayNo,
  taxItem: string | null,
): void {
  book.add('mailing_address', {
    id: book.next('mailing_address'),
    addressee_no: debtor.addresseeNo,
    tax_item: taxItem,
    recipient,
    postal_code: place.postalCode,
    address: place.address,
    valid_from: from,
    valid_to: null,
    change_id: book.change('mailingAddress.register', from, ACTORS.mandates, 'COLLECTION'),
  });
}

/** 支援措置: a protection of a person, whom it reaches, and the staff named for it. */
export interface ProtectionFacts {
  readonly kind: 'domesticViolence' | 'stalking' | 'childAbuse' | 'similar';
  readonly person: Addressee;
  /** Household members named with the person. */
  readonly with: readonly Addressee[];
  readonly source: string;
  readonly staff: readonly string[];
}

const PROTECTION_DAYS = 364;

/** Enters a protection that is in force today and was renewed each year. */
export function addProtection(book: Book, random: Random, facts: ProtectionFacts): void {
  const id = book.next('protection');
  const validFrom = book.today - random.between(30, 300);
  const period = { valid_from: validFrom, valid_to: validFrom + PROTECTION_DAYS };
  const changeId = book.change('protection.register', validFrom, ACTORS.residents, 'COUNTER');
  book.add('protection', {
    id,
    addressee_no: facts.person.addresseeNo,
    kind: facts.kind,
    source: facts.source,
    ...period,
    change_id: changeId,
  });
  for (const { addresseeNo } of [facts.person, ...facts.with]) {
    book.add('protection_reach', { protection_id: id, addressee_no: addresseeNo, ...period });
  }
  for (const staffId of facts.staff) {
    book.add('protection_staff', { protection_id: id, staff_id: staffId, ...period, change_id: changeId });
  }
}

/** A safe address for documents of a protected person: not where she lives. */
export function safePlace(random: Random): Place {
  return { ...placeElsewhere(random), address: '暁県青原市東町1番1号　暁県女性相談支援センター気付' };
}
