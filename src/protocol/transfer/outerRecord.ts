import { z } from 'zod';
import {
  checkpointForm,
  countForm,
  fingerprintsForm,
  instantForm,
  packageIdForm,
  recordBytes,
  seriesNoForm,
  sha256Form,
  textForm,
} from './forms.js';
import { readRecord } from './manifest.js';

/** Format of outer records (外装記録): handbook 13 §5. */
export const OUTER_FORMAT = 'spi-transfer-outer/1';

/** How a package may travel. Flash memory (USB, SD, SSD) is excluded from this flow (handbook 13 §6). */
export const MEDIA = ['DVD_R', 'BD_R', 'LTO', 'HDD_ENCRYPTED', 'HTTPS'] as const;

const outerForm = z.strictObject({
  format: z.literal(OUTER_FORMAT),
  packageId: packageIdForm,
  seriesNo: seriesNoForm,
  sender: z.strictObject({ bodyCode: z.string().regex(/^[0-9]{6}$/), name: textForm }),
  /** Fingerprints of the age recipients. */
  recipientKeys: fingerprintsForm,
  ciphertext: z.strictObject({ bytes: countForm.min(1), sha256: sha256Form }),
  createdAt: instantForm,
  /** Who sealed it: the process, and the fingerprint of the Ed25519 key that signed. */
  sealer: z.strictObject({ name: textForm, keyFingerprint: sha256Form }),
  mediumPolicy: z.array(z.enum(MEDIA)).min(1),
  auditCheckpoint: checkpointForm.nullable(),
});

/** 外装記録: what may be known of a package without opening it. No personal data. */
export type OuterRecord = Readonly<z.output<typeof outerForm>>;

/** The canonical bytes of an outer record, which `package.json.sig` signs. */
export function outerRecordBytes(outer: OuterRecord): Uint8Array {
  return recordBytes(outerForm.encode(outer));
}

/** Reads an outer record. @returns nothing when the bytes are not the canonical ones of such a record */
export function readOuterRecord(bytes: Uint8Array): OuterRecord | undefined {
  return readRecord(outerForm, bytes);
}
