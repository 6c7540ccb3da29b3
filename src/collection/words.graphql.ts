import type {
  ADDRESSEE_KINDS,
  ACCEPTANCE_OUTCOMES,
  ASSET_CLASSES,
  COMPONENTS,
  DELTA_KINDS,
  DISPOSITION_KINDS,
  HOLD_CODES,
  MATCH_RULES,
  OVERPAYMENT_CAUSES,
  PROMISE_END_KINDS,
  PROMISE_FORMS,
  PUSH_PROCEDURE_WORDS,
  PUSH_STATE_WORDS,
  RECEIPT_SOURCES,
  RENEWAL_KINDS,
  RESIDENCES,
  STAY_GROUNDS,
  TRANSFER_END_STATES,
  TRANSFER_STATES,
  WRITE_OFF_CAUSES,
} from '../../schema/records/index.js';
import { published } from '../access/schema/words.js';

type WordOf<T extends readonly string[]> = T[number];

export const AddresseeKind = published<WordOf<typeof ADDRESSEE_KINDS>>('AddresseeKind', '宛名区分', {
  person: '個人',
  company: '法人',
  joint: '共有',
  association: '人格のない社団・組合',
  publicBody: '公共団体',
});

export const Residence = published<WordOf<typeof RESIDENCES>>('Residence', '住登区分', {
  resident: '住登内',
  nonResident: '住登外',
});

export const Sex = published('Sex', '性別', { male: '男', female: '女', unknown: '不明' });

export const ManagerKind = published('ManagerKind', '送達先となる者の区分', {
  taxManager: '納税管理人',
  heirRepresentative: '相続人代表者',
});

export const AccountType = published('AccountType', '預金種別', {
  ordinary: '普通',
  current: '当座',
  saving: '貯蓄',
});

export const ProtectionKind = published('ProtectionKind', '支援措置の区分', {
  domesticViolence: '配偶者暴力',
  stalking: 'ストーカー行為等',
  childAbuse: '児童虐待',
  similar: 'その他これらに準ずるもの',
});

export const LegalFamily = published('LegalFamily', '法区分. Taxes and premiums never pay each other.', {
  tax: '地方税',
  premium: '保険料',
});

export const Component = published<WordOf<typeof COMPONENTS>>('Component', '債権の内訳', {
  tax: '本税',
  reminderFee: '督促手数料',
  lateCharge: '延滞金',
  penalty: '加算金',
  dispositionCost: '滞納処分費',
});

export const WriteOffCause = published<WordOf<typeof WRITE_OFF_CAUSES>>('WriteOffCause', '不納欠損の事由', {
  limitation: '時効完成（18条）',
  stayThreeYears: '執行停止３年継続（15条の7第4項）',
  immediate: '即時消滅（15条の7第5項）',
});

export const WriteOffState = published('WriteOffState', '不納欠損の状態', {
  proposed: '起案中',
  approved: '決裁済（欠損処分済）',
  rejected: '否決',
});

export const WriteOffReversalState = published('WriteOffReversalState', '不納欠損の取消の状態', {
  proposed: '起案中',
  approved: '決裁済（取消済）',
  rejected: '否決',
});

export const WriteOffOutcome = published('WriteOffOutcome', '不納欠損の決裁', {
  approved: '承認',
  rejected: '否決',
});

export const ReceiptSource = published<WordOf<typeof RECEIPT_SOURCES>>('ReceiptSource', '収納経路', {
  receiptPlain: '汎用収納',
  receiptMpn: 'MPN済通',
  receiptPayroll: '特別徴収収納',
  convenience: 'コンビニ収納',
  elqr: 'eL-QR・共通納税',
  directDebit: '口座振替',
  counter: '窓口',
  manual: '手入力',
  disposition: '差押取立・配当',
  organization: '滞納整理機構からの払込',
});

export const EnteredSource = published('EnteredReceiptSource', '職員が入力できる収納経路', {
  counter: '窓口',
  manual: '手入力',
});

