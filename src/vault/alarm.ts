import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../audit/record.js';
import { instantText, today } from '../kernel/clock.js';
import type { VaultContext } from './context.js';

/** What somebody must look at: a duty that was not done in time. */
export interface DailyAlarm {
  /** A word of ours; its entry has the coordinate `Alarm.<what>`. */
  readonly what: string;
  /** Of what: an identifier or a unit, and the days that are over. */
  readonly subject: string;
}

type AlarmContext = Pick<VaultContext, 'database' | 'audit' | 'clock'>;

/**
 * 警報: a raised entry of the log, once a day for as long as it stands, whatever is started anew. That it was raised and
 * its entry commit together.
 * @returns whether it was raised now
 * @throws KuramoriError AUDIT_UNAVAILABLE
 */
export async function raiseDaily(context: AlarmContext, { what, subject }: DailyAlarm): Promise<boolean> {
  const { database, audit, clock } = context;
  return database.transaction('vault.alarm', async (tx) => {
    const rows = await tx.run(
      'vault.alarm.raise',
      ({ raw }) => raw`
      insert into vault.daily_alarm (what, subject, day) values (${what}, ${subject}, ${today(clock)}::date)
      on conflict do nothing returning what`,
    );
    if (rows.length === 0) return false;
    await audit.appendIn(tx, alarmRecord(instantText(clock), { what, subject }));
    return true;
  });
}

function alarmRecord(at: string, { what, subject }: DailyAlarm): AuditRecord {
  const coordinate = `Alarm.${what}`;
  return {
    kind: 'configuration',
    at,
    requestId: randomUUID(),
    actorId: 'vault',
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: '',
    clientApp: 'kuramori',
    purpose: 'AUDIT',
    entries: [{ coordinate, decision: 'allow', reason: subject, rows: 0, subjects: [], raised: true }],
  };
}
