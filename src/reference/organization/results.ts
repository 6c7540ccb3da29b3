import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KuramoriError } from '../../kernel/errors.js';
import { sumYen } from '../../kernel/yen.js';
import { buildPackage, type DataFile } from '../../protocol/transfer/container/build.js';
import { replaceDurably } from '../../protocol/transfer/container/disk.js';
import { packageFolderName, PACKAGE_FILES } from '../../protocol/transfer/container/packageFiles.js';
import { BytesDigest } from '../../protocol/transfer/content.js';
import { heading, rowsText } from '../../protocol/transfer/csv.js';
import { recipientFingerprint } from '../../protocol/transfer/keys.js';
import { MANIFEST_FORMAT, type ResultManifest } from '../../protocol/transfer/manifest.js';
import { openMessage } from '../../protocol/transfer/message.js';
import { readOuterRecord, type OuterRecord } from '../../protocol/transfer/outerRecord.js';
import { newPackageId } from '../../protocol/transfer/packageId.js';
import { ACCEPTANCE } from '../../protocol/transfer/receipts.js';
import {
  CollectionTotals,
  RESULT_LAYOUT,
  type ResultFileName,
  type ResultRow,
} from '../../protocol/transfer/result.js';
import { actsOf, type Acts, type LeftLine } from './acts.js';
import { takenDeltas } from './answer.js';
import { collectionOf, Owed, stateOf, type Collection, type State } from './collect.js';
import type { Organization } from './organization.js';
import { RECORDS } from './place.js';
import { takenOuter, takenRecord, takenRows } from './taken.js';

/** A period that is reported on. */
export type Period = ResultManifest['period'];

/** What one result reports, as it is kept beside its package before it is sealed: amounts as decimal text. */
interface Report {
  readonly resultId: string;
  readonly period: Period;
  readonly states: readonly State[];
  readonly collections: readonly Collection[];
  readonly acts: Acts;
}

const RESULTS = 'results';
/** Of a report that an earlier release has kept. */
const NO_ACTS: Acts = { dispositions: [], renewals: [], contacts: [] };

/**
 * Seals a RESULT package on a transfer package, with simulated collections, to the sender's registered keys. The report
 * is durable before the package is: killed between, the same one is sealed at the next call.
 * @returns the number of the result
 * @throws KuramoriError NOT_FOUND; CONFLICT before acceptance, after erasure or without keys to seal to
 */
export async function produceResult(organization: Organization, id: string, period: Period): Promise<string> {
  return await organization.turn(async () => {
    const { sender } = takenOuter(organization, id);
    const reports = readReports(organization, id);
    const unsealed = reports.find(
      ({ resultId }) => !existsSync(resultFolder(organization, sender.bodyCode, resultId)),
    );
    const report = unsealed ?? (await newReport(organization, id, period, reports));
    if (unsealed === undefined) await keepReport(organization, id, reports.length + 1, report);
    await sealReport(organization, id, report);
    return report.resultId;
  });
}

/** Folder of a sealed result. */
export function resultFolder({ place }: Organization, bodyCode: string, resultId: string): string {
  return join(place.results(bodyCode), packageFolderName(resultId));
}

/** Outer records of all sealed results for a sender, in the order of their series. */
export function sealedResults({ place }: Organization, bodyCode: string): OuterRecord[] {
  const folder = place.results(bodyCode);
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => readOuterRecord(readFileSync(join(folder, name, PACKAGE_FILES.outer)))!)
    .toSorted((a, b) => a.seriesNo - b.seriesNo);
}

async function newReport(
  organization: Organization,
  id: string,
  period: Period,
  before: readonly Report[],
): Promise<Report> {
  const accepted = acceptedCases(organization, id);
  const plan = organization.plan();
  const deltas = await takenDeltas(organization, id);
  const earlier = before.flatMap(({ collections }) => collections);
  const collections: Collection[] = [];
  const left = new Map<string, bigint>();
  const lines: LeftLine[] = [];
  const owed = new Owed(deltas, earlier);
  for await (const line of takenRows(organization, id, '03_ledger.csv')) {
    if (!accepted.has(line.caseNo)) continue;
    const drawn = collectionOf(line, owed, period.until);
    const tax = plan.exceed ? line.unpaid + 1n : drawn?.tax;
    const row = plan.exceed ? overpaid(line, period.until) : drawn;
    if (row !== undefined) collections.push(row);
    const rest = owed.of(line) - (tax ?? 0n);
    lines.push({ caseNo: line.caseNo, lineNo: line.lineNo, left: rest });
    left.set(line.caseNo, sumYen([left.get(line.caseNo) ?? 0n, rest]));
  }
  const states = [...left].map(([caseNo, rest]) => stateOf(caseNo, rest, period.until, period.final));
  const last = collections.at(-1);
  if (plan.unknownLine && last !== undefined) collections.push({ ...last, lineNo: 9_999 });
  const acts = actsOf(
    lines,
    before.map((report) => report.acts),
    period,
  );
  return { resultId: newPackageId(organization.clock), period, states, collections, acts };
}

