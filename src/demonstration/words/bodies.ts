/** Word stems of companies, associations and public bodies: written form and katakana. */
export const COMPANY_STEMS: readonly (readonly [string, string])[] = [
  ['蔵守', 'クラモリ'],
  ['白壁', 'シラカベ'],
  ['御蔵', 'ミクラ'],
  ['湊', 'ミナト'],
  ['東雲', 'シノノメ'],
  ['倉沢', 'クラサワ'],
  ['穂波', 'ホナミ'],
  ['鍵屋', 'カギヤ'],
  ['暁', 'アカツキ'],
  ['つつじ', 'ツツジ'],
  ['北斗', 'ホクト'],
  ['大和田', 'オオワダ'],
  ['髙嶋', 'タカシマ'],
  ['日の出', 'ヒノデ'],
  ['三ツ星', 'ミツボシ'],
  ['和泉', 'イズミ'],
  ['あおば', 'アオバ'],
  ['丸善田', 'マルゼンダ'],
];

export const COMPANY_TRADES: readonly (readonly [string, string])[] = [
  ['建設', 'ケンセツ'],
  ['工業', 'コウギョウ'],
  ['運輸', 'ウンユ'],
  ['商事', 'ショウジ'],
  ['製作所', 'セイサクショ'],
  ['食品', 'ショクヒン'],
  ['電機', 'デンキ'],
  ['不動産', 'フドウサン'],
  ['印刷', 'インサツ'],
  ['水産', 'スイサン'],
  ['システム', 'システム'],
  ['介護サービス', 'カイゴサービス'],
  ['醸造', 'ジョウゾウ'],
  ['石油', 'セキユ'],
  ['青果', 'セイカ'],
  ['観光', 'カンコウ'],
];

/** Legal forms: before or after the name, and the kana. */
export const COMPANY_FORMS: readonly (readonly [string, 'before' | 'after', string])[] = [
  ['株式会社', 'before', 'カブシキガイシャ'],
  ['株式会社', 'after', 'カブシキガイシャ'],
  ['有限会社', 'before', 'ユウゲンガイシャ'],
  ['合同会社', 'before', 'ゴウドウガイシャ'],
  ['医療法人', 'before', 'イリョウホウジン'],
  ['社会福祉法人', 'before', 'シャカイフクシホウジン'],
];

/** 人格のない社団 and the like. */
export const ASSOCIATIONS: readonly (readonly [string, string])[] = [
  ['自治会', 'ジチカイ'],
  ['町内会', 'チョウナイカイ'],
  ['マンション管理組合', 'マンションカンリクミアイ'],
  ['水利組合', 'スイリクミアイ'],
  ['農家組合', 'ノウカクミアイ'],
  ['祭礼保存会', 'サイレイホゾンカイ'],
];

export const PUBLIC_BODIES: readonly (readonly [string, string])[] = [
  ['蔵守市土地開発公社', 'クラモリシトチカイハツコウシャ'],
  ['暁県東部水道企業団', 'アカツキケントウブスイドウキギョウダン'],
];
