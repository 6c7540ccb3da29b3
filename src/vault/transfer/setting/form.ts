import { z } from 'zod';
import { plainDate } from '../../../kernel/dates.js';
import {
  TRANSFER_ERASE_DAYS,
  TRANSFER_ERASE_DAYS_MAX,
  TRANSFER_CASES_MAX,
  TRANSFER_CONVERTED_FILES_MAX,
  TRANSFER_HOLIDAYS_MAX,
  TRANSFER_KEY_YEARS_MAX,
  TRANSFER_NAME_CHARS_MAX,
  TRANSFER_TEXT_CHARS_MAX,
  TRANSFER_RECIPIENT_KEYS_MAX,
} from '../../../kernel/limits.js';
import {
  AGE_RECIPIENT,
  isOneSigningKey,
  recipientFingerprint,
  signingKeyShape,
} from '../../../protocol/transfer/keys.js';
import { TRANSFER_FILE_NAMES, type TransferFileName } from '../../../protocol/transfer/layout.js';

/** 移管設定: whom packages go to, what is in them, on which ground, and when. Each is decided by two people. */

const PATH_CHARS_MAX = 1_000;
const CONVERTED_FILE = /^attachments\/[0-9A-Za-z][0-9A-Za-z._-]{0,79}$/;
const day = z.iso.date();
const name = z.string().min(1).max(TRANSFER_NAME_CHARS_MAX);
const bodyCode = z.string().regex(/^[0-9]{6}$/);
const person = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);

/** A key of a recipient, read out by telephone and compared on paper by two people (handbook 13 §5). */
const recipientKey = z
  .strictObject({
    /** X25519 recipient of age. */
    recipient: z.string().regex(AGE_RECIPIENT),
    /** SHA-256 of it, hexadecimal, as both sides read it out. */
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    validFrom: day,
    validTo: day,
    confirmedBy: z.tuple([person, person]),
  })
  .refine((key) => key.fingerprint === recipientFingerprint(key.recipient), { path: ['fingerprint'] })
  .refine((key) => key.confirmedBy[0] !== key.confirmedBy[1], { path: ['confirmedBy'] })
  .refine(({ validFrom, validTo }) => isWithinYears(validFrom, validTo), { path: ['validTo'] });

/** A key that the organization signs with; its fingerprint is compared in the same way. */
const signingKey = z
  .strictObject({
    ...signingKeyShape,
    confirmedBy: z.tuple([person, person]),
  })
  .refine(isOneSigningKey, { path: ['fingerprint'] })
  .refine((key) => key.confirmedBy[0] !== key.confirmedBy[1], { path: ['confirmedBy'] });

const recipientForm = z.strictObject({
  bodyCode,
  name: z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX),
  keys: z.array(recipientKey).min(1).max(TRANSFER_RECIPIENT_KEYS_MAX),
  /** Ed25519 keys by which the organization signs receipts and result packages. */
  signingKeys: z.array(signingKey).min(1).max(TRANSFER_RECIPIENT_KEYS_MAX),
  /** Where packages are handed over by HTTPS; without it they go on a medium. */
  url: z.url({ protocol: /^https$/ }).optional(),
});

const profileForm = z.strictObject({
  name,
  version: name,
  /** 個人番号 in a file of its own, which the vault alone makes. */
  includesIndividualNumber: z.boolean(),
  files: z
    .array(z.enum(TRANSFER_FILE_NAMES as [TransferFileName, ...TransferFileName[]]))
    .min(1)
    .refine((files) => new Set(files).size === files.length),
  /** Whose output goes along, in the recipient's own layout. */
  converter: name.optional(),
});

/** 変換の委託: the contractor's program is an actor with a grant of its own, which is this setting (handbook 11 §7). */
const converterForm = z.strictObject({
  name,
  version: name,
  /** 委託先 and contract, as the registry of processors has them. */
  contractor: z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX),
  contract: name,
  /** Program on the vault's host, and the SHA-256 of its file: another program is not run. */
  program: z.string().startsWith('/').max(PATH_CHARS_MAX),
  programSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What it makes, as the package holds it. */
  files: z
    .array(z.string().regex(CONVERTED_FILE))
    .min(1)
    .max(TRANSFER_CONVERTED_FILES_MAX)
    .refine((files) => new Set(files).size === files.length),
});

const basisForm = z.strictObject({
  basis: name,
  recipient: bodyCode,
  /** The provision in words, as the manifest has it. */
  provision: z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX),
  /** It also lets the recipient have individual numbers. */
  coversIndividualNumber: z.boolean(),
});

const roundForm = z.strictObject({
  recipient: bodyCode,
  /** The municipality as the organization knows it. */
  senderName: z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX),
  /** Months in which packages go out (handbook 13 §3). */
  windows: z.array(z.int().min(1).max(12)).min(1).max(12),
  /** Cases of a fiscal year (移管件数枠). */
  quota: z.int().min(1).max(TRANSFER_CASES_MAX),
  /** Days after acceptance within which our own spool and package are erased. */
  eraseDays: z.int().min(1).max(TRANSFER_ERASE_DAYS_MAX).default(TRANSFER_ERASE_DAYS),
  /** By the agreement: when the organization gives cases back, and erases its copy. */
  /** 祝日: days on which offices are closed besides, for what is due in business days. */
  holidays: z.array(day).max(TRANSFER_HOLIDAYS_MAX).default([]),
  returnBy: day.nullable(),
  eraseBy: day,
  /** By the agreement: that the organization erases its copy when it is asked to (消去依頼). */
  erasesOnRequest: z.boolean().optional(),
});

const FORMS = {
  recipient: recipientForm,
  profile: profileForm,
  basis: basisForm,
  round: roundForm,
  converter: converterForm,
} as const;

export type SettingKind = keyof typeof FORMS;
export type SettingValue<Kind extends SettingKind> = Readonly<z.output<(typeof FORMS)[Kind]>>;

/** What a setting of each kind is called by. */
const NAMES: { readonly [Kind in SettingKind]: (value: SettingValue<Kind>) => string } = {
  recipient: (value) => value.bodyCode,
  profile: (value) => value.name,
  basis: (value) => value.basis,
  round: (value) => value.recipient,
  converter: (value) => value.name,
};

const entry = <Kind extends SettingKind>(kind: Kind) =>
  z.strictObject({ kind: z.literal(kind), validFrom: day, validTo: day.optional(), value: FORMS[kind] });

/** A setting as it is asked for, entered and signed. */
export const settingForm = z.discriminatedUnion('kind', [
  entry('recipient'),
  entry('profile'),
  entry('basis'),
  entry('round'),
  entry('converter'),
]);

export type TransferSetting = Readonly<z.output<typeof settingForm>>;

/** The name that a setting is found by. */
export function settingName({ kind, value }: TransferSetting): string {
  return (NAMES[kind] as (one: unknown) => string)(value);
}

function isWithinYears(from: string, to: string): boolean {
  return from <= to && to <= plainDate(from).add({ years: TRANSFER_KEY_YEARS_MAX }).toString();
}
