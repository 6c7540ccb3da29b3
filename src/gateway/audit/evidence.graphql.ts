import { Int, registerEnumType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import { carriedBody, carriedOperation } from '../../access/schema/carried.js';
import { Structural } from '../../access/schema/connection.js';
import { QueryProvided } from '../../access/schema/define.js';
import { entryLine } from '../../audit/evidence/entryCells.js';
import { evidencePart } from '../../audit/evidence/evidence.js';
import { readLog } from '../../audit/evidence/log.js';
import { evidencePeriod } from '../../audit/evidence/period.js';
import { KuramoriError } from '../../kernel/errors.js';
import { DateScalar, SequenceNoScalar } from '../../kernel/graphql/scalars.js';
import { EVIDENCE_DAYS_MAX, EVIDENCE_LINES_MAX } from '../../kernel/limits.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';
import { GATEWAY_EVIDENCE, type GatewayEvidence, type GatewayEvidenceName } from './evidence.js';

const KINDS = { USE: 'use', SIGN_IN: 'signIn', ACCESS: 'access' } as const satisfies Record<
  string,
  GatewayEvidenceName
>;
registerEnumType(KINDS, { name: 'EvidenceKind', description: '証跡の種別（ゲートウェイの監査ログ）' });

/** 証跡の一部. */
@Structural.type('EvidencePart', '証跡の一部. Its lines stand in the order of the log.')
export class EvidencePartView {
  @Structural(() => String, { description: '表題' })
  title!: string;

  @Structural(() => String, { description: 'CSV（UTF-8、BOM付き、見出し行あり）' })
  csv!: string;

  @Structural(() => String, { description: 'CSVの要約値（sha256:…）' })
  digest!: string;

  @Structural(() => Int, { description: '件数' })
  rows!: number;

  @Structural(() => SequenceNoScalar, { description: '最初の通番', nullable: true })
  firstSequence!: string | null;

  @Structural(() => SequenceNoScalar, { description: '最後の通番', nullable: true })
  lastSequence!: string | null;

  @Structural(() => SequenceNoScalar, {
    description: '続きの始まり. The argument after of the next part; null at the end.',
    nullable: true,
  })
  next!: string | null;
}

/** 保管庫の証跡. */
@Structural.type('VaultEvidence', '保管庫の証跡')
export class VaultEvidence {
  @Structural(() => String, { description: '結果 (JSON): csv, or pdf as base64, with digests and next' })
  result!: string;

  @Structural(() => SequenceNoScalar, { description: '保管庫の記録の通番' })
  vaultEntry!: string;
}

const VAULT_EVIDENCE: ReadonlySet<VaultOperation> = new Set<VaultOperation>(['evidence']);

/** What the audit officer is handed out. Each part is an entry with its digest. */
@Resolver()
export class EvidenceQueries {
  @QueryProvided(() => EvidencePartView, {
    rule: needs('audit:read'),
    description: `証跡. Of the gateway’s log, at most ${EVIDENCE_DAYS_MAX} days and ${EVIDENCE_LINES_MAX} lines at once.`,
    recordedAs: 'auditRead',
    args: {
      kind: { type: () => KINDS, description: '種別', required: true },
      from: { type: () => DateScalar, description: '期間の始め（日本時間、含む）', required: true },
      to: { type: () => DateScalar, description: '期間の終わり（日本時間、含む）', required: true },
      after: { type: () => SequenceNoScalar, description: 'この通番より後' },
    },
    provide: async ({ session }, { kind, from, to, after }) => {
      const name = kind as GatewayEvidenceName;
      const form: GatewayEvidence = GATEWAY_EVIDENCE[name];
      const period = evidencePeriod({ from: String(from), to: String(to) });
      const slice = { ...period, after: sequenceOf(after as bigint | null | undefined) };
      const { entries, next } = await readLog(session, form, slice);
      const lines = entries.map((entry) => entryLine(form.names, entry));
      const part = evidencePart(form, { lines, next });
      const value: EvidencePartView = {
        title: form.title,
        csv: part.csv,
        digest: part.digest,
        rows: part.rows.length,
        firstSequence: textOf(lines.at(0)?.key),
        lastSequence: textOf(lines[part.rows.length - 1]?.key),
        next: textOf(part.next),
      };
      const reason = `csv:${name}:${period.from}:${period.to}:${part.digest}`;
      return { value, rows: part.rows.length, subjects: [], reason };
    },
  })
  evidence!: EvidencePartView;

  @QueryProvided(() => VaultEvidence, {
    rule: needs('audit:read'),
    description:
      '保管庫の証跡. Signed on the terminal of the audit officer of the vault’s register; the vault decides.',
    recordedAs: 'auditRead',
    args: {
      assertion: {
        type: () => String,
        description: '操作認証. Signed on the terminal, serves once, for 60 seconds.',
        required: true,
      },
      body: {
        type: () => String,
        description: '本文 (JSON) that the assertion’s digest covers',
        required: true,
      },
    },
    provide: async ({ carry }, args) => {
      const [assertion, body] = [String(args['assertion']), String(args['body'])];
      carriedOperation(assertion, VAULT_EVIDENCE);
      const coordinate = 'Query.vaultEvidence';
      const asked = { coordinate, assertion, body: carriedBody(body), subjects: [], auditing: true } as const;
      const { result, entry } = await carry(asked);
      const { rows } = result as { rows: number };
      return { value: { result: JSON.stringify(result), vaultEntry: entry }, rows, subjects: [] };
    },
  })
  vaultEvidence!: VaultEvidence;
}

/** @throws KuramoriError BAD_INPUT */
function sequenceOf(after: bigint | null | undefined): bigint | undefined {
  if (after === undefined || after === null) return undefined;
  if (/^\d{1,18}$/.test(String(after))) return after;
  throw new KuramoriError(
    'BAD_INPUT',
    'The argument after is no number of an entry. Use next of the part before.',
  );
}

function textOf(sequence: bigint | undefined): string | null {
  return sequence === undefined ? null : String(sequence);
}