export const MatchRule = published<WordOf<typeof MATCH_RULES>>('MatchRule', '消込の根拠', {
  paymentNo: '納付番号',
  levyKey: '期別の一意キー',
  noticeNo: '通知書番号',
  payrollKey: '指定番号',
  person: '職員の判断',
  none: '該当なし',
});

export const UnidentifiedReason = published('UnidentifiedReason', '不明金の理由', {
  noMatch: '該当する調定なし',
  ambiguous: '候補が複数',
  keyMismatch: 'キー不整合',
  assigned: '消込済',
  reversed: '取消',
});

export const OverpaymentCause = published<WordOf<typeof OVERPAYMENT_CAUSES>>(
  'OverpaymentCause',
  '過誤納の事由',
  {
    doublePayment: '二重納付（誤納）',
    excess: '過多納付（誤納）',
    mistakenSlip: '納付書誤り（誤納）',
    overassessed: '減額更正（過納）',
    reversed: '収納取消',
  },
);

export const RefundState = published('RefundState', '還付の状態', {
  proposed: '起案中',
  approved: '決裁済',
  rejected: '否決',
  paid: '支払済',
});

export const RefundOutcome = published('RefundOutcome', '還付の決裁', { approved: '承認', rejected: '否決' });

export const CaseState = published('CaseState', '滞納事案の状態', { open: '継続', closed: '終結' });

export const ContactMethod = published('ContactMethod', '折衝の方法', {
  phone: '電話',
  visit: '訪問',
  counter: '来庁',
  letter: '文書',
  email: '電子メール',
  other: 'その他',
});

export const PromiseForm = published<WordOf<typeof PROMISE_FORMS>>('PromiseForm', '分納誓約の方式', {
  written: '書面',
  oral: '口頭',
});

export const PromiseEndKind = published<WordOf<typeof PROMISE_END_KINDS>>(
  'PromiseEndKind',
  '分納誓約の終了',
  { cancelled: '取消', replaced: '変更' },
);

export const PromiseState = published('PromiseState', '分納誓約の状態', {
  running: '履行中',
  kept: '完了',
  broken: '不履行',
  cancelled: '取消',
  replaced: '変更済',
});

export const PromiseInstalmentState = published('PromiseInstalmentState', '分納計画の状態', {
  open: '納付待ち',
  paid: '納付済',
  missed: '不履行',
  lapsed: '失効（誓約の不履行・取消・変更による）',
});

export const ActingBody = published('ActingBody', '処分・折衝をした団体', {
  municipality: '本市',
  organization: '滞納整理機構',
});

export const DispositionKind = published<WordOf<typeof DISPOSITION_KINDS>>(
  'DispositionKind',
  '滞納処分の種類',
  {
    seizure: '差押',
    participatingSeizure: '参加差押',
    claimForDistribution: '交付要求',
  },
);

export const DispositionEndKind = published('DispositionEndKind', '滞納処分の終了', {
  released: '解除',
  cancelled: '取消',
  completed: '完結',
});

export const AssetClass = published<WordOf<typeof ASSET_CLASSES>>('AssetClass', '財産の種類', {
  deposit: '預貯金',
  salary: '給与',
  lifeInsurance: '生命保険',
  claim: 'その他の債権',
  realEstate: '不動産',
  vehicle: '自動車',
  movable: '動産',
});

export const StayGround = published<WordOf<typeof STAY_GROUNDS>>('StayGround', '執行停止の事由', {
  noProperty: '無財産（15条の7第1項1号）',
  livingInDistress: '生活困窮（同2号）',
  whereaboutsUnknown: '所在・財産不明（同3号）',
});

export const StayState = published('StayState', '執行停止の状態', {
  proposed: '起案中',
  approved: '決裁済（停止中）',
  rejected: '否決',
});

export const StayOutcome = published('StayOutcome', '執行停止の決裁', {
  approved: '承認',
  rejected: '否決',
});

