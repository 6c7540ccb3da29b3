import type { Book } from './book.js';
import type { DayNo } from './days.js';
import { foldAddress, foldKana, foldName } from '../collection/addressee/addressee.fold.js';
import type { Sex } from './names.js';
import { ACTORS } from './staffList.js';
import { AREA_CODE, BRANCHES, BUILDINGS, ELSEWHERE, TOWNS, type Town } from './words/places.js';
import type { Random } from './random.js';

export type AddresseeKind = 'person' | 'company' | 'joint' | 'association' | 'publicBody';

/** Where somebody lives or has the head office. */
export interface Place {
  readonly postalCode: string;
  readonly address: string;
  readonly branchCode: string;
  readonly district: string;
}

/** What is known of an addressee (宛名) today. */
export interface Addressee {
  readonly addresseeNo: string;
  /** 団体内統合宛名番号; without one, the one that is scattered from the addressee number. */
  readonly unifiedAddresseeNo?: string;
  readonly kind: AddresseeKind;
  readonly name: string;
  readonly kana: string;
  readonly alias?: string | null;
  readonly formerSurname?: string | null;
  readonly birthOn?: DayNo | null;
  readonly sex?: Sex | null;
  readonly resident: boolean;
  readonly place: Place;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly householdNo?: string | null;
  readonly relationship?: string | null;
  readonly diedOn?: DayNo | null;
  readonly movedOutOn?: DayNo | null;
  readonly corporateNo?: string | null;
  readonly payrollAgentNo?: string | null;
  readonly mergedInto?: string | null;
  /** Another address before, and the day from which today's holds (転居). */
  readonly moved?: { readonly from: Place; readonly on: DayNo };
}

const ADDRESSEE_NO_DIGITS = 10;
/** Multiplier and modulus (2^31 − 1) that scatter unified numbers, so that they do not follow addressee numbers. */
const SCATTER = 48_271n;
const SCATTER_MODULUS = 2_147_483_647n;
const UNIFIED_NO_BASE = 700_000_000_000_000n;

/** The next 宛名番号, ten digits. Numbers are never used twice. */
export function nextAddresseeNo(book: Book): string {
  return String(book.next('addressee')).padStart(ADDRESSEE_NO_DIGITS, '0');
}

/** 団体内統合宛名番号 of an addressee number: fifteen digits, one to one. */
export function unifiedAddresseeNo(addresseeNo: string): string {
  return String(UNIFIED_NO_BASE + ((BigInt(addresseeNo) * SCATTER) % SCATTER_MODULUS));
}

/** A corporate number (法人番号) with its check digit, in a registry range that does not exist. */
export function corporateNo(serial: number): string {
  const body = `9901${String(serial).padStart(8, '0')}`;
  const sum = [...body]
    .toReversed()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 2), 0);
  return `${9 - (sum % 9)}${body}`;
}

/** A place in the municipality; every third is in a building. */
export function placeInTown(random: Random, town: Town = random.pick(TOWNS)): Place {
  const block = `${random.between(1, 28)}番${random.between(1, 30)}号`;
  const building = random.chance(330)
    ? `　${random.pick(BUILDINGS)}${random.between(1, 8)}0${random.between(1, 9)}`
    : '';
  const { postalCode, branchCode, district } = town;
  return { postalCode, branchCode, district, address: `蔵守市${town.name}${block}${building}` };
}

/** A place in another municipality, looked after by the main office. */
export function placeElsewhere(random: Random): Place {
  const [postalCode, town] = random.pick(ELSEWHERE);
  const address = `${town}${random.between(1, 40)}番${random.between(1, 20)}号`;
  return { postalCode, address, branchCode: BRANCHES.main, district: '市外' };
}

/** A telephone number in a range that is not assigned. */
export function phoneNumber(random: Random): string {
  return random.chance(600)
    ? `090-0${random.digits(3)}-${random.digits(4)}`
    : `${AREA_CODE}-${random.between(20, 79)}-${random.digits(4)}`;
}

/** Writes the addressee as of today, and the versions that led there. */
export function addAddressee(book: Book, addressee: Addressee, knownFrom: DayNo): void {
  const { addresseeNo, moved } = addressee;
  const row = attributesOf(addressee);
  book.add('addressee', {
    addressee_no: addresseeNo,
    kind: addressee.kind,
    unified_addressee_no: addressee.unifiedAddresseeNo ?? unifiedAddresseeNo(addresseeNo),
    corporate_no: addressee.corporateNo ?? null,
    payroll_agent_no: addressee.payrollAgentNo ?? null,
    branch_code: addressee.place.branchCode,
    merged_into: addressee.mergedInto ?? null,
    ...row,
    name_folded: foldName(addressee.name),
    kana_folded: foldKana(addressee.kana),
    address_folded: foldAddress(addressee.place.address),
    version_no: moved === undefined ? 1 : 2,
  });
  if (moved === undefined) return addVersion(book, addresseeNo, 1, knownFrom, row);
  const { postalCode, address } = moved.from;
  const before = { ...row, postal_code: postalCode, address, died_on: null, moved_out_on: null };
  addVersion(book, addresseeNo, 1, knownFrom, before);
  addVersion(book, addresseeNo, 2, moved.on, row);
}

function addVersion(
  book: Book,
  addresseeNo: string,
  versionNo: number,
  validFrom: DayNo,
  row: ReturnType<typeof attributesOf>,
): void {
  const action = versionNo === 1 ? 'addressee.register' : 'addressee.change';
  book.add('addressee_version', {
    addressee_no: addresseeNo,
    version_no: versionNo,
    valid_from: validFrom,
    change_id: book.change(action, validFrom, ACTORS.residents, 'COLLECTION'),
    ...row,
  });
}

function attributesOf(addressee: Addressee) {
  return {
    name: addressee.name,
    kana: addressee.kana,
    official_kana: addressee.kind === 'person' ? addressee.kana : null,
    alias: addressee.alias ?? null,
    former_surname: addressee.formerSurname ?? null,
    birth_date: addressee.birthOn ?? null,
    sex: addressee.kind === 'person' ? (addressee.sex ?? 'unknown') : null,
    residence: addressee.resident ? 'resident' : 'nonResident',
    postal_code: addressee.place.postalCode,
    address: addressee.place.address,
    phone: addressee.phone ?? null,
    email: addressee.email ?? null,
    household_no: addressee.householdNo ?? null,
    relationship: addressee.relationship ?? null,
    died_on: addressee.diedOn ?? null,
    moved_out_on: addressee.movedOutOn ?? null,
  };
}
