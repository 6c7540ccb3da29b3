import { today } from '../../kernel/clock.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Yen } from '../../kernel/yen.js';
import { sumYen } from '../../kernel/yen.js';
import { advanceCases, insertCandidates, readCaseFacts } from './case.store.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { insertNotices } from './notice.store.js';
import { roundConfiguration, roundDigest, roundNoOf } from './round.js';
import { assertApproved, findDigest, findRound, insertRound } from './round.store.js';
import { selectCandidates } from './selection.js';

/** What a proposal came to. */
export interface ProposedRound {
  readonly roundNo: string;
  /** What the second person approves. */
  readonly digest: string;
  /** The same configuration was proposed before; nothing was changed. */
  readonly repeated: boolean;
}

/**
 * 移管ラウンドの起案: proposes a round. It does nothing until a second person has approved its digest.
 * @param configuration as JSON gave it
 * @throws KuramoriError BAD_INPUT; CONFLICT when the round was proposed with another configuration
 */
export async function proposeRound(job: TransferJob, configuration: unknown): Promise<ProposedRound> {
  return recorded(job, 'round', '', async () => {
    const read = roundConfiguration(configuration);
    const round = { roundNo: roundNoOf(read), configuration: read, digest: roundDigest(read) };
    return changeRound(job, 'round', round.roundNo, async (tx, changeId) => {
      const earlier = await findDigest(tx, round.roundNo);
      if (earlier !== undefined && earlier !== round.digest) {
        throw new KuramoriError(
          'CONFLICT',
          'This round was proposed with another configuration. Propose it under the next serial number.',
          { fields: ['serialNo'] },
        );
      }
      if (earlier === undefined) {
        const by = { proposedBy: job.actor.actorId, proposedOn: today(job.clock) };
        await insertRound(tx, { ...round, ...by }, changeId);
      }
      const { roundNo, digest } = round;
      const outcome = { roundNo, digest, repeated: earlier !== undefined };
      return { outcome, rows: earlier === undefined ? 1 : 0, subjects: [] };
    });
  });
}

/** What a selection came to. */
export interface ChosenCandidates {
  readonly examined: number;
  readonly qualified: number;
  readonly chosen: number;
  readonly unpaid: Yen;
  /** The candidates of the round were chosen before; nothing was changed. */
  readonly repeated: boolean;
}

/**
 * 移管候補の選定: chooses the cases of an approved round, once.
 * @throws KuramoriError NOT_FOUND, DUAL_CONTROL_REQUIRED
 */
export async function chooseCandidates(job: TransferJob, roundNo: string): Promise<ChosenCandidates> {
  return recorded(job, 'candidates', roundNo, () =>
    changeRound(job, 'candidates', roundNo, async (tx, changeId) => {
      const round = await findRound(tx, roundNo);
      assertApproved(round);
      const [earlier] = await tx.run(
        'transfer.chosen',
        ({ raw }) => raw<{ cases: number; unpaid: Yen | null }[]>`
        select count(*)::integer as cases, sum(unpaid)::bigint as unpaid from records.transfer_case
        where round_id = ${String(round.id)}::bigint`,
      );
      if (earlier !== undefined && earlier.cases > 0) {
        const { cases, unpaid } = earlier;
        const outcome = {
          examined: 0,
          qualified: cases,
          chosen: cases,
          unpaid: unpaid ?? 0n,
          repeated: true,
        };
        return { outcome, rows: 0, subjects: [], reason: 'repeated' };
      }
      const day = today(job.clock);
      const { taxItems } = round.configuration.criteria;
      const facts = await readCaseFacts(tx, { today: day, taxItems });
      const { candidates, qualified, examined } = selectCandidates(facts, round.configuration, day);
      await insertCandidates(tx, round.id, candidates, { at: job.clock.now().toString(), changeId });
      const outcome = {
        examined,
        qualified,
        chosen: candidates.length,
        unpaid: sumYen(candidates.map(({ unpaid }) => unpaid)),
        repeated: false,
      };
      return {
        outcome,
        rows: candidates.length,
        subjects: candidates.map(({ addresseeNo }) => addresseeNo),
      };
    }),
  );
}

/** What the issue of notices came to. */
export interface IssuedNotices {
  readonly issued: number;
  /** Last day to pay. */
  readonly payBy: IsoDate;
}

/**
 * 移管最終催告: notes the final notice of every candidate that has none yet, with the day until which payment keeps the case
 * here. A repetition finds none.
 * @throws KuramoriError NOT_FOUND, DUAL_CONTROL_REQUIRED
 */
export async function issueNotices(job: TransferJob, roundNo: string): Promise<IssuedNotices> {
  return recorded(job, 'notice', roundNo, () =>
    changeRound(job, 'notice', roundNo, async (tx, changeId) => {
      const round = await findRound(tx, roundNo);
      assertApproved(round);
      const issuedOn = today(job.clock);
      const payBy = plainDate(issuedOn).add({ days: round.configuration.noticeDays }).toString();
      const transferIds = await insertNotices(tx, round.id, { issuedOn, payBy, changeId });
      const at = job.clock.now().toString();
      const subjects = await advanceCases(tx, {
        roundId: round.id,
        to: 'noticed',
        at,
        changeId,
        transferIds,
      });
      return { outcome: { issued: subjects.length, payBy }, rows: subjects.length, subjects };
    }),
  );
}
