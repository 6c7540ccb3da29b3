import {
  addAddressee,
  corporateNo,
  nextAddresseeNo,
  phoneNumber,
  placeElsewhere,
  placeInTown,
  type Addressee,
} from './addressee.js';
import { fixedAssetBase, yearly, type Years } from './assessments.js';
import type { Book } from './book.js';
import { dayIn, type DayNo } from './days.js';
import { keepLedger } from './ledger.js';
import { fiscalYear, type Assessment, type CorporateReturn } from './levies.js';
import { addDebitAccount } from './mandates.js';
import { companyName, fullName, surname } from './names.js';
import { somePayer } from './payer.js';
import type { Random } from './random.js';
import { ASSOCIATIONS, PUBLIC_BODIES } from './words/bodies.js';
import { TOWNS } from './words/places.js';

const PAYROLL_AGENT_PER_THOUSAND = 650;
/** 法人市民税均等割, yen a year, by size. */
const PER_CAPITA_LEVIES: readonly (readonly [bigint, number])[] = [
  [50_000n, 78],
  [130_000n, 14],
  [160_000n, 6],
  [400_000n, 2],
];

/** A company with all it pays: corporate tax, fixed assets, and as an employer (特別徴収義務者) its people's resident tax. */
export function addCompany(book: Book, random: Random, shown: Years, knownFrom: DayNo): Addressee {
  const number = book.next('company');
  const local = random.chance(700);
  const isAgent = random.chance(PAYROLL_AGENT_PER_THOUSAND);
  const company: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'company',
    ...companyName(random, number),
    resident: false,
    place: local ? placeInTown(random) : placeElsewhere(random),
    phone: phoneNumber(random),
    corporateNo: corporateNo(number),
    payrollAgentNo: isAgent ? String(90_000_000_000 + book.next('payrollAgent')) : null,
  };
  addAddressee(book, company, knownFrom);
  const { addresseeNo } = company;
  const taxed = local
    ? yearly(random, shown, { item: 'fixedAssetTax', addresseeNo, base: fixedAssetBase(random) * 3n })
    : [];
  const payer = somePayer(
    random,
    random.weighted([
      ['reliable', 80],
      ['debit', 12],
      ['lax', 7],
      ['chronic', 1],
    ] as const),
  );
  if (payer.habit === 'debit') addDebitAccount(book, random, company, payer.bankCode, knownFrom);
  keepLedger(book, random, {
    addresseeNo,
    district: company.place.district,
    payer,
    assessments: taxed,
    returns: local ? corporateReturns(book, random, shown, addresseeNo) : [],
  });
  if (isAgent) keepPayroll(book, random, shown, company);
  return company;
}

function keepPayroll(book: Book, random: Random, shown: Years, company: Addressee): void {
  const { addresseeNo } = company;
  const employees = random.weighted([
    [1, 40],
    [4, 35],
    [12, 18],
    [60, 7],
  ] as const);
  const assessments: Assessment[] = yearly(random, shown, {
    item: 'residentTaxPayroll',
    addresseeNo,
    base: random.yen(70_000, 260_000, 100) * BigInt(employees),
  }).map((assessment) => ({ ...assessment, payrollAgentNo: company.payrollAgentNo ?? '' }));
  const payer = somePayer(random, random.chance(970) ? 'withheld' : 'lax');
  keepLedger(book, random, { addresseeNo, district: company.place.district, payer, assessments });
}

/** 申告納付: due two months after each business year. */
function corporateReturns(book: Book, random: Random, shown: Years, addresseeNo: string): CorporateReturn[] {
  const closingMonth = random.pick([3, 3, 3, 9, 12, 6]);
  const perCapita = random.weighted(PER_CAPITA_LEVIES);
  const made: CorporateReturn[] = [];
  for (let at = 0; at <= shown.last - shown.first; at += 1) {
    const dueOn = dayIn(shown.first + at, closingMonth + 2, 0);
    const filedOn = dueOn - random.between(3, 40);
    if (filedOn > book.today || fiscalYear(dueOn) < shown.first) continue;
    const profit = random.chance(350) ? random.yen(0, 3_000_000, 100) : 0n;
    made.push({
      addresseeNo,
      year: fiscalYear(dueOn),
      businessYearNo: at + 1,
      filedOn,
      dueOn,
      amount: perCapita + profit,
    });
  }
  return made;
}

/** 自治会, 管理組合 and the like: fixed assets only. */
export function addAssociation(book: Book, random: Random, shown: Years, knownFrom: DayNo): void {
  const [word, kana] = random.pick(ASSOCIATIONS);
  const town = random.pick(TOWNS);
  const chair = fullName(random, surname(random), random.chance(700) ? 'male' : 'female', 1955);
  const association: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'association',
    name: `${town.name}${word}　会長　${chair.name}`,
    kana: `${kana}　${chair.kana}`,
    resident: false,
    place: placeInTown(random, town),
    phone: phoneNumber(random),
  };
  addAddressee(book, association, knownFrom);
  const assessments = yearly(random, shown, {
    item: 'fixedAssetTax',
    addresseeNo: association.addresseeNo,
    base: fixedAssetBase(random),
  });
  keepLedger(book, random, {
    addresseeNo: association.addresseeNo,
    district: association.place.district,
    payer: somePayer(random, 'reliable'),
    assessments,
  });
}

/** Public bodies (公共団体) are in the register and pay nothing. */
export function addPublicBodies(book: Book, random: Random, knownFrom: DayNo): void {
  for (const [name, kana] of PUBLIC_BODIES) {
    const place = placeInTown(random);
    addAddressee(
      book,
      { addresseeNo: nextAddresseeNo(book), kind: 'publicBody', name, kana, resident: false, place },
      knownFrom,
    );
  }
}
