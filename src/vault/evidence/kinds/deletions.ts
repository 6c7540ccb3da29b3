import { createHash } from 'node:crypto';
import { instantsOf, japanTime } from '../../../audit/evidence/period.js';
import { parseJws } from '../../../kernel/token/jws.js';
import { ERASURE_CERTIFICATE_TYPE, ERASURE_METHOD } from '../../erasure/certificate.js';
import type { ErasureParticulars } from '../../erasure/order.js';
import { afterText, tableEvidence } from '../kind.js';

interface Deletion {
  readonly id: bigint;
  readonly certificate_id: string;
  readonly reason: string;
  readonly requested_by: string;
  readonly approved_by: string;
  readonly particulars: ErasureParticulars;
  readonly started_at: string;
  readonly done_at: string | null;
  readonly subjects: bigint;
  readonly signed: string | null;
}

/** The method of a certificate, in words. */
const METHODS = { [ERASURE_METHOD]: '暗号消去（鍵の破棄）' } as const;

/**
 * 削除・廃棄の記録 (SM-05; handbook 11 §6): one line for each certificate. An erasure that is under way is listed without
 * its end.
 */
export const deletionEvidence = tableEvidence<Deletion>({
  title: '特定個人情報ファイルの削除・廃棄の記録',
  source: '保管庫の消去記録と消去証明書。証明書の原本は証明書番号により別に交付する。',
  key: ({ id }) => id,
  columns: [
    { heading: '証明書番号', width: 13, cell: ({ certificate_id: id }) => id },
    { heading: '特定個人情報ファイル', width: 10, cell: ({ particulars }) => particulars.fileName },
    { heading: '件数', width: 4, cell: ({ subjects }) => String(subjects) },
    { heading: '根拠', width: 8, cell: ({ particulars }) => particulars.basis },
    { heading: '保存期間の種別', width: 7, cell: ({ particulars }) => particulars.retentionClass ?? '' },
    { heading: '理由', width: 10, cell: ({ reason }) => reason },
    { heading: '依頼者', width: 6, cell: ({ requested_by: by }) => by },
    { heading: '承認者', width: 6, cell: ({ approved_by: by }) => by },
    { heading: '実施者', width: 6, cell: ({ particulars }) => particulars.executedBy },
    { heading: '着手日時', width: 8, cell: ({ started_at: at }) => japanTime(iso(at)) },
    {
      heading: '完了日時',
      width: 8,
      cell: ({ done_at: at }) => (at === null ? '実施中' : japanTime(iso(at))),
    },
    { heading: '方法', width: 6, cell: () => METHODS[ERASURE_METHOD] },
    {
      heading: '対象（参照）の要約値',
      width: 13,
      cell: ({ signed }) => (signed === null ? '' : refsDigestOf(signed)),
    },
    {
      heading: '証明書の要約値',
      width: 13,
      cell: ({ signed }) => (signed === null ? '未発行' : certificateDigest(signed)),
    },
  ],
  rows: async (session, slice, limit) => {
    const { from, to } = instantsOf(slice);
    return session.run(
      'vault.evidence.deletions',
      ({ raw }) => raw<Deletion[]>`
      select d.*, c.signed from (
        select min(id) as id, certificate_id, min(reason) as reason, min(requested_by) as requested_by,
          min(approved_by) as approved_by, (array_agg(particulars))[1] as particulars, min(started_at) as started_at,
          case when count(*) = count(done_at) then max(done_at) end as done_at,
          count(*) as subjects
        from vault.erasure where started_at < ${to}::text::timestamptz group by certificate_id) d
      left join vault.erasure_certificate c using (certificate_id)
      where d.id > ${afterText(slice)}::bigint and (d.done_at is null or d.done_at >= ${from}::text::timestamptz)
      order by d.id limit ${limit}`,
    );
  },
});

/** As the certificate says it: the references themselves are not read again. */
function refsDigestOf(signed: string): string {
  return String(parseJws(signed, [ERASURE_CERTIFICATE_TYPE]).claims['refsDigest']);
}

/** `sha256:…` of the certificate as it was handed out. */
function certificateDigest(signed: string): string {
  return `sha256:${createHash('sha256').update(signed, 'ascii').digest('hex')}`;
}

/** As statements give instants, in the form that instants are read in. */
function iso(at: string): string {
  return new Date(at).toISOString();
}
