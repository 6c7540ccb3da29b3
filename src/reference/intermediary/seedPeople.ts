import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import { copyChange, PLAIN, type KeptCopy } from './body.js';
import { CODES, keyOf, NUMBERS, PERSONS } from './network.js';
import { BODIES, TAX_INFORMATION } from './seed.js';
import type { Change } from './store/store.js';

/** People of the municipality, by 団体内統合宛名番号; what is special about each stands in its name. */
export const PEOPLE = {
  accountRegistered: '000000000000101',
  codeNotAcquired: '000000000000102',
  /** Another number of the same person has taken its place: `supersedes`. */
  numberSuperseded: '000000000000103',
  supersedes: '000000000000104',
  deceased: '000000000000105',
  /** Lived in the other city, which holds tax information. */
  moved: '000000000000106',
  accountNotRegistered: '000000000000107',
  /** The registry found that the account is in another person's name, and gives it to nobody. */
  provisionStopped: '000000000000108',
  /** The account is at a bank that has closed. */
  bankClosed: '000000000000109',
  autoAnswerForbidden: '000000000000110',
  nonDisclosure: '000000000000111',
  /** Registered in the name of a relative, and still given out. */
  holderDiffers: '000000000000112',
} as const;

/** People of the neighbour; the first is also the municipality's `accountRegistered`. */
export const NEIGHBOUR_PEOPLE = { shared: '000000000000201', other: '000000000000202' } as const;

type Name = keyof typeof PEOPLE;

const NAMES = Object.keys(PEOPLE) as Name[];
const HAVE_NO_CODE: ReadonlySet<Name> = new Set(['codeNotAcquired']);
const CODES_REQUESTED_AT = '2024-04-01T00:00:00Z';

/** Where the invented people have their accounts. */
export const INVENTED_BRANCH = {
  bankCode: '9991',
  bankNameKana: 'ｸﾗﾓﾘ',
  branchCode: '101',
  branchNameKana: 'ﾎﾝﾃﾝ',
  accountType: '1',
} as const;

const { items } = REGISTERED_ACCOUNT;
const { items: tax } = TAX_INFORMATION;

/** Accounts of the registry: kana of the holder, and what differs. */
const ACCOUNTS: readonly { name: Name; holderKana: string; bankCode?: string; provisionStopped?: boolean }[] =
  [
    { name: 'accountRegistered', holderKana: 'ｸﾗﾓﾘ ﾊﾅｺ' },
    { name: 'codeNotAcquired', holderKana: 'ｱｵﾊﾗ ｼﾞﾛｳ' },
    { name: 'supersedes', holderKana: 'ﾎﾅﾐ ｶｵﾙ' },
    { name: 'deceased', holderKana: 'ｺﾒｸﾗ ﾀﾞｲｽｹ', provisionStopped: true },
    { name: 'moved', holderKana: 'ﾂﾙﾐﾊﾗ ｹﾝ' },
    { name: 'provisionStopped', holderKana: 'ｶｷﾞﾉﾃ ﾊﾙｺ', provisionStopped: true },
    { name: 'bankClosed', holderKana: 'ｼﾗｶﾍﾞ ﾘｮｳ', bankCode: '9998' },
    { name: 'nonDisclosure', holderKana: 'ﾊﾏｸﾗ ﾕｳ' },
    { name: 'holderDiffers', holderKana: 'ｼｵﾔ ﾀﾛｳ' },
  ];

/** Tax information of the other city. */
const TAXES: readonly { name: Name; autoAnswerForbidden?: boolean; nonDisclosure?: boolean }[] = [
  { name: 'accountRegistered' },
  { name: 'moved' },
  { name: 'autoAnswerForbidden', autoAnswerForbidden: true },
  { name: 'nonDisclosure', nonDisclosure: true },
];

