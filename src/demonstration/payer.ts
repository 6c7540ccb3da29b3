import type { Random } from './random.js';
import { BANKS } from './words/places.js';

/** How somebody pays, as a habit. `withheld`: an employer or pension payer who hands over what was withheld. */
export type Habit = 'reliable' | 'debit' | 'withheld' | 'lax' | 'chronic' | 'insolvent';

/** What happens to one levy line. */
export type Conduct =
  | 'onTime'
  | 'late'
  | 'part'
  | 'missing'
  | 'double'
  | 'over'
  | 'wrongSlip'
  | 'unidentified'
  | 'mistakenEntry';

/** Somebody who pays, or should. */
export interface Payer {
  readonly habit: Habit;
  /** 全期前納: pays the year with the first instalment. */
  readonly prepays: boolean;
  readonly bankCode: string;
}

const HABITS: readonly (readonly [Habit, number])[] = [
  ['reliable', 560],
  ['debit', 340],
  ['lax', 62],
  ['chronic', 30],
  ['insolvent', 8],
];

/** How many lines in 10,000 go which way. */
const CONDUCTS: Readonly<Record<Habit, readonly (readonly [Conduct, number])[]>> = {
  reliable: [
    ['onTime', 9_640],
    ['late', 200],
    ['part', 20],
    ['missing', 20],
    ['double', 35],
    ['over', 25],
    ['wrongSlip', 30],
    ['unidentified', 20],
    ['mistakenEntry', 10],
  ],
  debit: [
    ['onTime', 9_850],
    ['late', 120],
    ['missing', 10],
    ['double', 20],
  ],
  withheld: [
    ['onTime', 9_930],
    ['late', 40],
    ['part', 10],
    ['over', 10],
    ['double', 10],
  ],
  lax: [
    ['onTime', 6_400],
    ['late', 2_700],
    ['part', 300],
    ['missing', 350],
    ['double', 150],
    ['unidentified', 100],
  ],
  chronic: [
    ['onTime', 1_200],
    ['late', 2_000],
    ['part', 1_500],
    ['missing', 5_300],
  ],
  insolvent: [
    ['part', 300],
    ['missing', 9_700],
  ],
};

/** Draws a habit and a bank. */
export function somePayer(random: Random, habit: Habit = random.weighted(HABITS)): Payer {
  const [bankCode] = random.pick(BANKS);
  return { habit, prepays: habit === 'reliable' && random.chance(60), bankCode };
}

/** Draws what happens to a line of this payer. */
export function someConduct(random: Random, habit: Habit): Conduct {
  return random.weighted(CONDUCTS[habit]);
}
