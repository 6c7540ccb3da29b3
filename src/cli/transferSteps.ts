import { readFile, stat } from 'node:fs/promises';
import type { TakenActs } from '../collection/transfer/acts/acts.js';
import { forwardDeltas } from '../collection/transfer/deltas.js';
import { learnAcceptance, learnStatus } from '../collection/transfer/follow.js';
import { freezeRound } from '../collection/transfer/freeze.js';
import type { TransferStep } from '../collection/transfer/job.js';
import { chooseCandidates, issueNotices, proposeRound } from '../collection/transfer/prepare.js';
import { closeRound, reconcileRound } from '../collection/transfer/reconcile.js';
import type { Difference } from '../collection/transfer/reconciliation.js';
import type { KeptHold } from '../collection/transfer/hold.store.js';
import { receiveResults } from '../collection/transfer/results.js';
import { submitRound } from '../collection/transfer/submit.js';
import { KuramoriError } from '../kernel/errors.js';
import { TRANSFER_DIFFERENCES_LISTED_MAX, TRANSFER_ROUND_FILE_BYTES_MAX } from '../kernel/limits.js';
import type { Yen } from '../kernel/yen.js';
import type { TransferEnvironment } from './transfer.js';

/** What a step says at its end; `isOpen` when somebody must look at it before the round can go on. */
export interface StepOutcome {
  readonly lines: readonly string[];
  readonly isOpen?: boolean;
}

interface StepCommand {
  readonly description: string;
  readonly takes: 'file' | 'round';
  readonly run: (environment: TransferEnvironment, argument: string) => Promise<StepOutcome>;
}

const REPEATED = '実行済 done before, nothing changed';

const yen = (amount: Yen) => `${new Intl.NumberFormat('ja-JP').format(amount)}円`;
const repeatedLine = (repeated: boolean) => (repeated ? [REPEATED] : []);

