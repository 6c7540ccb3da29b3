import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { today } from '../../kernel/clock.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { EVIDENCE_LINES_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { findCertificate } from '../erasure/certificate.store.js';
import type { AdminHandler } from '../http/admin.js';
import type { AuditEntry } from '../../audit/record.js';
import { sealRecord } from '../opening.js';
import { operatorCommands } from '../operatorCommand.js';
import { handedOutReason } from './effect.js';
import { entryText } from './entering.js';
import { evidenceForm, handOut } from './handOut.js';
import { addToIncident, incidentForm, incidentStepForm, openIncident } from './incident/enter.js';
import { alarmOf, deadlinesOf, incidentState, type IncidentAlarm } from './incident/incident.js';
import { findIncident, insertHolidays, openIncidents, readHolidays } from './incident/incident.store.js';
import { reportText } from './incident/report.js';
import { documentCertificate } from './pdf/certificate.js';
import { witness, witnessForm, type Witnessed } from './witness.js';
import { enterProcessor, enterProcessorAudit, processorAuditForm, processorForm } from './processor/enter.js';

type EvidenceContext = Pick<
  VaultContext,
  'database' | 'audit' | 'clock' | 'clockGuard' | 'seal' | 'municipality' | 'municipalityName'
>;

/** An incident as `kuramori evidence incidents` lists it. */
export interface ToldIncident {
  readonly incidentId: string;
  readonly state: string;
  readonly learnedOn: IsoDate;
  readonly quickBy: IsoDate;
  readonly finalBy: IsoDate;
  /** What is due or overdue; absent when nothing is. */
  readonly alarm?: IncidentAlarm;
}

/** The certificate with which documents verify. */
export interface ToldSigner {
  readonly keyId: string;
  readonly pem: string;
  /** SHA-256, `AB:CD:…`: what the municipality publishes. */
  readonly fingerprint: string;
}

const holidaysForm = z.strictObject({
  holidays: z
    .array(z.strictObject({ day: z.iso.date(), name: z.string() }))
    .min(1)
    .max(EVIDENCE_LINES_MAX),
});
const reportForm = z.strictObject({
  incidentId: z.string().regex(/^IN-[0-9a-f-]{36}$/),
  step: z.enum(['quickReport', 'finalReport']),
});
const certificateForm = z.strictObject({ certificateId: z.string().regex(/^EC-[0-9a-f-]{36}$/) });

const { command, entering, handlers } = operatorCommands<EvidenceContext>('evidence');