function overpaid(line: { caseNo: string; lineNo: number; unpaid: bigint }, until: string): Collection {
  const { caseNo, lineNo } = line;
  const tax = line.unpaid + 1n;
  return {
    caseNo,
    lineNo,
    collectedOn: until,
    amount: tax,
    tax,
    lateCharge: 0n,
    fees: 0n,
    dispositionCost: 0n,
  };
}

function acceptedCases(organization: Organization, id: string): ReadonlySet<string> {
  takenOuter(organization, id);
  const jws = takenRecord(organization, id, RECORDS.acceptance);
  if (jws === undefined) throw new KuramoriError('CONFLICT', 'No case of the package was taken on yet.');
  const { cases } = openMessage(ACCEPTANCE, jws, [organization.keys.signer.publicKey]);
  return new Set(cases.flatMap(({ caseNo, outcome }) => (outcome === 'ACCEPTED' ? [caseNo] : [])));
}

async function sealReport(organization: Organization, id: string, report: Report): Promise<void> {
  const { sender } = takenOuter(organization, id);
  const { recipients } = organization.senders().find(({ bodyCode }) => bodyCode === sender.bodyCode)!;
  if (recipients.length === 0)
    throw new KuramoriError('CONFLICT', 'No key of the sender is registered to which results are sealed.');
  const files = filesOf(report);
  const totals = new CollectionTotals();
  for (const row of report.collections) totals.add(row);
  const manifest: ResultManifest = {
    format: MANIFEST_FORMAT,
    content: 'RESULT',
    packageId: report.resultId,
    sender: organization.body,
    recipient: {
      ...sender,
      keyFingerprints: recipients.map(({ recipient }) => recipientFingerprint(recipient)),
    },
    basis: ['規約に基づく徴収結果の報告'],
    purpose: '徴収結果報告',
    profile: { name: 'result', version: '1', includesIndividualNumber: false },
    asOf: `${report.period.until}T15:00:00Z`,
    cases: report.states.length,
    files: files.map(({ name, bytes, rows, sha256 }) => ({ name, bytes, rows, sha256 })),
    unmappable: [],
    retention: { returnBy: null, eraseBy: report.period.until },
    totals: totals.end(),
    concerns: id,
    period: report.period,
    ...seriesEnd(organization, sender.bodyCode),
    createdAt: organization.now(),
    approvals: [],
    auditCheckpoint: null,
  };
  const order = { manifest, files, recipients, signer: organization.keys.signer, sealer: 'organization' };
  const into = organization.place.results(sender.bodyCode);
  await buildPackage({ ...order, mediumPolicy: ['HTTPS'], contact: organization.body.name, into });
}

function seriesEnd(
  organization: Organization,
  bodyCode: string,
): Pick<ResultManifest, 'seriesNo' | 'previousPackageDigest'> {
  const last = sealedResults(organization, bodyCode).at(-1);
  return { seriesNo: (last?.seriesNo ?? 0) + 1, previousPackageDigest: last?.ciphertext.sha256 ?? null };
}

function filesOf({ states, collections, acts }: Report): DataFile[] {
  return [
    fileOf('21_states.csv', states),
    fileOf('22_collections.csv', collections),
    fileOf('23_dispositions.csv', acts.dispositions),
    fileOf('24_limitation.csv', acts.renewals),
    fileOf('25_contacts.csv', acts.contacts),
  ];
}

function fileOf<F extends ResultFileName>(name: F, rows: readonly ResultRow[F][]): DataFile {
  const columns = RESULT_LAYOUT[name];
  const bytes = Buffer.from(heading(columns) + rowsText(name, columns, rows as never, 1));
  const digest = new BytesDigest();
  digest.push(bytes);
  const open = async function* () {
    yield bytes;
  };
  return { name, rows: rows.length, ...digest.end(), open };
}

function readReports({ place }: Organization, id: string): Report[] {
  const folder = place.taken(id, RESULTS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'), yenOfText) as Report)
    .map((report) => ({ ...report, acts: (report.acts as Acts | undefined) ?? NO_ACTS }));
}

async function keepReport({ place }: Organization, id: string, no: number, report: Report): Promise<void> {
  await mkdir(place.taken(id, RESULTS), { recursive: true, mode: 0o700 });
  const text = JSON.stringify(report, (_name, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  await replaceDurably(place.taken(id, RESULTS, `${String(no).padStart(6, '0')}.json`), Buffer.from(text));
}

function yenOfText(_name: string, value: unknown): unknown {
  return typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
}
