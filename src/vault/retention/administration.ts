import { z } from 'zod';
import { ERASURE_CERTIFICATE_TEXT_CHARS_MAX, RETENTION_RUNS_LISTED_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import type { VaultContext } from '../context.js';
import { readEntry } from '../entered.js';
import { openWorkOf } from '../erasure/running.js';
import type { AdminHandler } from '../http/admin.js';
import { loggedCommand } from '../operatorLog.js';
import { PERIOD_CLASSES, type RetentionRule } from './rule.js';
import { addRetentionRule, readRetentionRules } from './rule.store.js';
import { runRetention } from './run.js';
import { readRuns, type RetentionRun } from './run.store.js';

type RetentionAdministrationContext = Pick<VaultContext, 'database' | 'audit' | 'clock' | 'clockGuard'>;

/** A run as JSON has it. */
export interface ToldRun extends Omit<RetentionRun, 'id' | 'intentEntry'> {
  readonly id: string;
  readonly intentEntry: string;
}

const nothing = z.strictObject({});
const ruleForm = z.strictObject({
  class: z.enum(PERIOD_CLASSES),
  years: z.int(),
  validFrom: z.string(),
  basis: z.string(),
});

/**
 * 保存期間 at the vault's host. `retention.run` makes the list of candidates now; `retention.list` shows the newest runs,
 * without their references; `retention.rules` shows the rules, `retention.addRule` {class, years, validFrom, basis}
 * adds one from a day on. Each has its entry in the log.
 * @param assertInService whether operations may be done
 */
export function retentionAdministration(
  context: RetentionAdministrationContext,
  assertInService: () => void,
): Readonly<Record<string, AdminHandler>> {
  const { database } = context;
  return {
    'retention.run': (input, operator) =>
      loggedCommand(context, 'Vault.retentionRun', operator, async (log) => {
        assertInService();
        readEntry(nothing, input);
        await log.alone('asked');
        const run = await runRetention({ ...context, openWork: openWorkOf(context) }, `operator:${operator}`);
        return toldRun(run as RetentionRun);
      }),
    'retention.list': (input, operator) =>
      loggedCommand(context, 'Vault.retentionRuns', operator, async (log) => {
        readEntry(nothing, input);
        await log.alone('listed');
        return (await readRuns(database, RETENTION_RUNS_LISTED_MAX)).map(toldRun);
      }),
    'retention.rules': (input, operator) =>
      loggedCommand(
        context,
        'Vault.retentionRules',
        operator,
        async (log): Promise<readonly RetentionRule[]> => {
          readEntry(nothing, input);
          await log.alone('listed');
          return readRetentionRules(database);
        },
      ),
    'retention.addRule': (input, operator) =>
      loggedCommand(context, 'Vault.retentionRule', operator, async (log) => {
        const rule = readEntry(ruleForm, input);
        const basis = enteredWords(rule.basis, 'basis', ERASURE_CERTIFICATE_TEXT_CHARS_MAX);
        await database.transaction('vault.retention.rule', async (tx) => {
          await addRetentionRule(tx, { ...rule, basis });
          await log.with(tx, `${rule.class}:${rule.years}:from:${rule.validFrom}`);
        });
      }),
  };
}

function toldRun({ id, intentEntry, ...run }: RetentionRun): ToldRun {
  return { ...run, id: String(id), intentEntry: String(intentEntry) };
}
