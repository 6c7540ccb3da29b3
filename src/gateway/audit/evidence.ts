import type { EvidenceForm } from '../../audit/evidence/evidence.js';
import {
  ACCESS_COLUMNS,
  entryColumns,
  SIGN_IN_COLUMNS,
  type EntryColumnName,
} from '../../audit/evidence/entryCells.js';
import type { LogSelection } from '../../audit/evidence/log.js';

/** One evidence (証跡) of the gateway's log. */
export interface GatewayEvidence extends EvidenceForm, LogSelection {
  readonly names: readonly EntryColumnName[];
}

/** Fields by which a number is asked for, registered, or an operation of the vault carried. */
const OF_NUMBERS = /individualNumber|addresseeOfNumber|operateVault/i;
/** Kinds that put something out, whatever their coordinates are. */
const OUTPUTS: ReadonlySet<string> = new Set(['export', 'push']);

/** The evidences of the gateway's log (handbook 11 §2, SM-03 and SM-06); the vault has its own. */
export const GATEWAY_EVIDENCE = {
  use: {
    title: '特定個人情報ファイルの利用・出力の記録（ゲートウェイ）',
    source: 'ゲートウェイの監査ログのうち、個人番号に係る項目の照会・登録・検索及び外部への出力。',
    names: ACCESS_COLUMNS,
    columns: entryColumns(ACCESS_COLUMNS),
    kinds: ['query', 'mutation', 'vaultOperation', 'export', 'push'],
    lists: ({ coordinate, kind }) => OUTPUTS.has(kind) || OF_NUMBERS.test(coordinate),
  },
  signIn: {
    title: 'ログイン実績（ゲートウェイ）',
    source: 'ゲートウェイの監査ログのうち、サインイン、再認証、サインアウト及びそれらの拒否。',
    names: SIGN_IN_COLUMNS,
    columns: entryColumns(SIGN_IN_COLUMNS),
    kinds: ['signIn', 'signInFailure', 'signOut', 'stepUp', 'tokenRefused'],
  },
  access: {
    title: 'アクセスログ（ゲートウェイ）',
    source: 'ゲートウェイの監査ログの全部。',
    names: ACCESS_COLUMNS,
    columns: entryColumns(ACCESS_COLUMNS),
  },
} as const satisfies Record<string, GatewayEvidence>;

/** 証跡の種別 of the gateway. */
export type GatewayEvidenceName = keyof typeof GATEWAY_EVIDENCE;