const COMMANDS = {
  part: command({
    coordinate: 'Vault.evidence',
    form: evidenceForm,
    work: async (asked, { context, operator }) => {
      const handedOut = await handOut(context, asked, `${operator}（保管庫の操作員）`);
      const record = sealRecord(
        context,
        'Vault.evidence',
        operator,
        'allow',
        handedOutReason(asked, handedOut),
      );
      const [entry] = record.entries as [AuditEntry];
      await context.audit.append({
        ...record,
        kind: 'export',
        entries: [{ ...entry, rows: handedOut.rows }],
      });
      return handedOut;
    },
  }),
  witness: command({
    coordinate: 'Vault.evidenceWitness',
    form: witnessForm,
    work: async (presented, { context, log, operator }): Promise<Witnessed> => {
      const witnessed = await witness(context, presented, `${operator}（保管庫の操作員）`);
      await log.alone(`${presented.kind}:${presented.digest}:${witnessed.pdfDigest}`);
      return witnessed;
    },
  }),
  processor: entering('Vault.enterProcessor', processorForm, enterProcessor, ({ processorId, by }) =>
    [processorId, by].join(':by:'),
  ),
  audit: entering(
    'Vault.enterProcessorAudit',
    processorAuditForm,
    enterProcessorAudit,
    ({ processorId, by }) => [processorId, by].join(':by:'),
  ),
  incident: entering('Vault.openIncident', incidentForm, openIncident, ({ by }, { incidentId }) =>
    [incidentId, by].join(':by:'),
  ),
  step: entering(
    'Vault.addToIncident',
    incidentStepForm,
    addToIncident,
    ({ incidentId, step, by, approvedBy }) =>
      `${step}:${incidentId}:by:${by}${approvedBy === undefined ? '' : `:approvedBy:${approvedBy}`}`,
  ),
  holidays: entering(
    'Vault.enterHolidays',
    holidaysForm,
    async (tx, { holidays }) => ({
      entered: await insertHolidays(
        tx,
        holidays.map(({ day, name }) => ({ day, name: entryText(name, 'name') })),
      ),
    }),
    (_entry, { entered }) => `entered:${entered}`,
  ),
  incidents: command({
    coordinate: 'Vault.incidents',
    form: z.strictObject({}),
    work: async (_entry, { context, log }) => {
      await log.alone('listed');
      return listIncidents(context);
    },
  }),
  report: command({
    coordinate: 'Vault.incidentReport',
    form: reportForm,
    work: async ({ incidentId, step }, { context, log }) => {
      const incident = await findIncident(context.database, incidentId);
      if (incident === undefined) throw notFound('incident');
      await log.alone(`${step}:${incidentId}`);
      const { municipality } = context;
      const holidays = await readHolidays(context.database);
      return { text: reportText(incident, { step, municipality, holidays, day: today(context.clock) }) };
    },
  }),
  certificate: command({
    coordinate: 'Vault.erasureCertificate',
    form: certificateForm,
    work: async ({ certificateId }, { context, log }) => {
      const certificate = await findCertificate(context.database, certificateId);
      if (certificate === undefined) throw notFound('certificate');
      await log.alone(`handedOut:${certificateId}`);
      return certificate;
    },
  }),
  signer: command({
    coordinate: 'Vault.documentSigner',
    form: z.strictObject({}),
    work: async (_entry, { context, log }): Promise<ToldSigner> => {
      const { database, clock, municipality, seal } = context;
      const [key] = seal.keyRing.all('document');
      if (key === undefined) throw notFound('key');
      const certificate = new X509Certificate(await documentCertificate(database, clock, municipality, key));
      await log.alone(`shown:${key.keyId}`);
      return { keyId: key.keyId, pem: certificate.toString(), fingerprint: certificate.fingerprint256 };
    },
  }),
} as const;

/**
 * 証跡 at the vault's host (handbook 11 §4 to §8). `evidence.part` hands out a part; `evidence.witness` signs that a
 * digest was presented as that of a part of the gateway's log; `evidence.processor`,
 * `evidence.audit`, `evidence.incident`, `evidence.step` and `evidence.holidays` enter, by an officer of the register
 * who is named; `evidence.incidents` lists what is open with its alarms; `evidence.report`, `evidence.certificate` and
 * `evidence.signer` show the text of a report, a certificate of erasure, and the certificate of documents. Each leaves
 * an entry, which commits with the change where there is one.
 */
export function evidenceAdministration(context: EvidenceContext): Readonly<Record<string, AdminHandler>> {
  return handlers(context, COMMANDS);
}

/** Incidents that are not closed, with their deadlines and what is due today. */
export async function listIncidents({
  database,
  clock,
}: Pick<VaultContext, 'database' | 'clock'>): Promise<readonly ToldIncident[]> {
  const holidays = await readHolidays(database);
  const day = today(clock);
  return (await openIncidents(database)).map((incident) => {
    const { incidentId, learnedOn } = incident;
    const { quickBy, finalBy } = deadlinesOf(incident, holidays);
    const alarm = alarmOf(incident, holidays, day);
    const told = { incidentId, state: incidentState(incident), learnedOn, quickBy, finalBy };
    return alarm === undefined ? told : { ...told, alarm };
  });
}

function notFound(what: 'incident' | 'certificate' | 'key'): KuramoriError {
  return new KuramoriError('NOT_FOUND', `There is no such ${what}. Look its number up.`);
}
