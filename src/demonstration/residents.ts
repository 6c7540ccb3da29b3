import { addAddressee, nextAddresseeNo, placeElsewhere, type Addressee, type Place } from './addressee.js';
import { fixedAssetBase, residentAssessments, yearly, type Years } from './assessments.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import { makeHousehold, type Household, type Resident } from './households.js';
import { keepLedger } from './ledger.js';
import { fiscalYear, itemCodeOf, type Assessment } from './levies.js';
import { addDebitAccount } from './mandates.js';
import { fullName, surname } from './names.js';
import { somePayer, type Payer } from './payer.js';
import type { Random } from './random.js';
import { addJointOwner, addMailingAddress, addManager, addProtection } from './relations.js';
import { ACTORS } from './staffList.js';

const OWNERS_PER_THOUSAND = 520;
const JOINT_PER_THOUSAND = 130;
const PROTECTED_PER_THOUSAND = 3;
const MAILING_PER_THOUSAND = 15;
const ELSEWHERE_PER_THOUSAND = 45;
const DECEASED_PER_THOUSAND = 25;
const MOVED_OUT_PER_THOUSAND = 30;

/**
 * Makes a household, writes its people and keeps their ledgers.
 * @returns how many residents it has
 */
export function addHousehold(
  book: Book,
  random: Random,
  sizeMax: number,
  shown: Years,
  firstDay: DayNo,
): number {
  const household = withFates(book, random, makeHousehold(book, random, sizeMax, firstDay));
  register(book, household);
  for (const resident of household.residents) keepResidentLedger(book, random, household, resident, shown);
  if (random.chance(OWNERS_PER_THOUSAND)) keepProperty(book, random, household, shown);
  if (random.chance(ELSEWHERE_PER_THOUSAND)) addOwnerElsewhere(book, random, household, shown);
  addRarities(book, random, household);
  return household.residents.length;
}

/** Writes a household and its people. */
export function register(book: Book, household: Household): void {
  const [head] = household.residents;
  if (head === undefined) return;
  book.add('household', { household_no: household.householdNo, householder_no: head.addresseeNo });
  for (const resident of household.residents) addAddressee(book, resident, household.knownFrom);
}

/** Some died since, some moved away: both stay in the register, because their levies do. */
function withFates(book: Book, random: Random, household: Household): Household {
  const lived = book.today - household.knownFrom;
  const residents = household.residents.map((resident): Resident => {
    const since = household.knownFrom + random.between(Math.floor(lived / 2), lived - 10);
    if (resident.age >= 75 && random.chance(DECEASED_PER_THOUSAND * 2)) return { ...resident, diedOn: since };
    if (household.residents.length === 1 && random.chance(MOVED_OUT_PER_THOUSAND)) {
      return {
        ...resident,
        resident: false,
        movedOutOn: since,
        place: { ...placeElsewhere(random), branchCode: household.place.branchCode },
      };
    }
    return resident;
  });
  return { ...household, residents };
}

/** Resident tax, vehicles and 国保 of one resident; what a pension payer withholds is paid by the pension payer. */
export function keepResidentLedger(
  book: Book,
  random: Random,
  household: Household,
  resident: Resident,
  shown: Years,
  habit?: Payer['habit'],
): void {
  const made = residentAssessments(random, household, resident, shown).filter(({ year }) =>
    inTheRegister(resident, year),
  );
  if (made.length === 0) return;
  const { addresseeNo } = resident;
  const district = resident.place.district;
  const payer = habit === undefined ? somePayer(random) : somePayer(random, habit);
  if (payer.habit === 'debit') addDebitAccount(book, random, resident, payer.bankCode, household.knownFrom);
  const withheld = made.filter(({ item }) => item === 'residentTaxPension');
  keepLedger(book, random, {
    addresseeNo,
    district,
    payer,
    assessments: made.filter((one) => !withheld.includes(one)),
  });
  if (withheld.length > 0) {
    keepLedger(book, random, {
      addresseeNo,
      district,
      payer: somePayer(random, 'withheld'),
      assessments: withheld,
    });
  }
}

/** Nothing is assessed on somebody who had died or left before the year. */
function inTheRegister(resident: Resident, year: Assessment['year']): boolean {
  const left = resident.diedOn ?? resident.movedOutOn;
  return left === undefined || left === null || year <= fiscalYear(left);
}

