import { createHash } from 'node:crypto';
import type PDFDocument from 'pdfkit';
import { KuramoriError } from '../../../kernel/errors.js';
import { EVIDENCE_SIGNATURE_BYTES_MAX } from '../../../kernel/limits.js';
import { detachedSignature, type DocumentSigner } from './cms.js';

/** What a reader of PDF is told of the signature. */
export interface SignatureNote {
  readonly name: string;
  readonly reason: string;
  readonly at: Date;
}

type Document = InstanceType<typeof PDFDocument>;

/** As wide as a place in any file that is made here. */
const PLACE = '**********';
const EMPTY = Buffer.alloc(EVIDENCE_SIGNATURE_BYTES_MAX);
const CONTENTS = Buffer.from(`/Contents <${EMPTY.toString('hex')}>`, 'latin1');
const BYTE_RANGE = Buffer.from(`/ByteRange [0 /${PLACE} /${PLACE} /${PLACE}]`, 'latin1');

/**
 * Puts an empty signature (ISO 32000-2 §12.8) into a document, invisible on its page: `signPdf` fills it in.
 * Call it when the document has a page and a font, before it ends.
 */
export function reserveSignature(document: Document, { name, reason, at }: SignatureNote): void {
  const inside = document as unknown as DocumentInside;
  const signature = inside.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'ETSI.CAdES.detached',
    ByteRange: [0, PLACE, PLACE, PLACE],
    Contents: EMPTY,
    Name: new String(name),
    Reason: new String(reason),
    M: at,
  });
  const field = inside.ref({
    Type: 'Annot',
    Subtype: 'Widget',
    FT: 'Sig',
    T: new String('Signature1'),
    V: signature,
    Rect: [0, 0, 0, 0],
    // Print and locked (§12.5.3).
    F: 132,
    P: inside.page.dictionary,
  });
  inside.page.annotations.push(field);
  document.initForm();
  const form = inside['_root'].data.AcroForm.data;
  form.Fields.push(field);
  // Signatures exist, and the file may only be appended to (§12.7.3). Nothing is left to be drawn by the reader.
  form.SigFlags = 3;
  delete form.NeedAppearances;
  signature.end();
  field.end();
}

/** What the library keeps of a document and does not declare. */
interface DocumentInside {
  ref(data: Record<string, unknown>): { end(): void };
  readonly page: { readonly dictionary: unknown; readonly annotations: unknown[] };
  readonly _root: {
    readonly data: {
      readonly AcroForm: {
        readonly data: { Fields: unknown[]; SigFlags?: number; NeedAppearances?: boolean };
      };
    };
  };
}

/**
 * Signs a document with a reserved place: everything but the place itself.
 * @returns the signed document
 * @throws KuramoriError INTERNAL when it has no place, or the signature does not fit it
 */
export async function signPdf(pdf: Buffer, signer: DocumentSigner): Promise<Buffer> {
  const contentsAt = pdf.indexOf(CONTENTS);
  const rangeAt = pdf.indexOf(BYTE_RANGE);
  if (contentsAt < 0 || rangeAt < 0) throw noPlace();
  const start = contentsAt + '/Contents '.length;
  const end = contentsAt + CONTENTS.length;
  const signed = Buffer.from(pdf);
  const range = `/ByteRange [0 ${start} ${end} ${pdf.length - end}]`.padEnd(BYTE_RANGE.length);
  signed.write(range, rangeAt, 'latin1');
  const digest = createHash('sha256').update(signed.subarray(0, start)).update(signed.subarray(end)).digest();
  const signature = await detachedSignature(digest, signer);
  if (signature.length > EVIDENCE_SIGNATURE_BYTES_MAX) throw noPlace();
  signed.write(signature.toString('hex'), start + 1, 'latin1');
  return signed;
}

function noPlace(): KuramoriError {
  return new KuramoriError(
    'INTERNAL',
    'The document has no place for its signature, or one that is too small.',
  );
}
