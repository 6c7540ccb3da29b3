import { z } from 'zod';
import { instantText, today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { BREAK_GLASS_LISTED_MAX, BREAK_GLASS_NAME_CHARS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import { assertOfficer, officerId } from '../evidence/entering.js';
import { readHolidays } from '../evidence/incident/incident.store.js';
import type { AdminHandler } from '../http/admin.js';
import { loggedCommand } from '../operatorLog.js';
import { breakGlassIdForm, openingState, reviewDueOn, type OpeningState } from './breakGlass.js';
import { insertSeal, lastSeal, lockBreakGlass, readOpenings } from './breakGlass.store.js';
import { glassCodeDigest, newGlassCode } from './code.js';

type GlassContext = Pick<VaultContext, 'database' | 'audit' | 'clock' | 'clockGuard'>;

/** An opening as `kuramori vault break-glass list` shows it. */
export interface ToldOpening {
  readonly opening: string;
  readonly breakGlassId: string;
  readonly sealNo: string;
  readonly state: OpeningState;
  readonly openedBy: string;
  readonly secondedBy: string;
  /** ISO instant */
  readonly openedAt: string;
  /** Subjects that were asked for. */
  readonly uses: number;
  /** Last day for the review, ISO. */
  readonly reviewBy: string;
}

const sealForm = z.strictObject({
  breakGlassId: breakGlassIdForm,
  sealNo: z.string().min(1).max(BREAK_GLASS_NAME_CHARS_MAX),
  by: officerId,
});

/**
 * 緊急時利用 at the vault's host. `breakGlass.seal` makes the code of a new envelope and answers it, once;
 * `breakGlass.list` shows the openings that wait for their review. Each leaves a raised entry.
 */
export function breakGlassAdministration(context: GlassContext): Readonly<Record<string, AdminHandler>> {
  return {
    'breakGlass.seal': (input, operator) =>
      loggedCommand(context, 'Vault.sealBreakGlass', operator, async (log) => {
        context.clockGuard.assertTrusted();
        const { breakGlassId, sealNo, by } = readEntry(sealForm, input);
        return context.database.transaction('vault.breakGlass.seal', async (tx) => {
          await assertOfficer(tx, by, today(context.clock), ['chiefOfficer', 'auditOfficer']);
          await lockBreakGlass(tx, breakGlassId);
          if ((await lastSeal(tx, breakGlassId))?.awaitsReview === true) throw awaitsReview();
          const code = newGlassCode();
          const seal = { breakGlassId, sealNo, by, codeDigest: glassCodeDigest(breakGlassId, code) };
          if (!(await insertSeal(tx, seal, instantText(context.clock)))) throw sealedBefore();
          await log.with(tx, `sealed:${breakGlassId}:seal:${sealNo}:by:${by}`);
          return { code };
        });
      }),
    'breakGlass.list': (input, operator) =>
      loggedCommand(context, 'Vault.breakGlass', operator, async (log) => {
        readEntry(z.strictObject({}), input);
        await log.alone('listed');
        return listOpenings(context);
      }),
  };
}

/** Openings that wait for their review, oldest first. */
export async function listOpenings({
  database,
  clock,
}: Pick<VaultContext, 'database' | 'clock'>): Promise<readonly ToldOpening[]> {
  const holidays = await readHolidays(database);
  const openings = await readOpenings(database, { unreviewedOnly: true, limit: BREAK_GLASS_LISTED_MAX });
  return openings.map((opening) => ({
    opening: opening.openingId,
    breakGlassId: opening.breakGlassId,
    sealNo: opening.sealNo,
    state: openingState(opening, clock.now(), holidays),
    openedBy: opening.openedBy,
    secondedBy: opening.secondedBy,
    openedAt: opening.openedAt.toString(),
    uses: opening.uses.length,
    reviewBy: reviewDueOn(opening, holidays),
  }));
}

function awaitsReview(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'An opening of this credential waits for its review. Review it; then seal the credential anew.',
  );
}

function sealedBefore(): KuramoriError {
  return new KuramoriError('CONFLICT', 'The credential had a seal of this number. Take another seal.', {
    field: 'sealNo',
  });
}
