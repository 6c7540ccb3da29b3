import { z } from 'zod';
import {
  TRANSFER_APPROVALS_MAX,
  TRANSFER_BASES_MAX,
  TRANSFER_CASES_MAX,
  TRANSFER_FILE_NAME_CHARS_MAX,
  TRANSFER_FILES_MAX,
  TRANSFER_UNMAPPABLE_MAX,
} from '../../kernel/limits.js';
import {
  bodyForm,
  checkpointForm,
  countForm,
  dayForm,
  fingerprintsForm,
  instantForm,
  packageIdForm,
  recordBytes,
  seriesNoForm,
  sha256Form,
  sha256Hex,
  textForm,
  yenForm,
} from './forms.js';
import { isOneSigningKey, signingKeyShape } from './keys.js';
import { INDIVIDUAL_NUMBER_FILE } from './layout.js';

/** Format of manifests (目録): handbook 13 §5. */
export const MANIFEST_FORMAT = 'spi-transfer/1';

/** Names of data files: one of a layout, or a copy (写し) under `attachments/`. No other folder, no leading dot. */
export const DATA_FILE_NAME = /^(attachments\/)?[0-9A-Za-z][0-9A-Za-z._-]*$/;

const fileForm = z.strictObject({
  name: z.string().regex(DATA_FILE_NAME).max(TRANSFER_FILE_NAME_CHARS_MAX),
  bytes: countForm,
  /** Of a CSV file, without its heading; 0 of an attachment. */
  rows: countForm,
  sha256: sha256Form,
});

const controlTotalsForm = z.strictObject({
  cases: countForm,
  lines: countForm,
  assessed: yenForm,
  paid: yenForm,
  reduced: yenForm,
  unpaid: yenForm,
  lateChargeFixed: yenForm,
  fees: yenForm,
  perCaseSha256: sha256Form,
});

const resultTotalsForm = z.strictObject({
  collections: countForm,
  amount: yenForm,
  tax: yenForm,
  lateCharge: yenForm,
  fees: yenForm,
  dispositionCost: yenForm,
});

const draftShape = {
  format: z.literal(MANIFEST_FORMAT),
  packageId: packageIdForm,
  sender: bodyForm,
  recipient: bodyForm.extend({ keyFingerprints: fingerprintsForm }),
  /** Legal basis (根拠), one rule a line. */
  basis: z.array(textForm).min(1).max(TRANSFER_BASES_MAX),
  purpose: textForm,
  profile: z.strictObject({ name: textForm, version: textForm, includesIndividualNumber: z.boolean() }),
  /** 基準時点: payments after it go out as deltas (入金連絡). */
  asOf: instantForm,
  cases: countForm.max(TRANSFER_CASES_MAX),
  /** Sorted by name. */
  files: z.array(fileForm).min(1).max(TRANSFER_FILES_MAX),
  /** Characters outside JIS X 0213 that occur, as code points `U+2A6D6`. */
  unmappable: z.array(z.string().regex(/^U\+[0-9A-F]{4,6}$/)).max(TRANSFER_UNMAPPABLE_MAX),
  retention: z.strictObject({ returnBy: dayForm.nullable(), eraseBy: dayForm }),
};

const transferShape = { content: z.literal('TRANSFER'), totals: controlTotalsForm };
const resultShape = {
  content: z.literal('RESULT'),
  totals: resultTotalsForm,
  /** The transfer package whose cases are reported on. */
  concerns: packageIdForm,
  period: z.strictObject({ from: dayForm, until: dayForm, final: z.boolean() }),
};

const sealedShape = {
  seriesNo: seriesNoForm,
  /** SHA-256 of the ciphertext of the package before it in the series; null in the first. */
  previousPackageDigest: sha256Form.nullable(),
  createdAt: instantForm,
  approvals: z
    .array(z.strictObject({ id: textForm, personRole: textForm, at: instantForm, draftDigest: sha256Form }))
    .max(TRANSFER_APPROVALS_MAX),
  auditCheckpoint: checkpointForm.nullable(),
  /** 次の署名鍵: by which the sender will sign from some day on; only while one waits (handbook 13 §5). */
  nextSigningKey: z.strictObject(signingKeyShape).refine(isOneSigningKey).optional(),
};

const transferDraftForm = z.strictObject({ ...draftShape, ...transferShape });
const resultDraftForm = z.strictObject({ ...draftShape, ...resultShape });
const draftForm = z.discriminatedUnion('content', [transferDraftForm, resultDraftForm]);
const transferManifestForm = z.strictObject({ ...draftShape, ...transferShape, ...sealedShape });
const resultManifestForm = z.strictObject({ ...draftShape, ...resultShape, ...sealedShape });
const manifestForm = z.discriminatedUnion('content', [transferManifestForm, resultManifestForm]);

/** What people approve: all that is known before a package is sealed (handbook 13 §4). Amounts are bigint. */
export type ManifestDraft = Readonly<z.output<typeof draftForm>>;
/** 目録: what a package holds, for whom, on what ground, and who approved it. */
export type Manifest = Readonly<z.output<typeof manifestForm>>;
export type TransferManifest = Readonly<z.output<typeof transferManifestForm>>;
export type ResultManifest = Readonly<z.output<typeof resultManifestForm>>;
/** A signing key that the sender announces, vouched for by the key that signs the package. */
export type AnnouncedKey = NonNullable<Manifest['nextSigningKey']>;
/** One data file as a manifest lists it. */
export type ManifestFile = Readonly<z.output<typeof fileForm>>;
/**
 * The canonical bytes of a manifest, which `manifest.sig` signs.
 * @throws ZodError when it does not have its form; KuramoriError BAD_INPUT when it is too large
 */
export function manifestBytes(manifest: Manifest): Uint8Array {
  return recordBytes(manifestForm.encode(manifest));
}

/**
 * Reads a manifest.
 * @returns nothing when the bytes are not the canonical ones of a manifest
 */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  return readRecord(manifestForm, bytes);
}

/**
 * 目録案の照合値: what people approve is this digest. Any change of recipient key, profile, basis, files or totals
 * gives another. The file of individual numbers is left out, because the vault adds it after the approval; that it is
 * added is part of the profile.
 */
export function draftDigest(draft: ManifestDraft): string {
  return sha256Hex(recordBytes(draftForm.encode(draft)));
}

/** What was approved of a sealed package. */
export function draftOf(manifest: Manifest): ManifestDraft {
  const { seriesNo, previousPackageDigest, createdAt, approvals, auditCheckpoint, nextSigningKey, ...draft } =
    manifest;
  void [seriesNo, previousPackageDigest, createdAt, approvals, auditCheckpoint, nextSigningKey];
  return { ...draft, files: draft.files.filter(({ name }) => name !== INDIVIDUAL_NUMBER_FILE) };
}

/** Reads a record whose bytes must be the canonical ones of its form: one meaning has one spelling. */
export function readRecord<F extends z.ZodType>(form: F, bytes: Uint8Array): z.output<F> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (Buffer.compare(recordBytes(value), bytes) !== 0) return undefined;
  } catch {
    return undefined;
  }
  const read = form.safeParse(value);
  return read.success ? read.data : undefined;
}
