import { nextAddresseeNo, phoneNumber, placeInTown, type Addressee, type Place } from './addressee.js';
import type { Book } from './book.js';
import { dayIn, plainDay, type DayNo } from './days.js';
import { foreignName, fullName, surname, type Sex, type Surname } from './names.js';
import type { Random } from './random.js';

/** A resident of a household. */
export interface Resident extends Addressee {
  readonly birthOn: DayNo;
  readonly sex: Sex;
  readonly age: number;
}

/** 世帯: the householder is the first resident. */
export interface Household {
  readonly householdNo: string;
  readonly place: Place;
  readonly residents: readonly Resident[];
  /** From this day the household is in the municipality. */
  readonly knownFrom: DayNo;
}

/** A place in a household: 続柄, years at the reference date, sex. */
interface Seat {
  readonly relationship: string;
  readonly age: number;
  readonly sex: Sex;
}

type Shape = 'single' | 'couple' | 'family' | 'oneParent' | 'threeGenerations';
const SHAPES: readonly (readonly [Shape, number])[] = [
  ['single', 36],
  ['couple', 21],
  ['family', 27],
  ['oneParent', 8],
  ['threeGenerations', 8],
];
const HOUSEHOLD_NO_DIGITS = 9;
const FOREIGN_PER_THOUSAND = 25;
const NEWCOMER_PER_THOUSAND = 90;
const MOVED_PER_THOUSAND = 70;

/**
 * Makes one household of at most `sizeMax` residents.
 * @param firstDay from when on the municipality's records go
 */
export function makeHousehold(book: Book, random: Random, sizeMax: number, firstDay: DayNo): Household {
  const householdNo = String(book.next('household')).padStart(HOUSEHOLD_NO_DIGITS, '0');
  const place = placeInTown(random);
  const seats = takeSeats(random).slice(0, sizeMax);
  const foreign = seats.length === 1 && random.chance(FOREIGN_PER_THOUSAND * 3);
  const family = surname(random);
  const knownFrom = random.chance(NEWCOMER_PER_THOUSAND)
    ? firstDay + random.between(1, book.today - firstDay - 200)
    : firstDay;
  const moved = random.chance(MOVED_PER_THOUSAND)
    ? { from: placeInTown(random), on: random.between(knownFrom + 30, book.today - 30) }
    : undefined;
  const residents = seats.map((seat) =>
    makeResident(book, random, seat, { family, place, householdNo, foreign, moved }),
  );
  return { householdNo, place, residents, knownFrom };
}

function takeSeats(random: Random): readonly Seat[] {
  const shape = random.weighted(SHAPES);
  const sex: Sex = random.chance(620) || shape === 'couple' ? 'male' : 'female';
  const spouse: Seat['sex'] = sex === 'male' ? 'female' : 'male';
  const spouseTitle = sex === 'male' ? '妻' : '夫';
  const age = ageOfHead(random, shape);
  const head: Seat = { relationship: '世帯主', age, sex };
  const partner: Seat = {
    relationship: spouseTitle,
    age: Math.max(19, age + random.between(-6, 4)),
    sex: spouse,
  };
  const children = (count: number): Seat[] =>
    Array.from({ length: count }, (_, at) => ({
      relationship: '子',
      age: Math.max(0, age - 29 - at * 3 - random.below(4)),
      sex: random.chance(512) ? 'male' : 'female',
    }));
  switch (shape) {
    case 'single':
      return [head];
    case 'couple':
      return [head, partner];
    case 'family':
      return [head, partner, ...children(random.between(1, 3))];
    case 'oneParent':
      return [{ ...head, sex: random.chance(850) ? 'female' : 'male' }, ...children(random.between(1, 2))];
    case 'threeGenerations':
      return [
        head,
        partner,
        ...children(random.between(1, 2)),
        { relationship: '母', age: age + random.between(23, 30), sex: 'female' },
      ];
  }
}

function ageOfHead(random: Random, shape: Shape): number {
  if (shape === 'single') return random.chance(480) ? random.between(66, 97) : random.between(19, 65);
  if (shape === 'couple') return random.chance(600) ? random.between(60, 90) : random.between(24, 59);
  return shape === 'threeGenerations' ? random.between(40, 62) : random.between(29, 62);
}

interface Home {
  readonly family: Surname;
  readonly place: Place;
  readonly householdNo: string;
  readonly foreign: boolean;
  readonly moved: { readonly from: Place; readonly on: DayNo } | undefined;
}

function makeResident(book: Book, random: Random, seat: Seat, home: Home): Resident {
  const birthYear = plainDay(book.today).year - seat.age - 1;
  const birthOn = dayIn(birthYear, random.between(1, 12), random.between(1, 28));
  const named = home.foreign
    ? foreignName(random)
    : { ...fullName(random, home.family, seat.sex, birthYear), sex: seat.sex };
  const adult = seat.age >= 18;
  return {
    addresseeNo: nextAddresseeNo(book),
    kind: 'person',
    ...named,
    formerSurname:
      !home.foreign && seat.relationship === '妻' && random.chance(40) ? surname(random).written : null,
    birthOn,
    age: seat.age,
    resident: true,
    place: home.place,
    phone: adult && random.chance(820) ? phoneNumber(random) : null,
    email: adult && random.chance(250) ? `u${random.digits(8)}@example.jp` : null,
    householdNo: home.householdNo,
    relationship: seat.relationship,
    ...(home.moved && { moved: home.moved }),
  };
}
