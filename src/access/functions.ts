/**
 * 機能: what a person may be allowed to do. Field rules name functions, never roles (design §5).
 * The Japanese word is what administrators see.
 */
export const FUNCTIONS = {
  'addressee:read': '宛名基本照会（宛名番号・氏名）',
  'addressee:identity': '宛名詳細照会（住所・生年月日・世帯）',
  'addressee:contact': '連絡先照会（電話・送付先）',
  'account:read': '口座情報照会',
  'ledger:read': '収納台帳照会',
  'receipt:read': '収納履歴照会',
  'receipt:enter': '収納入力',
  'receipt:reverse': '収納取消',
  'receipt:assign': '不明金消込',
  'unidentified:read': '不明金照会',
  'overpayment:read': '過誤納金照会',
  'refund:read': '還付照会',
  'refund:propose': '還付起案',
  'refund:decide': '還付決裁',
  'case:read': '滞納事案照会',
  'contact:read': '折衝経過照会',
  'contact:write': '折衝経過入力',
  'promise:read': '分納誓約照会',
  'promise:write': '分納誓約登録・取消',
  'disposition:read': '滞納処分照会',
  'stay:propose': '執行停止起案',
  'stay:decide': '執行停止決裁・取消',
  'writeOff:read': '不納欠損照会',
  'writeOff:propose': '不納欠損起案',
  'writeOff:decide': '不納欠損決裁',
  'asset:read': '財産情報照会',
  'transfer:read': '移管照会',
  'transfer:manage': '移管管理（候補の取下げ・払込の入力・移管ジョブ）',
  'transfer:approve': '移管ラウンドの承認',
  'load:run': 'データ取込',
  'number:reveal': '個人番号閲覧',
  'number:search': '個人番号検索',
  'number:register': '個人番号登録',
  'number:administer': '個人番号管理（承認・保留・変更・消去）',
  'push:read': '連携依頼照会（中間サーバー）',
  'push:request': '連携依頼（中間サーバー）',
  'push:cancel': '連携依頼取消（中間サーバー）',
  'staff:read': '職員照会',
  'staff:administer': '職員管理',
  'role:grant': '権限付与',
  'audit:read': '監査ログ照会',
  'system:read': 'システム状態照会',
} as const;

/** One function (機能). */
export type FunctionName = keyof typeof FUNCTIONS;

/** Functions that need a fresh second factor for the purpose at hand (handbook 15 §3). */
export const STEP_UP_FUNCTIONS: ReadonlySet<FunctionName> = new Set<FunctionName>([
  'refund:decide',
  'writeOff:decide',
  'stay:decide',
  'receipt:reverse',
  'transfer:approve',
  'staff:administer',
  'role:grant',
]);
