import { z } from 'zod';
import { instantText, today } from '../../kernel/clock.js';
import { AUDIT_TEXT_CHARS_MAX } from '../../kernel/limits.js';
import { KuramoriError } from '../../kernel/errors.js';
import { enteredWords } from '../entered.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import { assertOfficer, officerId } from '../evidence/entering.js';
import type { AdminHandler } from '../http/admin.js';
import { loggedCommand } from '../operatorLog.js';

type ErasureAdministrationContext = Pick<
  VaultContext,
  'database' | 'audit' | 'clock' | 'seal' | 'erasureJournal'
>;

/** How much of a cause an entry takes beside its first words and the officer. */
const CAUSE_CHARS_MAX = AUDIT_TEXT_CHARS_MAX - 90;

const form = z.strictObject({ cause: z.string(), by: officerId });

/**
 * `erasure.rebuildJournal` {cause, by}: makes a lost journal anew from the table of erasures, as the officer `by` has
 * decided (handbook 11 §6); of a vault that is sealed, whose next opening then goes by it, and lets nothing be paid
 * before two other officers have compared with the bank. Answers `{erasures}`.
 */
export function erasureAdministration(
  context: ErasureAdministrationContext,
): Readonly<Record<string, AdminHandler>> {
  return {
    'erasure.rebuildJournal': (input, operator) =>
      loggedCommand(context, 'Vault.rebuildJournal', operator, async (log) => {
        const { cause: stated, by } = readEntry(form, input);
        const cause = enteredWords(stated, 'cause', CAUSE_CHARS_MAX);
        if (context.seal.state !== 'sealed') {
          throw new KuramoriError(
            'CONFLICT',
            'Only a vault that has its keys and is sealed gets another journal. Seal it first.',
          );
        }
        await assertOfficer(context.database, by, today(context.clock));
        await log.alone(`begun:by:${by} ${cause}`);
        const decision = { decidedBy: by, rebuiltAt: instantText(context.clock) };
        const erasures = await context.erasureJournal.rebuild(context.database, decision);
        await log.alone(`erasures:${erasures}`);
        return { erasures };
      }),
  };
}
