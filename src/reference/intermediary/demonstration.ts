import { z } from 'zod';
import { INTERMEDIARY_DEMONSTRATION_PEOPLE_MAX } from '../../kernel/limits.js';
import { shortText } from '../../protocol/intermediary/codes.js';
import { copyChange, PLAIN, type Body } from './body.js';
import { keyOf, PERSONS } from './network.js';
import { accountOf, codeChange, numberChanges } from './seedPeople.js';
import { BODIES } from './seed.js';
import { staffTableForm } from './staff.js';
import type { Change, Store } from './store/store.js';

/**
 * 団体内統合宛名番号 of a demonstration's person: from 710000000000000 on, where neither a number of the invented people
 * lies nor the number that one of them has at another body.
 */
const demonstrationNo = z.string().regex(/^7[1-9]\d{13}$/);

const personForm = z.strictObject({
  unifiedAddresseeNo: demonstrationNo,
  /** Whether the 符号 has been acquired long ago. */
  hasCode: z.boolean(),
  /** 公金受取口座; none is registered without. */
  account: z
    .strictObject({
      bankCode: z.string().regex(/^\d{4}$/),
      bankNameKana: shortText,
      branchCode: z.string().regex(/^\d{3}$/),
      branchNameKana: shortText,
      accountType: z.string().regex(/^\d$/),
      accountNumber: z.string().regex(/^\d{7}$/),
      holderKana: shortText,
    })
    .optional(),
});

/** People of the municipality and rows of the staff table that a demonstration brings, beside the invented ones. */
export const demonstrationForm = z.strictObject({
  people: z.array(personForm).max(INTERMEDIARY_DEMONSTRATION_PEOPLE_MAX),
  staff: staffTableForm,
});

export type Demonstration = z.output<typeof demonstrationForm>;
type Person = Demonstration['people'][number];

/**
 * Makes known whom the server does not know yet: first the accounts at the registry, then the people, so that what an
 * interruption left is done again. Nobody who is known is changed: what came of the messages about him stands.
 */
export async function fillDemonstration(
  people: readonly Person[],
  { core, registry }: { readonly core: Store; readonly registry: Body | undefined },
  codeOf: (bodyCode: string, person: string) => string,
): Promise<void> {
  const { municipality } = BODIES;
  const known = core.table<string>(PERSONS);
  const missing = people.filter(
    ({ unifiedAddresseeNo }) => !known.has(keyOf(municipality.bodyCode, unifiedAddresseeNo)),
  );
  await registry?.store.commit(missing.flatMap(accountChanges));
  await core.commit(missing.flatMap((person) => personChanges(person, codeOf)));
}

function personChanges(
  { unifiedAddresseeNo, hasCode }: Person,
  codeOf: (bodyCode: string, person: string) => string,
): Change[] {
  const { municipality, registry } = BODIES;
  const person = `PERSON-${unifiedAddresseeNo}`;
  const code = codeOf(municipality.bodyCode, person);
  return [
    ...numberChanges(registry.bodyCode, registryNumber(unifiedAddresseeNo), person),
    ...numberChanges(municipality.bodyCode, unifiedAddresseeNo, person),
    ...(hasCode ? [codeChange(municipality.bodyCode, unifiedAddresseeNo, code)] : []),
  ];
}

function accountChanges({ unifiedAddresseeNo, account }: Person): Change[] {
  if (account === undefined) return [];
  const number = registryNumber(unifiedAddresseeNo);
  return [copyChange({ ...PLAIN, ...accountOf(`KZ-${number}`, number, account) })];
}

function registryNumber(unifiedAddresseeNo: string): string {
  return `9${unifiedAddresseeNo.slice(1)}`;
}
