import { instantsOf, japanTime } from '../../audit/evidence/period.js';
import { afterText, tableEvidence } from '../evidence/kind.js';
import type { RuleResult } from './analyse.js';
import { ANALYSIS_RULES, type AnalysisRuleName } from './rules.js';
import type { AnalysisKind } from './run.js';
import type { ReviewOutcome } from './run.store.js';

const KINDS: Readonly<Record<AnalysisKind, string>> = {
  monthly: '月次',
  quarterly: '四半期',
  occasional: '随時',
};
const OUTCOMES: Readonly<Record<ReviewOutcome, string>> = {
  sound: '問題なし',
  followUp: '要改善',
  incident: '事案として対応',
};

/** What a line says of a run itself. */
interface RunCells {
  readonly kind: AnalysisKind;
  readonly unit: string | null;
  readonly from: string;
  readonly to: string;
  readonly version: string;
  readonly digest: string;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly reviewBy: string;
  readonly outcome: ReviewOutcome | null;
  readonly conclusion: string | null;
  readonly reviewedBy: string | null;
  readonly reviewedAt: string | null;
}

interface HitCells {
  readonly rule: AnalysisRuleName;
  readonly day: string;
  readonly people: readonly string[];
  readonly units: readonly string[];
  readonly about: readonly string[];
  readonly sequences: readonly string[];
  readonly count: number;
  readonly threshold: number;
}

/** A line is one of the three: a run, what one of its rules came to, or a hit. */
interface Line {
  readonly key: bigint;
  readonly runId: string;
  readonly run: RunCells | null;
  readonly result: RuleResult | null;
  readonly hit: HitCells | null;
}

/** More lines than a run can have; its rules come before its hits. */
const LINES_PER_RUN = 10_000;
const RULES_PER_RUN = 100;

const list = (texts: readonly string[] | undefined) => (texts ?? []).join('、');

/** ログの分析・確認の記録 (SM-07; handbook 11 §5): runs that were made in the period, each with its hits. */
export const analysisEvidence = tableEvidence<Line>({
  title: 'ログの分析・確認の記録',
  source:
    '保管庫の監査ログ及び登録簿の分析。対象期間に実施した分析、規則ごとの件数、該当を一行ずつ示す。確認の結論は端末の署名とともに保存されている。',
  key: ({ key }) => key,
  columns: [
    { heading: '分析番号', width: 11, cell: ({ runId }) => runId },
    {
      heading: '区分・所属',
      width: 6,
      cell: ({ run }) => (run ? `${KINDS[run.kind]} ${run.unit ?? '全体'}` : ''),
    },
    { heading: '分析の期間', width: 8, cell: ({ run }) => (run ? `${run.from}から${run.to}まで` : '') },
    { heading: '規則・基準値（版）', width: 14, cell: ruleText },
    { heading: '該当日', width: 7, cell: ({ hit }) => hit?.day ?? '' },
    { heading: '職員', width: 8, cell: ({ hit }) => list(hit?.people) },
    { heading: '所属', width: 6, cell: ({ hit }) => list(hit?.units) },
    { heading: '対象（参照等）', width: 13, cell: ({ hit }) => list(hit?.about) },
    { heading: '件数（基準）', width: 6, cell: countText },
    { heading: '監査ログの通番', width: 8, cell: ({ hit }) => list(hit?.sequences) },
    {
      heading: '実施',
      width: 8,
      cell: ({ run }) => (run ? `${japanTime(iso(run.madeAt))} ${run.madeBy}` : ''),
    },
    { heading: '確認者', width: 8, cell: ({ run }) => (run ? reviewer(run) : '') },
    { heading: '結論', width: 11, cell: ({ run }) => (run ? conclusion(run) : '') },
    { heading: '要約値', width: 13, cell: ({ run }) => run?.digest ?? '' },
  ],
  rows: async (session, slice, limit) => {
    const { from, to } = instantsOf(slice);
    return session.run(
      'vault.evidence.analyses',
      ({ raw }) => raw<Line[]>`
      with run as (
        select r.*, r.id * ${LINES_PER_RUN}::bigint as key from vault.analysis_run r
        where r.made_at >= ${from}::text::timestamptz and r.made_at < ${to}::text::timestamptz)
      select l.key, l.run_id as "runId", l.run, l.result, l.hit from (
        select r.key, r.run_id, jsonb_build_object('kind', r.kind, 'unit', r.unit, 'from', r.period_from,
            'to', r.period_to, 'version', r.threshold_version::text, 'digest', r.digest, 'madeBy', r.made_by,
            'madeAt', r.made_at, 'reviewBy', r.review_by, 'outcome', v.outcome, 'conclusion', v.conclusion,
            'reviewedBy', v.reviewed_by, 'reviewedAt', v.reviewed_at) as run, null::jsonb as result, null::jsonb as hit
        from run r left join vault.analysis_review v on v.run_no = r.id
        union all
        select r.key + e.place, r.run_id, null, e.result, null
        from run r cross join jsonb_array_elements(r.rules) with ordinality as e (result, place)
        union all
        select r.key + ${RULES_PER_RUN} + h.place, r.run_id, null, null, jsonb_build_object('rule', h.rule,
          'day', h.day, 'people', h.people, 'units', h.units, 'about', h.about, 'sequences', h.sequences::text[],
          'count', h.count, 'threshold', h.threshold)
        from run r join vault.analysis_hit h on h.run_no = r.id) l
      where l.key > ${afterText(slice)}::bigint order by l.key limit ${limit}`,
    );
  },
});

/** By which versions a run was made; by which version and thresholds a rule; which rule a hit is of. */
function ruleText({ run, result, hit }: Line): string {
  if (run) return `基準値の版${run.version}`;
  if (hit) return ANALYSIS_RULES[hit.rule].title;
  const { rule, version, thresholds } = result as RuleResult;
  const by = thresholds === null ? '' : `　${JSON.stringify(thresholds).replaceAll('"', '')}`;
  return `${ANALYSIS_RULES[rule].title}（版${version}）${by}`;
}

/** How many hits a rule had, and how many of them are listed where there were more; what a hit counted. */
function countText({ result, hit }: Line): string {
  if (hit) return `${hit.count}（${hit.threshold}）`;
  if (!result) return '';
  const { hits, kept } = result;
  return hits === kept ? `${hits}件` : `${hits}件（うち${kept}件を掲載）`;
}

function reviewer({ reviewedBy, reviewedAt, reviewBy }: RunCells): string {
  return reviewedBy === null
    ? `未確認（期限 ${reviewBy}）`
    : `${reviewedBy} ${japanTime(iso(String(reviewedAt)))}`;
}

function conclusion({ outcome, conclusion: words }: RunCells): string {
  return outcome === null ? '' : `${OUTCOMES[outcome]}：${words}`;
}

/** As statements give instants, in the form that instants are read in. */
function iso(at: string): string {
  return new Date(at).toISOString();
}
