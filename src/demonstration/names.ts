import type { Random } from './random.js';
import { COMPANY_FORMS, COMPANY_STEMS, COMPANY_TRADES } from './words/bodies.js';
import { FEMALE_NAMES, FOREIGN_NAMES, MALE_NAMES, RARE_SURNAMES, SURNAMES } from './words/names.js';

export type Sex = 'male' | 'female';

/** A surname with its reading. */
export interface Surname {
  readonly written: string;
  readonly kana: string;
}

/** A name as the register has it. */
export interface FullName {
  readonly name: string;
  readonly kana: string;
  readonly alias: string | null;
}

const RARE_PER_THOUSAND = 60;
/** The younger of two people is this many years younger at most when both draw from the same third of a name list. */
const NAME_LIST_SHARE = 3;

/** A surname; about one in sixteen has a character that narrow systems lose. */
export function surname(random: Random): Surname {
  const [written, kana] = random.pick(random.chance(RARE_PER_THOUSAND) ? RARE_SURNAMES : SURNAMES);
  return { written, kana };
}

/** A given name of the fashion of the birth year, joined to the surname by the ideographic space. */
export function fullName(random: Random, family: Surname, sex: Sex, birthYear: number): FullName {
  const names = sex === 'male' ? MALE_NAMES : FEMALE_NAMES;
  const span = Math.floor(names.length / NAME_LIST_SHARE);
  const age = Math.min(Math.max((birthYear - 1930) / (2026 - 1930), 0), 1);
  const [written, kana] = random.pick(
    names.slice(Math.floor(age * (names.length - span)), Math.floor(age * (names.length - span)) + span),
  );
  return { name: `${family.written}　${written}`, kana: `${family.kana}　${kana}`, alias: null };
}

/** A foreign resident: name of the register, reading, alias (通称) where one is registered. */
export function foreignName(random: Random): FullName & { readonly sex: Sex } {
  const { name, kana, alias, sex } = random.pick(FOREIGN_NAMES);
  return { name, kana, alias: alias === null ? null : alias.replace(' ', '　'), sex };
}

/** A company's registered name. The number keeps two companies of the same stem and trade apart. */
export function companyName(random: Random, number: number): FullName {
  const [stem, stemKana] = random.pick(COMPANY_STEMS);
  const [trade, tradeKana] = random.pick(COMPANY_TRADES);
  const [form, side, formKana] = random.pick(COMPANY_FORMS);
  const suffix = number > COMPANY_STEMS.length * COMPANY_TRADES.length ? ` 第${number}` : '';
  return {
    name: side === 'before' ? `${form}${stem}${trade}${suffix}` : `${stem}${trade}${suffix}${form}`,
    kana: side === 'before' ? `${formKana}　${stemKana}${tradeKana}` : `${stemKana}${tradeKana}　${formKana}`,
    alias: null,
  };
}
