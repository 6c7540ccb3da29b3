import { createHash } from 'node:crypto';
import { z } from 'zod';
import { evidencePeriod, japanTime } from '../../audit/evidence/period.js';
import { instantText } from '../../kernel/clock.js';
import { EVIDENCE_PART_BYTES_MAX } from '../../kernel/limits.js';
import { signedPaper, type HandOutContext } from './handOut.js';

/** 証跡の種別 of the gateway's log, as its query names them. */
const PRESENTED_KINDS = {
  USE: '特定個人情報ファイルの利用・出力の記録',
  SIGN_IN: 'ログイン実績',
  ACCESS: 'アクセスログ',
} as const;
const PRESENTED_KIND_NAMES = Object.keys(PRESENTED_KINDS) as [keyof typeof PRESENTED_KINDS];

const sequence = z.string().regex(/^\d{1,18}$/);

/** What whoever presents a CSV of the gateway's log says of it. The CSV itself stays where it is. */
export const witnessForm = z.strictObject({
  kind: z.enum(PRESENTED_KIND_NAMES),
  from: z.iso.date(),
  to: z.iso.date(),
  /** First and last number (通番) of the gateway's log in it, as its query answered them. */
  first: sequence,
  last: sequence,
  bytes: z.int().min(1).max(EVIDENCE_PART_BYTES_MAX),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});
export type Presented = z.output<typeof witnessForm>;

/** A signed paper about what was presented. */
export interface Witnessed {
  /** Base64. */
  readonly pdf: string;
  /** SHA-256 of the bytes of the PDF. */
  readonly pdfDigest: string;
}

const TITLE = '提示された証跡の要約値の証明';
const COLUMNS = [
  { heading: '項目（提示者の申告）', width: 30 },
  { heading: '値', width: 70 },
];

/**
 * 要約値の証明: the vault as witness that a digest was presented to it as that of a part of the gateway's log, by whom and
 * when. It cannot read that log, and the paper says so on its face: the vault vouches for its day and its digest, and
 * for no word of what is in it.
 * @param presenter who presented it, in words, for the paper
 * @throws KuramoriError as `handOut`
 */
export async function witness(
  context: HandOutContext,
  presented: Presented,
  presenter: string,
): Promise<Witnessed> {
  const { kind, first, last, bytes, digest, ...days } = presented;
  const { clock, municipality } = context;
  const { from, to } = evidencePeriod(days);
  const pdf = await signedPaper(context, {
    title: TITLE,
    municipality,
    particulars: [
      ['全国地方公共団体コード', municipality],
      ['提示した者', presenter],
      ['提示の日時（日本時間）', japanTime(instantText(clock))],
      ['提示された要約値', digest],
    ],
    notes: [
      '保管庫は、上記の要約値をもつCSVがゲートウェイの監査ログの証跡として上記の日時に提示されたことを証する。',
      '保管庫はゲートウェイの監査ログを読まない。CSVの内容が正しいこと、欠けていないことは証しない。下表は提示者の申告である。',
      'CSVの要約値（SHA-256）を計算し、上記と比べること。この文書は保管庫の文書署名鍵により電子署名されている。',
    ],
    columns: COLUMNS,
    rows: [
      ['種別', `${PRESENTED_KINDS[kind]}（ゲートウェイ）`],
      ['対象期間（日本時間）', `${from} から ${to} まで`],
      ['ゲートウェイの監査ログの通番', `${first} から ${last} まで`],
      ['CSVの大きさ', `${bytes}バイト`],
    ],
    foot: `${TITLE}　${from} から ${to} まで　団体コード ${municipality}`,
    at: new Date(clock.now().epochMilliseconds),
  });
  return {
    pdf: pdf.toString('base64'),
    pdfDigest: `sha256:${createHash('sha256').update(pdf).digest('hex')}`,
  };
}
