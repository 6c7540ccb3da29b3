import { RESULT_CLASSES, type ResultClass } from '../../collection/receipt/posting.js';
import type { CountAndYen, LeviesOutcome, LoadResult, ReceiptsOutcome } from './outcome.js';

const CLASS_LABELS: Record<ResultClass, string> = {
  settled: '完納 settled',
  partial: '一部納付 partial',
  over: '過納 over',
  doublePayment: '二重納付 double payment',
  mistakenSlip: '期別誤り mistaken slip',
  unidentified: '不明金 unidentified',
};

const LABEL_COLUMNS = 28;
const COUNT_COLUMNS = 10;
const YEN_COLUMNS = 20;

/** The result of a load as lines of text, Japanese and English, for a terminal or a log. Counts and yen only. */
export function reportLines(result: LoadResult): string[] {
  const { outcome } = result;
  return [
    result.repeated ? '取込済 loaded before, nothing changed' : '取込完了 loaded',
    `${outcome.layout.id} v${outcome.layout.version}  sha256 ${result.sha256}`,
    row('', '件数 count', '円 yen'),
    ...(outcome.kind === 'receipts' ? receiptRows(outcome) : levyRows(outcome)),
    counted('保留 set aside', outcome.setAside),
    ...Object.entries(outcome.setAside.codes).map(([code, count]) =>
      row(`  ${code}`, group(String(count)), ''),
    ),
    counted('トレーラ trailer', outcome.trailer),
  ];
}

function receiptRows(outcome: ReceiptsOutcome): string[] {
  return [
    ...RESULT_CLASSES.map((name) => counted(CLASS_LABELS[name], outcome.classes[name])),
    counted('延滞金確定 charges fixed', outcome.lateChargesFixed),
    ...outcome.items.flatMap((item) => [
      counted(`税目 item ${item.taxItem}`, item),
      row('  消込 allocated', '', group(item.allocated)),
      row('  過誤納 overpaid', '', group(item.overpaid)),
      row('  不明 unidentified', '', group(item.unidentified)),
    ]),
  ];
}

function levyRows(outcome: LeviesOutcome): string[] {
  return [
    counted('新規 created', outcome.created),
    counted('更正 adjusted', outcome.adjusted),
    counted('変更なし unchanged', outcome.unchanged),
    counted('過納 overassessed', outcome.overassessed),
    row('納期限繰下げ due date shifted', group(String(outcome.dueDatesShifted)), ''),
    ...outcome.items.map((item) => counted(`税目 item ${item.taxItem}`, item)),
  ];
}

function counted(label: string, { count, yen }: CountAndYen): string {
  return row(label, group(String(count)), group(yen));
}

function row(label: string, count: string, yen: string): string {
  const space = (text: string, columns: number) => ' '.repeat(Math.max(1, columns - columnsOf(text)));
  const cells = [
    label,
    space(label, LABEL_COLUMNS),
    space(count, COUNT_COLUMNS),
    count,
    space(yen, YEN_COLUMNS),
    yen,
  ];
  return cells.join('').trimEnd();
}

/** Columns on a terminal: Japanese characters take two. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1), 0);
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