export const PushProcedure = published<WordOf<typeof PUSH_PROCEDURE_WORDS>>(
  'PushProcedure',
  '中間サーバー連携の手続',
  {
    acquireCode: '符号取得',
    inquireRefundAccount: '公金受取口座照会',
  },
);

export const PushState = published<WordOf<typeof PUSH_STATE_WORDS>>('PushState', '中間サーバー連携の状態', {
  WAITING: '引渡し待ち（署名済、保管庫へ渡す前）',
  HANDED_OVER: '引渡し済（保管庫が受け付けた）',
  AWAITING_SIGNATURE: '署名待ち（署名の期限までに保管庫へ渡せなかった）',
  NOT_ACCEPTED: '不受理（保管庫が断った）',
  CANCELLED: '取消',
  ACCEPTED: '受付',
  SENDING: '送信中',
  PENDING: '相手方処理中',
  RETRY_WAIT: '再送待ち',
  INDETERMINATE: '結果確認中',
  DONE: '完了',
  REFUSED: '拒否',
  FAILED: '失敗',
  EXPIRED: '期限切れ',
});

export const TransferState = published<WordOf<typeof TRANSFER_STATES>>('TransferState', '移管事案の状態', {
  candidate: '候補',
  noticed: '最終催告済',
  frozen: '基準時点確定',
  approved: '承認済',
  assembled: '作成済',
  sealed: '封緘済',
  released: '払出済',
  inCarry: '持ち運び中',
  delivered: '引渡済',
  rejected: '引受拒否',
  active: '引受（徴収中）',
  resultReceived: '実績受領',
  reconciled: '突合済',
  closed: '終結',
  aborted: '脱落・取下げ',
});

export const AcceptanceOutcome = published<WordOf<typeof ACCEPTANCE_OUTCOMES>>('AcceptanceOutcome', '引受', {
  accepted: '引受',
  rejected: '引受拒否',
});

export const TransferEndState = published<WordOf<typeof TRANSFER_END_STATES>>(
  'TransferEndState',
  '機構の結果区分',
  {
    paidInFull: '完納',
    returned: '返還',
    suspensionFit: '執行停止相当',
    writeOffFit: '不納欠損相当',
    continued: '継続',
  },
);

export const TransferRenewalKind = published<WordOf<typeof RENEWAL_KINDS>>(
  'TransferRenewalKind',
  '時効の更新の事由',
  { seizure: '差押', acknowledgement: '承認' },
);

export const TransferDeltaKind = published<WordOf<typeof DELTA_KINDS>>(
  'TransferDeltaKind',
  '入金連絡の区分',
  {
    payment: '収納',
    offset: '充当',
    adjustment: '更正',
    writeOff: '不納欠損',
  },
);

export const TransferHoldCode = published<WordOf<typeof HOLD_CODES>>('TransferHoldCode', '実績の保留の事由', {
  unknownCase: '機構が引き受けた事案でない',
  unknownLine: '機構が引き受けた明細でない',
  reportedTwice: '一つの実績に二度ある事案',
  partsDiffer: '内訳と収納額の不一致',
  futureDay: '未来の日付',
  futureTime: '未来の日時',
  beforeHandOver: '基準時点より前の日付',
  exceedsTax: '未納額を超える本税',
  exceedsFee: '未納額を超える督促手数料',
  otherDisposition: '処分番号の重複',
  endOfNothing: '報告のない処分の終了',
  endsBeforeBegin: '処分日より前の終了',
  endsOtherwise: '終了済みの処分の別の終了',
  tooManyRows: '行数超過',
  malformed: '書式の誤り',
  unreadable: '読めないファイル',
  earlierHeld: '先の実績の保留',
});

export const TransferHoldState = published('TransferHoldState', '実績の保留の状態', {
  held: '保留',
  taken: '取込済',
  heldAnew: '別の事由で保留',
  setAside: '除外',
});

export const TransferSetAsideOutcome = published('TransferSetAsideOutcome', '保留の除外の決裁', {
  approved: '承認',
  rejected: '否決',
});
