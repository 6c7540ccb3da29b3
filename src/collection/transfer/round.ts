import { z } from 'zod';
import { contentDigest, type ApprovalContent } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  FISCAL_YEAR_MAX,
  TRANSFER_NOTICE_DAYS_MAX,
  TRANSFER_NOTICE_DAYS_MIN,
  TRANSFER_OVERDUE_DAYS_MAX,
  TRANSFER_QUOTA_CASES_MAX,
  TRANSFER_ROUND_BASES_MAX,
  TRANSFER_ROUND_SERIAL_MAX,
  TRANSFER_ROUND_TAX_ITEMS_MAX,
  TRANSFER_ROUND_TEXT_CHARS_MAX,
} from '../../kernel/limits.js';
import { TRANSFER_FILE_NAMES } from '../../protocol/transfer/layout.js';

const text = z.string().trim().min(1).max(TRANSFER_ROUND_TEXT_CHARS_MAX);
const month = z.int().min(1).max(12);

/** 移管基準: which cases qualify. Amounts in whole yen of tax and penalty, overdue. */
const criteriaForm = z.strictObject({
  /** 滞納額の下限. */
  unpaidMin: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** Days since the oldest due date. */
  overdueDaysMin: z.int().min(0).max(TRANSFER_OVERDUE_DAYS_MAX),
  /** 税目コード: what the organization takes; premiums only where it does (handbook 13 §1). */
  taxItems: z.array(text).min(1).max(TRANSFER_ROUND_TAX_ITEMS_MAX),
  /** Whether people under 支援措置 are handed over at all. */
  includesProtected: z.boolean(),
  /** Which of them come first when the quota is smaller: the largest sums, or the oldest due dates. */
  order: z.enum(['unpaid', 'oldest']),
});

/** 移管ラウンドの設定: everything a second person approves before anything is chosen. */
const roundForm = z.strictObject({
  /** 年度. */
  fiscalYear: z.int().min(2000).max(FISCAL_YEAR_MAX),
  /** 移管回 of the year. */
  serialNo: z.int().min(1).max(TRANSFER_ROUND_SERIAL_MAX),
  month,
  /** Months in which the organization takes cases: April, June, October ("頃"). */
  windowMonths: z.array(month).min(1).max(12),
  /** Needed in every other month. */
  outsideWindowReason: text.optional(),
  /** 移管枠: cases at most. */
  quota: z.int().min(1).max(TRANSFER_QUOTA_CASES_MAX),
  criteria: criteriaForm,
  /** Days that the final notice leaves to pay. */
  noticeDays: z.int().min(TRANSFER_NOTICE_DAYS_MIN).max(TRANSFER_NOTICE_DAYS_MAX),
  /** 団体コード of the organization, and the vault's profile for it. */
  recipient: text,
  profile: text,
  /** Files that the profile names, where it does not name all ten. */
  files: z.array(z.enum(TRANSFER_FILE_NAMES)).min(1).max(TRANSFER_FILE_NAMES.length).optional(),
  /** 利用目的. */
  purpose: text,
  /** 根拠. */
  basis: z.array(text).min(1).max(TRANSFER_ROUND_BASES_MAX),
});

/** 移管基準. */
export type TransferCriteria = Readonly<z.infer<typeof criteriaForm>>;
/** 移管ラウンドの設定. */
export type RoundConfiguration = Readonly<z.infer<typeof roundForm>>;

/**
 * Reads the configuration of a round.
 * @param value as JSON gave it
 * @throws KuramoriError BAD_INPUT with the fields that are wrong; also for a month outside the windows without a reason
 *   (handbook 13 §3: not a hard stop, but an extra reason, which the approval then covers)
 */
export function roundConfiguration(value: unknown): RoundConfiguration {
  const read = roundForm.safeParse(value);
  if (!read.success) {
    const fields = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'configuration'))];
    throw new KuramoriError(
      'BAD_INPUT',
      'The configuration of the round is not in its form. Correct the fields named.',
      { fields },
    );
  }
  const { windowMonths, outsideWindowReason } = read.data;
  if (!windowMonths.includes(read.data.month) && outsideWindowReason === undefined) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The month is none in which the organization takes cases. Give outsideWindowReason, or choose such a month.',
      { fields: ['outsideWindowReason'] },
    );
  }
  return read.data;
}

/** What people approve: a changed byte is another round. `sha256:` of the RFC 8785 text. */
export function roundDigest(configuration: RoundConfiguration): string {
  return contentDigest(configuration as unknown as ApprovalContent);
}

/** 移管ラウンド番号, e.g. `2026-02`: the second transfer of the fiscal year. */
export function roundNoOf({
  fiscalYear,
  serialNo,
}: Pick<RoundConfiguration, 'fiscalYear' | 'serialNo'>): string {
  return `${fiscalYear}-${String(serialNo).padStart(2, '0')}`;
}
