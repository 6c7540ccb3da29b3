import {
  ACCESS_COLUMNS,
  entryColumns,
  entryLine,
  SIGN_IN_COLUMNS,
  type EntryColumnName,
} from '../../../audit/evidence/entryCells.js';
import { readLog, type LogSelection } from '../../../audit/evidence/log.js';
import type { EvidenceKind } from '../kind.js';

/** Operations that neither use a number nor put one out: they are accesses, and stand there. */
const NO_USE: ReadonlySet<string> = new Set(
  [
    'stepUp',
    'requestApproval',
    'openApproval',
    'decideApproval',
    'evidence',
    'openAnalysis',
    'reviewAnalysis',
    'operation',
  ].map((op) => `Vault.${op}`),
);

/** 利用・出力の記録 (handbook 11 §2, SM-03). */
export const useEvidence = logEvidence({
  title: '特定個人情報ファイルの利用・出力の記録',
  source:
    '保管庫の監査ログのうち、個人番号の登録・検索・閲覧・出力等の操作（着手及び完了又は拒否）、並びに情報連携及び移管による授受。',
  columns: ACCESS_COLUMNS,
  kinds: ['vaultOperation', 'refusal', 'export', 'push', 'load'],
  lists: ({ coordinate, kind }) =>
    kind === 'push' || (!NO_USE.has(coordinate) && coordinate.startsWith('Vault.')),
});

/** ログイン実績 (SM-06): at the vault people present themselves by step-up; whoever was not let in is here, too. */
export const signInEvidence = logEvidence({
  title: 'ログイン実績',
  source: '保管庫の監査ログのうち、再認証の成否、及び本人又は接続元を確認できずに拒否した要求。',
  columns: SIGN_IN_COLUMNS,
  kinds: ['vaultOperation', 'refusal', 'signIn', 'signInFailure', 'signOut', 'tokenRefused', 'stepUp'],
  lists: ({ coordinate, kind, roles }) =>
    coordinate === 'Vault.stepUp' ||
    (kind === 'refusal' && roles.length === 0) ||
    !coordinate.startsWith('Vault.'),
});

/** アクセスログ (SM-06): everything in the vault's log. */
export const accessEvidence = logEvidence({
  title: 'アクセスログ',
  source: '保管庫の監査ログの全部。',
  columns: ACCESS_COLUMNS,
});

interface LogEvidence extends LogSelection {
  readonly title: string;
  readonly source: string;
  readonly columns: readonly EntryColumnName[];
}

function logEvidence({ title, source, columns, ...selection }: LogEvidence): EvidenceKind {
  return {
    title,
    source,
    columns: entryColumns(columns),
    read: async (session, slice) => {
      const { entries, next } = await readLog(session, selection, slice);
      return { lines: entries.map((entry) => entryLine(columns, entry)), next };
    },
  };
}