/** The steps in their order. */
export const TRANSFER_STEPS: Readonly<Record<TransferStep, StepCommand>> = {
  round: {
    description: '移管ラウンドを起案する (propose a round; a second person approves it in the gateway)',
    takes: 'file',
    run: async ({ job }, path) => {
      const { roundNo, digest, repeated } = await proposeRound(job, await readConfiguration(path));
      return {
        lines: [`移管ラウンド round ${roundNo}`, `要約値 digest ${digest}`, ...repeatedLine(repeated)],
      };
    },
  },
  candidates: {
    description: '移管候補を選定する (choose candidates)',
    takes: 'round',
    run: async ({ job }, roundNo) => {
      const { chosen, qualified, unpaid, repeated } = await chooseCandidates(job, roundNo);
      const lines = [`候補 chosen ${chosen}`, `該当 qualified ${qualified}`, `未納額 unpaid ${yen(unpaid)}`];
      return { lines: [...lines, ...repeatedLine(repeated)] };
    },
  },
  notice: {
    description: '移管最終催告を記録する (issue final notices)',
    takes: 'round',
    run: async ({ job }, roundNo) => {
      const { issued, payBy } = await issueNotices(job, roundNo);
      return { lines: [`最終催告 issued ${issued}`, ...(issued > 0 ? [`納付期限 pay by ${payBy}`] : [])] };
    },
  },
  freeze: {
    description: '基準時点を確定する (freeze the round)',
    takes: 'round',
    run: async ({ job }, roundNo) => {
      const { cases, lines, dropped, asOf, repeated } = await freezeRound(job, roundNo);
      const { paidInFull, belowThreshold } = dropped;
      return {
        lines: [
          `事案 cases ${cases}`,
          `期別 lines ${lines}`,
          `脱落 dropped ${paidInFull + belowThreshold} (完納 paid in full ${paidInFull})`,
          `基準時点 as of ${asOf}`,
          ...repeatedLine(repeated),
        ],
      };
    },
  },
  submit: {
    description: '移管データを金庫へ引き渡す (stream the rows into the vault)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const { cases, unpaid, draftDigest, unmappable, repeated } = await submitRound(job, vault(), roundNo);
      return {
        lines: [
          `事案 cases ${cases}`,
          `未納額 unpaid ${yen(unpaid)}`,
          `原案の要約値 draft digest ${draftDigest}`,
          ...(unmappable.length > 0 ? [`外字 outside JIS X 0213 ${unmappable.join(' ')}`] : []),
          ...repeatedLine(repeated),
        ],
      };
    },
  },
  status: {
    description: 'パッケージの状態を取り込む (learn how far the package is)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const { packageState, packageId, cases } = await learnStatus(job, vault(), roundNo);
      return {
        lines: [
          `パッケージ package ${packageState}${packageId === undefined ? '' : ` ${packageId}`}`,
          ...[...cases].map(([state, count]) => `${state} ${count}`),
        ],
      };
    },
  },
  acceptance: {
    description: '引受を取り込む (learn what was accepted)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const { accepted, rejected, waiting } = await learnAcceptance(job, vault(), roundNo);
      return {
        lines: [`引受 accepted ${accepted}`, `引受拒否 rejected ${rejected}`, `未回答 waiting ${waiting}`],
      };
    },
  },
  deltas: {
    description: '入金連絡を送る (forward payments)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const { messages, lines, late, waiting } = await forwardDeltas(job, vault(), roundNo);
      return {
        lines: [
          `入金連絡 messages ${messages}`,
          `明細 lines ${lines}`,
          ...(late > 0 ? [`期限超過 late ${late}`] : []),
          ...(waiting > 0 ? [`待機 waiting ${waiting}`] : []),
        ],
        isOpen: late > 0,
      };
    },
  },
  results: {
    description: '徴収実績報告を取り込む (take results)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const { results, completed, unread, held } = await receiveResults(job, vault(), roundNo);
      const lines = [
        ...results.flatMap(({ resultId, collections, collected, final, acts }) => [
          `実績 result ${resultId} ${collections}件 ${yen(collected)}${final ? ' 最終 final' : ''}`,
          ...actLines(acts),
        ]),
        ...completed.flatMap(({ resultId, acts }) => [`実績 result ${resultId}`, ...actLines(acts)]),
        ...unread.map((resultId) => `処分等を読めない実績 acts not readable ${resultId}`),
        ...held.slice(0, TRANSFER_DIFFERENCES_LISTED_MAX).map(holdLine),
        ...(held.length > 0 ? [`保留（計） held ${held.length}`] : []),
      ];
      return { lines: lines.length > 0 ? lines : ['新しい実績なし no new result'], isOpen: held.length > 0 };
    },
  },
  reconcile: {
    description: '突合する (post what was paid over, and reconcile to the yen)',
    takes: 'round',
    run: async ({ job, vault }, roundNo) => {
      const found = await reconcileRound(job, vault(), roundNo);
      const { transferred, paidHere, reduced, collectedTax, remaining, collected, received, differences } =
        found;
      return {
        lines: [
          `消込 posted ${found.posted}`,
          `移管時未納額 transferred ${yen(transferred)}`,
          `本市収納 paid here ${yen(paidHere)}`,
          `減額 reduced ${yen(reduced)}`,
          `機構徴収（本税） collected ${yen(collectedTax)}`,
          `残額 remaining ${yen(remaining)}`,
          `徴収額（計） ${yen(collected)} 払込額 ${yen(received)}`,
          `機構の継続中の処分 dispositions that last ${found.lasting}`,
          `処分等の報告が揃わない事案 cases with acts untold ${found.untold}`,
          differences.length === 0 ? '差異なし no difference' : `差異 differences ${differences.length}`,
          ...differences.slice(0, TRANSFER_DIFFERENCES_LISTED_MAX).map(differenceLine),
        ],
        isOpen: differences.length > 0,
      };
    },
  },
  close: {
    description: '移管ラウンドを終結する (close the round, erase its rows)',
    takes: 'round',
    run: async ({ job }, roundNo) => {
      const { closed, erased } = await closeRound(job, roundNo);
      return { lines: [`終結 closed ${closed}`, `消去した明細行 rows erased ${erased}`] };
    },
  },
};

function actLines({ dispositions, ended, renewals, contacts, areTold }: TakenActs): string[] {
  const taken = `処分 ${dispositions} 終了 ${ended} 時効の更新 ${renewals} 折衝 ${contacts}`;
  return [
    `  ${taken} (dispositions, ends, renewals, contacts)`,
    ...(areTold ? [] : ['  処分・時効の報告なし no word about dispositions or renewals']),
  ];
}

/** 保留, by its place: never what stands there. */
function holdLine({ resultId, caseNo, code, file, row }: KeptHold): string {
  const place = file === null ? '' : ` ${file}${row === null ? '' : ` ${row}行 row ${row}`}`;
  return `  保留 held ${resultId} ${caseNo ?? '全件 whole'} ${code}${place}`;
}

function differenceLine(found: Difference): string {
  if (found.kind === 'money') return `  払込 money ${found.resultId} ${yen(found.yen)}`;
  if (found.kind === 'held')
    return `  保留 held ${found.resultId} ${found.caseNo ?? '全件 whole'} ${yen(found.yen)}`;
  const title = found.kind === 'remaining' ? '残額 remaining' : '完納でない not paid in full';
  return `  ${title} ${found.caseNo}/${found.lineNo} ${yen(found.yen)}`;
}

/** @throws KuramoriError BAD_INPUT when the file is missing, too large or no JSON */
async function readConfiguration(path: string): Promise<unknown> {
  const refuse = (fault: string) => new KuramoriError('BAD_INPUT', `The file of the round ${fault}.`);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw refuse('is not there. Check its path');
  if (found.size > TRANSFER_ROUND_FILE_BYTES_MAX)
    throw refuse(`has more than ${TRANSFER_ROUND_FILE_BYTES_MAX} bytes`);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    throw refuse('is no JSON. Correct it');
  }
}
