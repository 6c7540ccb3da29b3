import { Field, InputType, Int, registerEnumType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import {
  announceConnection,
  connectionOf,
  Structural,
  type Connection,
} from '../../access/schema/connection.js';
import { QueryProvided } from '../../access/schema/define.js';
import { AUDIT_KINDS, type AuditDecision, type AuditKind } from '../../audit/record.js';
import { searchAuditEntries, type AuditFilter, type FoundAuditEntry } from '../../audit/search.js';
import { KuramoriError } from '../../kernel/errors.js';
import { DateTimeScalar, SequenceNoScalar } from '../../kernel/graphql/scalars.js';
import { AUDIT_PAGE_SIZE_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../kernel/limits.js';
import { decodeCursor, encodeCursor } from '../plan/cursor.js';

const DECISIONS = { ALLOW: 'allow', MASK: 'mask', REFUSE: 'refuse' } as const satisfies Record<
  string,
  AuditDecision
>;
const KINDS = Object.fromEntries(AUDIT_KINDS.map((kind) => [published(kind), kind]));

registerEnumType(DECISIONS, { name: 'AuditDecision', description: '判定' });
registerEnumType(KINDS, { name: 'AuditKind', description: '操作種別' });

/** The published form of a word: `signInFailure` → `SIGN_IN_FAILURE`. */
function published(word: string): string {
  return word.replace(/([A-Z])/g, '_$1').toUpperCase();
}

/** 監査記録. */
@Structural.type('AuditEntry', '監査記録. One coordinate with one decision, in one operation.')
export class AuditEntryView {
  @Structural(() => SequenceNoScalar, { description: '通番' })
  sequence!: string;

  @Structural(() => SequenceNoScalar, { description: '記録番号. The operation the entry belongs to.' })
  recordNo!: string;

  @Structural(() => DateTimeScalar, { description: '日時' })
  at!: string;

  @Structural(() => KINDS, { description: '操作種別' })
  kind!: AuditKind;

  @Structural(() => String, { description: '操作者' })
  actorId!: string;

  @Structural(() => [String], { description: '役割' })
  roles!: readonly string[];

  @Structural(() => String, { description: '所属' })
  department!: string;

  @Structural(() => String, { description: '端末' })
  terminal!: string;

  @Structural(() => String, { description: 'セッション' })
  sessionId!: string;

  @Structural(() => String, { description: '認証強度' })
  strength!: string;

  @Structural(() => String, { description: 'アプリケーション' })
  clientApp!: string;

  @Structural(() => String, { description: '利用目的' })
  purpose!: string;

  @Structural(() => String, { description: '事案', nullable: true })
  caseRef!: string | null;

  @Structural(() => String, { description: '操作名', nullable: true })
  operationName!: string | null;

  @Structural(() => String, { description: '文書ハッシュ', nullable: true })
  documentHash!: string | null;

  @Structural(() => String, {
    description: '相手方の記録. Number of the entry that the vault’s log has of the same request.',
    nullable: true,
  })
  counterpart!: string | null;

  @Structural(() => String, { description: '項目（Type.field）' })
  coordinate!: string;

  @Structural(() => DECISIONS, { description: '判定' })
  decision!: AuditDecision;

  @Structural(() => String, { description: '理由', nullable: true })
  reason!: string | null;

  @Structural(() => Int, { description: '件数' })
  rows!: number;

  @Structural(() => [String], { description: '対象（宛名番号）' })
  subjects!: readonly string[];

  @Structural(() => Boolean, { description: '注意喚起' })
  raised!: boolean;

  @Structural(() => String, { description: '要求番号' })
  requestId!: string;
}

/** 監査記録の検索条件. */
@InputType({ description: '監査記録の検索条件. All conditions given must hold of one entry.' })
export class AuditEntryFilter {
  @Field(() => String, { nullable: true, description: '操作者（誰が）' })
  actorId?: string;

  @Field(() => String, { nullable: true, description: '対象の宛名番号（誰を）' })
  subject?: string;

  @Field(() => String, { nullable: true, description: '項目（Type.field または Type.*）' })
  coordinate?: string;

  @Field(() => String, { nullable: true, description: '利用目的' })
  purpose?: string;

  @Field(() => DECISIONS, { nullable: true, description: '判定' })
  decision?: AuditDecision;

  @Field(() => KINDS, { nullable: true, description: '操作種別' })
  kind?: AuditKind;

  @Field(() => Boolean, { nullable: true, description: '注意喚起のみ' })
  raised?: boolean;

  @Field(() => String, { nullable: true, description: '事案' })
  caseRef?: string;

  @Field(() => DateTimeScalar, { nullable: true, description: '期間の始め（含む）' })
  from?: string;

  @Field(() => DateTimeScalar, { nullable: true, description: '期間の終わり（含まない）' })
  to?: string;
}

announceConnection(() => AuditEntryView);

/** Auditors' questions to the log. What they read is itself an entry. */
@Resolver()
export class AuditQueries {
  @QueryProvided(() => connectionOf(AuditEntryView), {
    rule: needs('audit:read'),
    description:
      '監査記録の検索（新しい順）. A page may be short although there is more: go on while hasNextPage.',
    recordedAs: 'auditRead',
    args: {
      filter: { type: () => AuditEntryFilter, description: '条件' },
      first: { type: () => Int, description: `件数（既定 ${PAGE_SIZE_DEFAULT}、最大 ${PAGE_SIZE_MAX}）` },
      after: { type: () => String, description: 'このカーソルより後' },
    },
    provide: async ({ session }, args) => {
      const size = pageSize(args['first']);
      const after = args['after'];
      const filter = withoutNulls((args['filter'] ?? {}) as Record<string, unknown>) as AuditFilter;
      assertAddresseeNumber(filter.subject);
      const before = after === undefined || after === null ? undefined : sequenceOf(after);
      const page = await searchAuditEntries(session, filter, {
        size,
        ...(before === undefined ? {} : { before }),
      });
      const nodes = page.entries.map(viewOf);
      const edges = nodes.map((node) => ({ node, cursor: encodeCursor('AuditEntry', node.sequence) }));
      const end =
        page.nextCursor === undefined
          ? edges.at(-1)?.cursor
          : encodeCursor('AuditEntry', String(page.nextCursor));
      const pageInfo = {
        hasNextPage: page.nextCursor !== undefined,
        hasPreviousPage: before !== undefined,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: end ?? null,
      };
      return {
        value: { nodes, edges, pageInfo },
        rows: nodes.length,
        subjects: filter.subject === undefined ? [] : [filter.subject],
      };
    },
  })
  auditEntries!: Connection<AuditEntryView>;
}

function viewOf(entry: FoundAuditEntry): AuditEntryView {
  return {
    ...entry,
    sequence: String(entry.sequence),
    recordNo: String(entry.recordNo),
    kind: published(entry.kind) as AuditKind,
    decision: published(entry.decision) as AuditDecision,
    caseRef: entry.caseRef ?? null,
    operationName: entry.operationName ?? null,
    documentHash: entry.documentHash ?? null,
    counterpart: entry.counterpart ?? null,
    reason: entry.reason ?? null,
  };
}

/** @throws KuramoriError BAD_INPUT when the cursor holds no number of the log */
function sequenceOf(cursor: unknown): bigint {
  const key = decodeCursor(cursor, 'AuditEntry');
  if (/^\d{1,18}$/.test(key)) return BigInt(key);
  throw new KuramoriError(
    'BAD_INPUT',
    'The argument after is not a cursor of this list. Use endCursor of the page before.',
  );
}

/** What an addressee number is made of in the log, which also keeps after whom an auditor asked. */
const SUBJECT = /^[\x21-\x7e]{1,32}$/;

/** @throws KuramoriError BAD_INPUT */
function assertAddresseeNumber(subject: string | undefined): void {
  if (subject === undefined || SUBJECT.test(subject)) return;
  throw new KuramoriError(
    'BAD_INPUT',
    'The subject of the filter is not an addressee number: 1 to 32 ASCII letters and digits. Correct it and ask again.',
    { field: 'filter.subject' },
  );
}

function pageSize(first: unknown): number {
  if (first === undefined || first === null) return PAGE_SIZE_DEFAULT;
  if (typeof first === 'number' && first >= 1 && first <= Math.min(PAGE_SIZE_MAX, AUDIT_PAGE_SIZE_MAX))
    return first;
  throw new KuramoriError('BAD_INPUT', `The argument first must be between 1 and ${PAGE_SIZE_MAX}.`);
}

function withoutNulls(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}
