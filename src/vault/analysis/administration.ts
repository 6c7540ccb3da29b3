import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { ANALYSIS_LISTED_MAX, WATCH_ENTRIES_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { assertOfficer, entryText, officerId } from '../evidence/entering.js';
import type { AdminHandler } from '../http/admin.js';
import { operatorCommands, type EnteredAt } from '../operatorCommand.js';
import { told } from './review.js';
import { analysisForm, makeAnalysis, plainRun } from './run.js';
import { readRuns } from './run.store.js';
import { thresholdsForm } from './thresholds.js';
import { insertThresholds, thresholdsOn } from './thresholds.store.js';
import { endWatch, watch, watchEndForm, watchForm } from './watchList.js';
import { readWatchList } from './watchList.store.js';

type AnalysisContext = Pick<VaultContext, 'database' | 'audit' | 'clock' | 'clockGuard'>;

const nothing = z.strictObject({});
const newThresholdsForm = z.strictObject({
  by: officerId,
  validFrom: z.iso.date(),
  reason: z.string(),
  thresholds: thresholdsForm,
});

const { command, entering, handlers } = operatorCommands<AnalysisContext>('analysis');

const COMMANDS = {
  run: command({
    coordinate: 'Vault.analysisRun',
    form: analysisForm,
    work: async (asked, { context, log, operator }) => {
      const run = await makeAnalysis(context, asked, { log, operator });
      return plainRun(run);
    },
  }),
  list: command({
    coordinate: 'Vault.analysisRuns',
    form: nothing,
    work: async (_entry, { context, log }) => {
      await log.alone('listed');
      return (await readRuns(context.database, { limit: ANALYSIS_LISTED_MAX })).map(told);
    },
  }),
  thresholds: command({
    coordinate: 'Vault.analysisThresholds',
    form: nothing,
    work: async (_entry, { context: { database, clock }, log }) => {
      await log.alone('shown');
      const { version, ...held } = await thresholdsOn(database, today(clock));
      return { version: String(version), ...held };
    },
  }),
  enterThresholds: entering(
    'Vault.enterAnalysisThresholds',
    newThresholdsForm,
    enterThresholds,
    ({ by }, { version }) => `version:${version}:by:${by}`,
  ),
  watch: entering('Vault.enterWatch', watchForm, watch, ({ by, category }, { watchId }) =>
    [watchId, category, 'by', by].join(':'),
  ),
  endWatch: entering('Vault.endWatch', watchEndForm, endWatch, ({ by, watchId }) =>
    [watchId, 'by', by].join(':'),
  ),
  watchList: command({
    coordinate: 'Vault.watchList',
    form: nothing,
    work: async (_entry, { context: { database, clock }, log }) => {
      await log.alone('shown');
      const day = today(clock);
      return readWatchList(database, { from: day, to: day, limit: WATCH_ENTRIES_MAX });
    },
  }),
} as const;

/**
 * ログの分析 at the vault's host (handbook 11 §5). `analysis.run` makes a run of a unit's month, of the vault's quarter, or
 * of any days; `analysis.list` lists the newest without their hits; `analysis.thresholds` shows those of today and
 * `analysis.enterThresholds` enters others from a day on; `analysis.watch` and `analysis.endWatch` enter who is
 * watched, `analysis.watchList` lists them. Each leaves an entry, which commits with the change where there is one.
 */
export function analysisAdministration(context: AnalysisContext): Readonly<Record<string, AdminHandler>> {
  return handlers(context, COMMANDS);
}

/**
 * Enters thresholds from a day on, by the chief or the audit officer: what a unit is measured by is not for the unit.
 * @throws KuramoriError BAD_INPUT for a day that is past: what a run of it would have found must not change
 */
async function enterThresholds(
  tx: Session,
  { by, validFrom, thresholds, ...said }: z.output<typeof newThresholdsForm>,
  at: EnteredAt,
): Promise<{ readonly version: string }> {
  await assertOfficer(tx, by, at.day, ['chiefOfficer', 'auditOfficer']);
  const reason = entryText(said.reason, 'reason');
  if (validFrom < at.day)
    throw new KuramoriError('BAD_INPUT', 'Thresholds hold from today on at the earliest.', {
      field: 'validFrom',
    });
  const { from, to } = thresholds.outOfHours;
  if (from >= to)
    throw new KuramoriError('BAD_INPUT', 'The hours end before they begin.', { field: 'outOfHours' });
  return { version: String(await insertThresholds(tx, { validFrom, thresholds, reason, by }, at.instant)) };
}
