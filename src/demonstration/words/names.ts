/**
 * Name lists of the demonstration: written form and katakana reading. Combinations are invented people.
 * Variants (異体字, IVS, surrogate pairs) are there on purpose: a system that loses one has lost somebody's name.
 */
function pairs(text: string): readonly (readonly [string, string])[] {
  return text
    .trim()
    .split(/[\n|]+/)
    .map((entry) => {
      const [written = '', reading = ''] = entry.trim().split(' ');
      return [written, reading] as const;
    });
}

/** Surnames as most people write them. */
export const SURNAMES = pairs(`
佐藤 サトウ|鈴木 スズキ|高橋 タカハシ|田中 タナカ|伊藤 イトウ|渡辺 ワタナベ|山本 ヤマモト|中村 ナカムラ|小林 コバヤシ|加藤 カトウ
吉田 ヨシダ|山田 ヤマダ|佐々木 ササキ|山口 ヤマグチ|松本 マツモト|井上 イノウエ|木村 キムラ|林 ハヤシ|斎藤 サイトウ|清水 シミズ
山崎 ヤマザキ|森 モリ|池田 イケダ|橋本 ハシモト|阿部 アベ|石川 イシカワ|山下 ヤマシタ|中島 ナカジマ|石井 イシイ|小川 オガワ
前田 マエダ|岡田 オカダ|長谷川 ハセガワ|藤田 フジタ|後藤 ゴトウ|近藤 コンドウ|村上 ムラカミ|遠藤 エンドウ|青木 アオキ|坂本 サカモト
福田 フクダ|太田 オオタ|西村 ニシムラ|藤井 フジイ|金子 カネコ|岡本 オカモト|藤原 フジワラ|三浦 ミウラ|中野 ナカノ|原田 ハラダ
松田 マツダ|竹内 タケウチ|小野 オノ|田村 タムラ|中山 ナカヤマ|和田 ワダ|石田 イシダ|森田 モリタ|上田 ウエダ|原 ハラ
内田 ウチダ|柴田 シバタ|酒井 サカイ|宮崎 ミヤザキ|横山 ヨコヤマ|高木 タカギ|安藤 アンドウ|宮本 ミヤモト|大野 オオノ|小島 コジマ
工藤 クドウ|谷口 タニグチ|今井 イマイ|高田 タカダ|増田 マスダ|丸山 マルヤマ|杉山 スギヤマ|村田 ムラタ|大塚 オオツカ|新井 アライ
蔵本 クラモト|倉持 クラモチ|米倉 ヨネクラ|土蔵 ツチクラ|蔵重 クラシゲ|五十嵐 イガラシ|小鳥遊 タカナシ|一 ニノマエ|御手洗 ミタライ|東海林 ショウジ
久保田 クボタ|松井 マツイ|千葉 チバ|岩崎 イワサキ|桜井 サクライ|野口 ノグチ|木下 キノシタ|菊地 キクチ|野村 ノムラ|新垣 アラカキ
`);

/** Surnames with characters that narrow systems lose: 外字, variants, variation sequences, surrogate pairs. */
export const RARE_SURNAMES = pairs(`
髙橋 タカハシ|髙木 タカギ|山﨑 ヤマザキ|宮﨑 ミヤザキ|\u{20BB7}田 ヨシダ|\u{20BB7}野 ヨシノ|渡邉 ワタナベ|渡邊 ワタナベ
渡邉\u{E0104} ワタナベ|渡邊\u{E0101} ワタナベ|齋藤 サイトウ|齊藤 サイトウ|濵田 ハマダ|濱口 ハマグチ|德永 トクナガ|桒原 クワバラ
葛\u{E0100}西 カサイ|辻\u{E0101}村 ツジムラ|神\u{E0100}谷 カミヤ|\u{233B4}本 ハシモト|𣘺本 ハシモト|塚\u{E0100}田 ツカダ|\u{FA11}山 サキヤマ|栁澤 ヤナギサワ
`);

/** Given names of men, those of older generations first. */
export const MALE_NAMES = pairs(`
茂 シゲル|正 タダシ|清 キヨシ|勇 イサム|三郎 サブロウ|昭 アキラ|実 ミノル|弘 ヒロシ|武 タケシ|進 ススム|博 ヒロシ|隆 タカシ
誠 マコト|浩 ヒロシ|健一 ケンイチ|和彦 カズヒコ|茂樹 シゲキ|浩二 コウジ|哲也 テツヤ|剛 ツヨシ|直樹 ナオキ|大輔 ダイスケ|健太 ケンタ
達也 タツヤ|拓也 タクヤ|翔太 ショウタ|大樹 ダイキ|亮 リョウ|駿 シュン|翼 ツバサ|蓮 レン|大翔 ヒロト|悠真 ユウマ|湊 ミナト|陽向 ヒナタ
朝陽 アサヒ|律 リツ|樹 イツキ|蒼 アオイ|颯太 ソウタ
`);

/** Given names of women, those of older generations first. */
export const FEMALE_NAMES = pairs(`
キヨ キヨ|ハル ハル|千代 チヨ|和子 カズコ|幸子 サチコ|節子 セツコ|洋子 ヨウコ|恵子 ケイコ|京子 キョウコ|久美子 クミコ|由美子 ユミコ
真由美 マユミ|明美 アケミ|陽子 ヨウコ|直美 ナオミ|智子 トモコ|香織 カオリ|裕子 ユウコ|美穂 ミホ|恵 メグミ|愛 アイ|麻衣 マイ|美咲 ミサキ
彩 アヤ|葵 アオイ|七海 ナナミ|優花 ユウカ|さくら サクラ|結衣 ユイ|陽菜 ヒナ|凛 リン|結菜 ユイナ|紬 ツムギ|澪 ミオ|ひかり ヒカリ
心春 コハル|杏 アン|芽依 メイ|咲茉 エマ|詩 ウタ
`);

/** Foreign residents: name as in the register, reading, alias (通称) or empty, sex. */
export const FOREIGN_NAMES = `
NGUYEN VAN MINH,グエン　ヴァン　ミン,,male|TRAN THI LAN,チャン　ティ　ラン,,female|PHAM DUC HUY,ファム　ドゥック　フイ,,male
LEE JIHYE,イ　ジヘ,李 智恵,female|KIM SUNGMIN,キム　ソンミン,金田 成民,male|PARK YUNA,パク　ユナ,新井 由奈,female
WANG XIAOYU,ワン　シャオユー,王 小雨,female|ZHANG WEIJIE,ジャン　ウェイジエ,長谷川 偉,male|CHEN MEILING,チェン　メイリン,,female
SILVA COSTA RAFAEL,シルヴァ　コスタ　ラファエル,,male|OLIVEIRA SANTOS MARIANA,オリヴェイラ　サントス　マリアナ,大谷 マリアナ,female
DELA CRUZ ANGELICA REYES,デラクルス　アンジェリカ　レイエス,,female|SHRESTHA BIKASH,シュレスタ　ビカス,,male
GURUNG SUNITA,グルン　スニタ,,female|SHARMA ROHIT KUMAR,シャルマ　ロヒット　クマール,,male|SANTOSO BUDI,サントソ　ブディ,,male
ROBERTS EMILY JANE,ロバーツ　エミリー　ジェーン,,female|MÜLLER JONAS,ミュラー　ヨナス,,male
`
  .trim()
  .split(/[\n|]+/)
  .map((entry) => {
    const [name = '', kana = '', alias = '', sex = ''] = entry.split(',');
    return {
      name,
      kana,
      alias: alias === '' ? null : alias,
      sex: sex === 'male' ? 'male' : 'female',
    } as const;
  });