/** Land and house: of the householder, or joint with the next adult; after a death the heir gets the documents. */
function keepProperty(book: Book, random: Random, household: Household, shown: Years): void {
  const [head, second] = household.residents;
  if (head === undefined) return;
  const joint = second !== undefined && second.age >= 20 && random.chance(JOINT_PER_THOUSAND);
  const shares = joint
    ? random.pick([
        [1, 2],
        [2, 3],
        [9, 10],
      ] as const)
    : undefined;
  const owner: Addressee =
    shares === undefined || second === undefined
      ? head
      : addJointOwner(
          book,
          [
            { member: head, numerator: shares[0], denominator: shares[1] },
            { member: second, numerator: shares[1] - shares[0], denominator: shares[1] },
          ],
          household.place,
          household.knownFrom,
        );
  keepFixedAssets(book, random, owner, { from: household.knownFrom, shown });
  if (owner === head && head.diedOn !== undefined && head.diedOn !== null && second !== undefined) {
    addManager(book, 'heirRepresentative', head, second, Math.min(head.diedOn + 45, book.today), null);
  }
}

/** The fixed-asset ledger of one owner. */
export function keepFixedAssets(
  book: Book,
  random: Random,
  owner: Addressee,
  since: { readonly from: DayNo; readonly shown: Years },
  habit?: Payer['habit'],
): void {
  const years = { first: Math.max(since.shown.first, fiscalYear(since.from)), last: since.shown.last };
  const assessments = yearly(random, years, {
    item: 'fixedAssetTax',
    addresseeNo: owner.addresseeNo,
    base: fixedAssetBase(random),
  });
  const payer = somePayer(
    random,
    habit ??
      random.weighted([
        ['reliable', 60],
        ['debit', 34],
        ['lax', 4],
        ['chronic', 2],
      ] as const),
  );
  if (payer.habit === 'debit') addDebitAccount(book, random, owner, payer.bankCode, since.from);
  keepLedger(book, random, {
    addresseeNo: owner.addresseeNo,
    district: owner.place.district,
    payer,
    assessments,
  });
}

/** 住登外: somebody who lives elsewhere and owns land here; of those abroad a resident is the tax manager. */
function addOwnerElsewhere(book: Book, random: Random, household: Household, shown: Years): void {
  const [head] = household.residents;
  const family = surname(random);
  const abroad = random.chance(200);
  const place: Place = abroad
    ? {
        ...placeElsewhere(random),
        postalCode: '0000000',
        address: 'アメリカ合衆国カリフォルニア州ロサンゼルス市（詳細は送付先参照）',
      }
    : placeElsewhere(random);
  const birthYear = random.between(1940, 1985);
  const sex = random.chance(600) ? 'male' : 'female';
  const owner: Addressee = {
    addresseeNo: nextAddresseeNo(book),
    kind: 'person',
    ...fullName(random, family, sex, birthYear),
    sex,
    resident: false,
    place,
  };
  addAddressee(book, owner, household.knownFrom);
  if (abroad && head !== undefined) {
    addManager(book, 'taxManager', owner, head, household.knownFrom, itemCodeOf(book, 'fixedAssetTax'));
  }
  keepFixedAssets(book, random, owner, { from: household.knownFrom, shown });
}

/** Mailing addresses and protections that some households have. */
function addRarities(book: Book, random: Random, household: Household): void {
  const [head] = household.residents;
  if (head === undefined) return;
  if (random.chance(MAILING_PER_THOUSAND)) {
    addMailingAddress(book, head, head.name, placeElsewhere(random), household.knownFrom, null);
  }
  const adult = household.residents.find(({ sex, age }) => sex === 'female' && age >= 20);
  if (adult === undefined || !random.chance(PROTECTED_PER_THOUSAND)) return;
  addProtection(book, random, {
    kind: random.weighted([
      ['domesticViolence', 60],
      ['stalking', 20],
      ['childAbuse', 12],
      ['similar', 8],
    ] as const),
    person: adult,
    with: household.residents.filter(({ age, addresseeNo }) => age < 18 && addresseeNo !== adult.addresseeNo),
    source: random.pick(['本市申出', '他市町村からの通知']),
    staff: [ACTORS.officers[0], ACTORS.residents],
  });
}
