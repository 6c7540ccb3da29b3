import { EVIDENCE_SUBJECTS_MAX } from '../../kernel/limits.js';
import type { AuditDecision } from '../record.js';
import type { FoundAuditEntry } from '../search.filter.js';
import type { EvidenceColumn, EvidenceLine } from './evidence.js';
import { japanTime } from './period.js';
import { withoutNumbers } from '../../kernel/suspectedNumber.js';

interface EntryColumn extends EvidenceColumn {
  readonly cell: (entry: FoundAuditEntry) => string;
}

const DECISIONS: Readonly<Record<AuditDecision, string>> = {
  allow: '許可',
  mask: '一部秘匿',
  refuse: '拒否',
};

/** What an entry of a log can be shown with. */
const COLUMNS = {
  sequence: { heading: '通番', width: 6, cell: ({ sequence }) => String(sequence) },
  at: { heading: '日時（日本時間）', width: 9, cell: ({ at }) => japanTime(at) },
  actor: { heading: '操作者', width: 8, cell: ({ actorId }) => actorId },
  department: { heading: '所属', width: 6, cell: ({ department }) => department },
  roles: { heading: '役割', width: 7, cell: ({ roles }) => roles.join(' ') },
  terminal: { heading: '端末', width: 7, cell: ({ terminal }) => terminal },
  coordinate: { heading: '操作・項目', width: 12, cell: ({ coordinate }) => coordinate },
  decision: { heading: '判定', width: 4, cell: ({ decision }) => DECISIONS[decision] },
  reason: { heading: '段階・理由', width: 11, cell: ({ reason }) => reasonText(reason) },
  purpose: { heading: '利用目的', width: 8, cell: ({ purpose }) => purpose },
  caseRef: { heading: '事案', width: 9, cell: ({ caseRef }) => caseRef ?? '' },
  rows: { heading: '件数', width: 4, cell: ({ rows }) => String(rows) },
  subjects: { heading: '対象（参照）', width: 14, cell: ({ subjects }) => subjectsText(subjects) },
  strength: { heading: '認証', width: 8, cell: ({ strength }) => strength },
  raised: { heading: '注意', width: 3, cell: ({ raised }) => (raised ? '要' : '') },
  requestId: { heading: '要求番号', width: 14, cell: ({ requestId }) => requestId },
} as const satisfies Record<string, EntryColumn>;

/** One of the columns of an entry. */
export type EntryColumnName = keyof typeof COLUMNS;

/** 利用・出力の記録 and アクセスログ: who did what to whom, for what, and what was decided. */
export const ACCESS_COLUMNS: readonly EntryColumnName[] = [
  'sequence',
  'at',
  'actor',
  'department',
  'terminal',
  'coordinate',
  'decision',
  'reason',
  'purpose',
  'caseRef',
  'rows',
  'subjects',
  'raised',
  'requestId',
];

/** ログイン実績: who presented himself where, how, and what came of it. */
export const SIGN_IN_COLUMNS: readonly EntryColumnName[] = [
  'sequence',
  'at',
  'actor',
  'department',
  'roles',
  'terminal',
  'coordinate',
  'decision',
  'reason',
  'strength',
  'raised',
  'requestId',
];

/** The columns named, for the form of an evidence. */
export function entryColumns(names: readonly EntryColumnName[]): readonly EvidenceColumn[] {
  return names.map((name) => ({ heading: COLUMNS[name].heading, width: COLUMNS[name].width }));
}

/** Keys of ours, of which some look like numbers. */
const KEYS: ReadonlySet<EntryColumnName> = new Set<EntryColumnName>(['sequence', 'subjects']);

/** An entry as a line with the columns named; whoever named a case may have written a number there. */
export function entryLine(names: readonly EntryColumnName[], entry: FoundAuditEntry): EvidenceLine {
  const cellOf = (name: EntryColumnName) => {
    const cell = COLUMNS[name].cell(entry);
    return KEYS.has(name) ? cell : withoutNumbers(cell);
  };
  return { key: entry.sequence, cells: names.map(cellOf) };
}

/** Words of ours that every line would otherwise repeat in English. */
const REASONS: Readonly<Record<string, string>> = { intent: '着手', done: '完了', repeated: '再送' };

function reasonText(reason: string | undefined): string {
  if (reason === undefined) return '';
  const [first = '', ...more] = reason.split(' ');
  return Object.hasOwn(REASONS, first) ? [REASONS[first], ...more].join(' ') : reason;
}

function subjectsText(subjects: readonly string[]): string {
  const named = subjects.slice(0, EVIDENCE_SUBJECTS_MAX).join(' ');
  const more = subjects.length - EVIDENCE_SUBJECTS_MAX;
  return more > 0 ? `${named} ほか${more}件` : named;
}
