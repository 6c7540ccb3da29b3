import { z } from 'zod';
import { AUDIT_TEXT_CHARS_MAX } from '../../kernel/limits.js';
import { KuramoriError } from '../../kernel/errors.js';
import { enteredText } from '../../kernel/text.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import type { AdminHandler } from '../http/admin.js';
import { loggedCommand } from '../operatorLog.js';

type ErasureAdministrationContext = Pick<
  VaultContext,
  'database' | 'audit' | 'clock' | 'seal' | 'erasureJournal'
>;

/** How much of a cause an entry takes beside its first word. */
const CAUSE_CHARS_MAX = AUDIT_TEXT_CHARS_MAX - 20;

const form = z.strictObject({ cause: z.string() });

/**
 * `erasure.rebuildJournal` {cause}: makes a lost journal anew from the table of erasures, as an officer has decided
 * (handbook 11 §6); of a vault that is sealed, whose next opening then goes by it. Answers `{erasures}`.
 */
export function erasureAdministration(
  context: ErasureAdministrationContext,
): Readonly<Record<string, AdminHandler>> {
  return {
    'erasure.rebuildJournal': (input, operator) =>
      loggedCommand(context, 'Vault.rebuildJournal', operator, async (log) => {
        const cause = enteredText(readEntry(form, input).cause, 'cause', CAUSE_CHARS_MAX);
        if (context.seal.state !== 'sealed') {
          throw new KuramoriError(
            'CONFLICT',
            'Only a vault that has its keys and is sealed gets another journal. Seal it first.',
          );
        }
        await log.alone(`begun:${cause}`);
        const erasures = await context.erasureJournal.rebuild(context.database);
        await log.alone(`erasures:${erasures}`);
        return { erasures };
      }),
  };
}
