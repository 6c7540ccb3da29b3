import {
  addAddressee,
  nextAddresseeNo,
  phoneNumber,
  placeElsewhere,
  placeInTown,
  type Addressee,
  type Place,
} from './addressee.js';
import type { Years } from './assessments.js';
import type { Book } from './book.js';
import { dayIn, type DayNo } from './days.js';
import type { Household, Resident } from './households.js';
import { itemCodeOf } from './levies.js';
import type { Sex } from './names.js';
import type { Habit } from './payer.js';
import type { Random } from './random.js';
import { addJointOwner, addMailingAddress, addManager, addProtection, safePlace } from './relations.js';
import { keepFixedAssets, keepResidentLedger, register } from './residents.js';
import { ACTORS } from './staffList.js';

/** Residents that every demonstration has, whatever its seed. */
export const CAST_SIZE = 9;

interface Role {
  readonly name: string;
  readonly kana: string;
  readonly sex: Sex;
  readonly birthYear: number;
  readonly relationship: string;
  readonly formerSurname?: string;
  readonly diedOn?: DayNo;
}

interface Stage {
  readonly book: Book;
  readonly random: Random;
  readonly shown: Years;
  readonly from: DayNo;
}

/**
 * 支援措置 in every relation that a document or a query can come through (handbook 06 §5 item 7): debtor, co-owner, heir,
 * tax manager, householder. Each with the staff named for it.
 */
export function addCast(book: Book, random: Random, shown: Years, from: DayNo): void {
  const stage: Stage = { book, random, shown, from };
  addProtectedDebtor(stage);
  addProtectedCoOwner(stage);
  addProtectedHeir(stage);
  addProtectedManager(stage);
  addProtectedHouseholder(stage);
}

/** A debtor in arrears, with her child; documents go to a safe address. */
function addProtectedDebtor(stage: Stage): void {
  const { book, random, from } = stage;
  const home = settle(stage, [
    {
      name: '栁澤　美咲',
      kana: 'ヤナギサワ　ミサキ',
      sex: 'female',
      birthYear: 1988,
      relationship: '世帯主',
      formerSurname: '髙橋',
    },
    { name: '栁澤　陽菜', kana: 'ヤナギサワ　ヒナ', sex: 'female', birthYear: 2016, relationship: '子' },
  ]);
  const [mother, child] = home.residents;
  if (mother === undefined || child === undefined) return;
  keepLedgers(stage, home, mother, 'chronic');
  keepFixedAssets(book, random, mother, stage, 'lax');
  addMailingAddress(book, mother, mother.name, safePlace(random), from, null);
  addProtection(book, random, {
    kind: 'domesticViolence',
    person: mother,
    with: [child],
    source: '本市申出',
    staff: [ACTORS.officers[0], ACTORS.receipts],
  });
}

/** A co-owner: the property is joint with the person she is protected from. */
function addProtectedCoOwner(stage: Stage): void {
  const { book, random, from } = stage;
  const home = settle(stage, [
    {
      name: '渡邉\u{E0104}　智子',
      kana: 'ワタナベ　トモコ',
      sex: 'female',
      birthYear: 1979,
      relationship: '世帯主',
    },
  ]);
  const [owner] = home.residents;
  if (owner === undefined) return;
  const other: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'person',
    name: '渡邊\u{E0101}　剛',
    kana: 'ワタナベ　ツヨシ',
    sex: 'male',
    birthOn: dayIn(1976, 5, 9),
    resident: false,
    place: placeElsewhere(random),
    phone: phoneNumber(random),
  };
  addAddressee(book, other, from);
  const shares = [
    { member: other, numerator: 1, denominator: 2 },
    { member: owner, numerator: 1, denominator: 2 },
  ];
  keepFixedAssets(book, random, addJointOwner(book, shares, other.place, from), stage, 'lax');
  addProtection(book, random, {
    kind: 'domesticViolence',
    person: owner,
    with: [],
    source: '他市町村からの通知',
    staff: [ACTORS.officers[1], ACTORS.assets],
  });
}

