import { createHash } from 'node:crypto';
import { z } from 'zod';
import { evidencePart, type EvidencePage } from '../../audit/evidence/evidence.js';
import { lastSequence } from '../../audit/evidence/log.js';
import { evidencePeriod, japanTime } from '../../audit/evidence/period.js';
import { instantText, today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { EVIDENCE_DOCUMENT_BYTES_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { EVIDENCE_KIND_NAMES, EVIDENCE_KINDS } from './kinds.js';
import { documentCertificate } from './pdf/certificate.js';
import { drawPaper, type EvidencePaper } from './pdf/document.js';
import { signPdf } from './pdf/signature.js';
import { withoutNumbers } from '../../kernel/suspectedNumber.js';

/** What documents are made with. */
export type HandOutContext = Pick<
  VaultContext,
  'database' | 'clock' | 'seal' | 'municipality' | 'municipalityName'
>;

/** What is asked for: a part of one evidence. */
export const evidenceForm = z.strictObject({
  kind: z.enum(EVIDENCE_KIND_NAMES),
  /** First and last day in Japan, at most EVIDENCE_DAYS_MAX of them. */
  from: z.iso.date(),
  to: z.iso.date(),
  form: z.enum(['csv', 'pdf']),
  /** `next` of the part before. */
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});

/** A part that is asked for. */
export type EvidenceAsked = z.output<typeof evidenceForm>;

/** A part as it is handed out; what is not asked for is not in it. */
export interface HandedOut {
  readonly kind: EvidenceAsked['kind'];
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Of the CSV with this content, `sha256:` and hexadecimal; the PDF shows it. */
  readonly digest: string;
  /** Where the next part begins; absent at the end. */
  readonly next?: string;
  /** Newest entry (通番) of the vault's log when the part was made, decimal. */
  readonly logUntil: string;
  readonly csv?: string;
  /** Base64. */
  readonly pdf?: string;
  /** SHA-256 of the bytes of the PDF. */
  readonly pdfDigest?: string;
}

/** Documents that are drawn now, by vault: a second one would take the turns of other work. */
const drawing = new WeakSet<object>();

/**
 * Reads a part of an evidence and puts it into its form. Nothing in it is an individual number, whatever somebody wrote
 * into a reason (SM-09).
 * @param asker who asked, in words, for the paper
 * @throws KuramoriError BAD_INPUT for the period; VAULT_SEALED for a document of a sealed vault; TOO_MANY_REQUESTS
 *   while another document is drawn
 */
export async function handOut(
  context: HandOutContext,
  { kind: name, from, to, form, after }: EvidenceAsked,
  asker: string,
): Promise<HandedOut> {
  const period = evidencePeriod({ from, to });
  const kind = EVIDENCE_KINDS[name];
  const logUntil = String(await lastSequence(context.database));
  const slice = { ...period, after: after === undefined ? undefined : BigInt(after) };
  const page = await kind.read(context.database, slice, today(context.clock));
  const lines = clean(page);
  const part = evidencePart(kind, { ...page, lines });
  const told = {
    kind: name,
    ...period,
    rows: part.rows.length,
    digest: part.digest,
    ...(part.next === undefined ? {} : { next: String(part.next) }),
    logUntil,
  };
  if (form === 'csv') return { ...told, csv: part.csv };
  const pdf = await signedPaper(context, {
    title: kind.title,
    municipality: context.municipality,
    particulars: particularsOf(context, told, lines.slice(0, part.rows.length), asker, after !== undefined),
    notes: notesOf(kind.source),
    columns: kind.columns,
    rows: part.rows,
    foot: `${kind.title}　${from} から ${to} まで　団体コード ${context.municipality}`,
    at: new Date(context.clock.now().epochMilliseconds),
  });
  const pdfDigest = `sha256:${createHash('sha256').update(pdf).digest('hex')}`;
  return { ...told, pdf: pdf.toString('base64'), pdfDigest };
}

function clean({ lines }: EvidencePage): EvidencePage['lines'] {
  return lines.map(({ key, cells }) => ({ key, cells: cells.map(withoutNumbers) }));
}

type Particulars = EvidencePaper['particulars'];

function particularsOf(
  { clock, municipality, municipalityName }: HandOutContext,
  told: Omit<HandedOut, 'csv' | 'pdf'>,
  lines: EvidencePage['lines'],
  asker: string,
  goesOn: boolean,
): Particulars {
  const [first, last] = [lines.at(0)?.key, lines.at(-1)?.key];
  const span = first === undefined ? '' : `${first} から ${last} まで。`;
  const more = [
    goesOn ? '前の部の続き' : '最初の部',
    told.next === undefined ? '続きなし' : `続きあり（番号 ${told.next} の次から）`,
  ];
  return [
    ...(municipalityName === undefined ? [] : [['団体名', municipalityName] as const]),
    ['全国地方公共団体コード', municipality],
    ['対象期間（日本時間）', `${told.from} から ${told.to} まで`],
    ['作成を求めた者', asker],
    ['作成日時（日本時間）', japanTime(instantText(clock))],
    ['件数', `${told.rows}件（${more.join('、')}）`],
    ['記録の番号', `${span}作成時の監査ログの末尾の通番 ${told.logUntil}`],
    ['同じ内容のCSVの要約値', told.digest],
  ];
}

function notesOf(source: string): readonly string[] {
  return [
    `出所：${source}`,
    'この記録に個人番号、その一部及び索引値は含まれない。番号の疑いのある文字列は伏せてある。',
    '長い欄は省略して「…」を付し、字形のない文字は符号で〔U+…〕と示した。全文は同じ内容のCSVにある。この文書は保管庫の文書署名鍵により電子署名されている。',
  ];
}

/**
 * Draws a paper and signs it by the key of documents.
 * @throws KuramoriError VAULT_SEALED; TOO_MANY_REQUESTS while another is drawn; PAYLOAD_TOO_LARGE
 */
export async function signedPaper(context: HandOutContext, paper: EvidencePaper): Promise<Buffer> {
  const { database, clock, municipality, seal } = context;
  if (drawing.has(database)) {
    throw new KuramoriError(
      'TOO_MANY_REQUESTS',
      'Another document is being drawn. Ask again in a few seconds.',
    );
  }
  drawing.add(database);
  try {
    // Before anything is drawn: a sealed vault signs nothing.
    seal.keyRing.all('document');
    const pdf = await drawPaper(paper);
    if (pdf.length > EVIDENCE_DOCUMENT_BYTES_MAX) throw documentTooLarge();
    const key = seal.keyRing.active('document');
    const certificate = await documentCertificate(database, clock, municipality, key);
    return await signPdf(pdf, { key: key.privateKey, certificate });
  } finally {
    drawing.delete(database);
  }
}

function documentTooLarge(): KuramoriError {
  return new KuramoriError(
    'PAYLOAD_TOO_LARGE',
    'The document would be over its limit. Ask for a shorter period, or for the CSV.',
  );
}