/** What the core system knows in the beginning: persons under their numbers at each body, and 符号. */
export function seededNetwork(codeOf: (bodyCode: string, person: string) => string): Change[] {
  const { municipality, neighbour, registry, city } = BODIES;
  const code = (bodyCode: string, number: string, person: string, endedAt?: string) =>
    codeChange(bodyCode, number, codeOf(bodyCode, person), endedAt);
  return [
    ...NAMES.flatMap((name) => [
      ...numberChanges(registry.bodyCode, registryNumber(name), personOf(name)),
      ...numberChanges(city.bodyCode, cityNumber(name), personOf(name)),
      ...numberChanges(municipality.bodyCode, PEOPLE[name], personOf(name)),
    ]),
    // The number that is in force is the one that others find the person by.
    [NUMBERS, `${personOf('supersedes')} ${municipality.bodyCode}`, PEOPLE.supersedes],
    ...NAMES.filter((name) => !HAVE_NO_CODE.has(name)).map((name) =>
      code(
        municipality.bodyCode,
        PEOPLE[name],
        personOf(name),
        name === 'numberSuperseded' ? '2025-10-01T00:00:00Z' : undefined,
      ),
    ),
    ...numberChanges(neighbour.bodyCode, NEIGHBOUR_PEOPLE.shared, personOf('accountRegistered')),
    code(neighbour.bodyCode, NEIGHBOUR_PEOPLE.shared, personOf('accountRegistered')),
    ...numberChanges(neighbour.bodyCode, NEIGHBOUR_PEOPLE.other, 'NEIGHBOUR-OTHER'),
    code(neighbour.bodyCode, NEIGHBOUR_PEOPLE.other, 'NEIGHBOUR-OTHER'),
  ];
}

/** A person has this number at this body. */
export function numberChanges(bodyCode: string, number: string, person: string): Change[] {
  return [
    [PERSONS, keyOf(bodyCode, number), person],
    [NUMBERS, `${person} ${bodyCode}`, number],
  ];
}

/** The 符号 behind a number was acquired before any clock that a test sets. */
export function codeChange(bodyCode: string, number: string, code: string, endedAt?: string): Change {
  const kept = { code, acquisitionNo: `AN-SEED-${number}`, requestedAt: CODES_REQUESTED_AT };
  return [CODES, keyOf(bodyCode, number), endedAt === undefined ? kept : { ...kept, endedAt }];
}

/** Copies (副本) that a body holds in the beginning. */
export function seededCopies(bodyCode: string): Change[] {
  if (bodyCode === BODIES.registry.bodyCode)
    return ACCOUNTS.map((each, at) => copyChange(accountCopy(each, at)));
  if (bodyCode === BODIES.city.bodyCode) return TAXES.map((each, at) => copyChange(taxCopy(each, at)));
  return [];
}

function accountCopy(
  { name, holderKana, bankCode, provisionStopped }: (typeof ACCOUNTS)[number],
  at: number,
): KeptCopy {
  const account = {
    ...INVENTED_BRANCH,
    ...(bankCode === undefined ? {} : { bankCode }),
    accountNumber: String(12_345 + at).padStart(7, '0'),
    holderKana,
  };
  return {
    ...PLAIN,
    ...accountOf(`KZ-${at + 1}`, registryNumber(name), account),
    nonDisclosure: name === 'nonDisclosure',
    ...(provisionStopped === true ? { provisionStopped } : {}),
  };
}

/** What the registry keeps of an account. @param number of its person there */
export function accountOf(
  recordId: string,
  number: string,
  account: Readonly<Record<keyof typeof items, string>>,
): Pick<KeptCopy, 'recordId' | 'unifiedAddresseeNo' | 'informationNameCode' | 'items'> {
  const members = Object.keys(items) as (keyof typeof items)[];
  return {
    recordId,
    unifiedAddresseeNo: number,
    informationNameCode: REGISTERED_ACCOUNT.informationNameCode,
    items: Object.fromEntries(members.map((member) => [items[member], account[member]])),
  };
}

function taxCopy({ name, ...flags }: (typeof TAXES)[number], at: number): KeptCopy {
  return {
    ...PLAIN,
    recordId: `CZ-${at + 1}`,
    unifiedAddresseeNo: cityNumber(name),
    informationNameCode: TAX_INFORMATION.informationNameCode,
    ...flags,
    items: {
      [tax.income]: String(3_000_000 + at),
      [tax.taxAmount]: String(120_000 + at),
      [tax.dependants]: '1',
    },
  };
}

/** One person stands behind both numbers. */
function personOf(name: Name): string {
  return `PERSON-${name === 'numberSuperseded' ? 'supersedes' : name}`;
}

function registryNumber(name: Name): string {
  return `9${PEOPLE[name === 'numberSuperseded' ? 'supersedes' : name].slice(1)}`;
}

function cityNumber(name: Name): string {
  return `5${PEOPLE[name === 'numberSuperseded' ? 'supersedes' : name].slice(1)}`;
}