/** An heir representative: documents of the deceased come to her. */
function addProtectedHeir(stage: Stage): void {
  const { book, random } = stage;
  const diedOn = dayIn(stage.shown.first + 1, 11, 20);
  const home = settle(stage, [
    {
      name: '\u{20BB7}野　茂',
      kana: 'ヨシノ　シゲル',
      sex: 'male',
      birthYear: 1938,
      relationship: '世帯主',
      diedOn,
    },
    { name: '\u{20BB7}野　香織', kana: 'ヨシノ　カオリ', sex: 'female', birthYear: 1974, relationship: '子' },
  ]);
  const [father, heir] = home.residents;
  if (father === undefined || heir === undefined) return;
  keepFixedAssets(book, random, father, stage, 'chronic');
  addManager(book, 'heirRepresentative', father, heir, diedOn + 60, null);
  addProtection(book, random, {
    kind: 'stalking',
    person: heir,
    with: [],
    source: '本市申出',
    staff: [ACTORS.officers[2], ACTORS.assets],
  });
}

/** A tax manager: her address stands on the documents of an owner abroad. */
function addProtectedManager(stage: Stage): void {
  const { book, random, from } = stage;
  const home = settle(stage, [
    {
      name: '葛\u{E0100}西　直美',
      kana: 'カサイ　ナオミ',
      sex: 'female',
      birthYear: 1969,
      relationship: '世帯主',
    },
  ]);
  const [manager] = home.residents;
  if (manager === undefined) return;
  const place: Place = {
    ...placeElsewhere(random),
    postalCode: '0000000',
    address: 'シンガポール共和国（詳細は納税管理人）',
  };
  const owner: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'person',
    name: '葛\u{E0100}西　亮',
    kana: 'カサイ　リョウ',
    sex: 'male',
    birthOn: dayIn(1971, 2, 14),
    resident: false,
    place,
  };
  addAddressee(book, owner, from);
  addManager(book, 'taxManager', owner, manager, from, itemCodeOf(book, 'fixedAssetTax'));
  keepFixedAssets(book, random, owner, stage, 'lax');
  addProtection(book, random, {
    kind: 'similar',
    person: manager,
    with: [],
    source: '本市申出',
    staff: [ACTORS.officers[3], ACTORS.assets],
  });
}

/** A householder: whoever lives with him is reached as well. One name has a character not yet in Unicode (plane 15). */
function addProtectedHouseholder(stage: Stage): void {
  const { book, random } = stage;
  const home = settle(stage, [
    {
      name: '\u{F0001}本　健一',
      kana: 'スギモト　ケンイチ',
      sex: 'male',
      birthYear: 1981,
      relationship: '世帯主',
    },
    { name: '\u{F0001}本　結衣', kana: 'スギモト　ユイ', sex: 'female', birthYear: 2012, relationship: '子' },
    { name: '\u{F0001}本　湊', kana: 'スギモト　ミナト', sex: 'male', birthYear: 2015, relationship: '子' },
  ]);
  const [head, ...children] = home.residents;
  if (head === undefined) return;
  keepLedgers(stage, home, head, 'lax');
  keepFixedAssets(book, random, head, stage, 'reliable');
  addProtection(book, random, {
    kind: 'childAbuse',
    person: head,
    with: children,
    source: '児童相談所からの要請',
    staff: [ACTORS.officers[0], ACTORS.residents],
  });
}

function keepLedgers(
  { book, random, shown }: Stage,
  home: Household,
  resident: Resident,
  habit: Habit,
): void {
  keepResidentLedger(book, random, home, resident, shown, habit);
}

function settle({ book, random, from }: Stage, roles: readonly Role[]): Household {
  const householdNo = String(book.next('household')).padStart(9, '0');
  const place = placeInTown(random);
  const residents = roles.map(({ birthYear, ...role }): Resident => ({
    addresseeNo: nextAddresseeNo(book),
    kind: 'person',
    ...role,
    birthOn: dayIn(birthYear, 4, random.between(1, 28)),
    age: stageYear(book) - birthYear,
    resident: true,
    place,
    householdNo,
    phone: phoneNumber(random),
  }));
  const household = { householdNo, place, residents, knownFrom: from };
  register(book, household);
  return household;
}

function stageYear(book: Book): number {
  return 1970 + Math.floor(book.today / 365.2425);
}
