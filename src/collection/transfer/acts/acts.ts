import { today, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import {
  CONTACTS_FILE,
  DISPOSITIONS_FILE,
  RENEWALS_FILE,
  type ResultRow,
} from '../../../protocol/transfer/result.js';
import { lockLevies } from '../../receipt/lock.store.js';
import { readOptionalFile } from '../resultFiles.js';
import type { TransferVault, VaultResult } from '../vault.js';
import {
  insertActs,
  insertContacts,
  insertDispositions,
  insertEnds,
  insertRenewals,
  readReportedStanding,
  readReportedTransfers,
  type ActsOf,
} from './acts.store.js';
import { placeContacts, type OrganizationContact } from './contact.js';
import {
  placeDispositions,
  type KnownDisposition,
  type OrganizationDisposition,
  type OrganizationDispositionEnd,
} from './disposition.js';
import { readKnownDispositions } from './known.store.js';
import { placeRenewals, type LineRenewal } from './renewal.js';
import type { ReportedStanding } from './standing.js';

/** The files of a result about what the organization did itself; one that is missing is no word about it. */
export interface ReportedActs {
  readonly dispositions: readonly ResultRow[typeof DISPOSITIONS_FILE][] | undefined;
  readonly renewals: readonly ResultRow[typeof RENEWALS_FILE][] | undefined;
  readonly contacts: readonly ResultRow[typeof CONTACTS_FILE][] | undefined;
}

/** What entered the records of them. */
export interface TakenActs {
  readonly dispositions: number;
  readonly ended: number;
  readonly renewals: number;
  readonly contacts: number;
  /** Whether the result told of dispositions and of renewals, be it that there were none. */
  readonly areTold: boolean;
}

/** Reads them out of the vault. @throws KuramoriError FILE_REJECTED; what the vault answers */
export async function readActs(vault: TransferVault, result: VaultResult): Promise<ReportedActs> {
  return {
    dispositions: await readOptionalFile(vault, result, DISPOSITIONS_FILE),
    renewals: await readOptionalFile(vault, result, RENEWALS_FILE),
    contacts: await readOptionalFile(vault, result, CONTACTS_FILE),
  };
}

/** What enters the records of them. */
export interface PlacedActs {
  readonly begun: readonly OrganizationDisposition[];
  readonly ended: readonly OrganizationDispositionEnd[];
  readonly renewed: readonly LineRenewal[];
  readonly contacted: readonly OrganizationContact[];
}

/**
 * 機構の処分・時効の更新・折衝経過: puts what the organization did to its cases and lines, whole or not at all.
 * @param known the organization's dispositions in these cases, of earlier results
 * @throws KuramoriError FILE_REJECTED with file and row
 */
export function placeActs(
  { dispositions, renewals, contacts }: ReportedActs,
  standing: ReportedStanding,
  known: readonly KnownDisposition[],
  clock: Clock,
): PlacedActs {
  const { begun, ended } = placeDispositions(dispositions ?? [], standing, known, today(clock));
  const renewed = placeRenewals(renewals ?? [], standing, today(clock));
  return { begun, ended, renewed, contacted: placeContacts(contacts ?? [], standing, clock.now()) };
}

/**
 * Enters what was placed, once. The organization's dispositions are dispositions of the case, so that they hold
 * limitation as the municipality's own do.
 * @param of the result, whose outcomes are written already
 */
export async function enterActs(
  tx: Session,
  of: ActsOf,
  { begun, ended, renewed, contacted }: PlacedActs,
): Promise<Omit<TakenActs, 'areTold'>> {
  // Whoever decides a write-off of one of these lines has read its limitation whole, or reads it after this.
  await lockLevies(
    tx,
    [...begun.flatMap(({ claims }) => claims), ...renewed].map(({ levyId }) => levyId),
  );
  await insertDispositions(tx, of, begun);
  await insertEnds(tx, of, ended);
  return {
    dispositions: begun.length,
    ended: ended.length,
    renewals: await insertRenewals(tx, of, renewed),
    contacts: await insertContacts(tx, of, contacted),
  };
}

/** Whether a result tells of dispositions and of renewals. */
export function areTold({ dispositions, renewals }: ReportedActs): boolean {
  return dispositions !== undefined && renewals !== undefined;
}

/**
 * Enters the acts of a result that an earlier release took without them, whole or not at all.
 * @throws KuramoriError FILE_REJECTED with file and row
 */
export async function takeActs(
  tx: Session,
  of: ActsOf,
  reported: ReportedActs,
  clock: Clock,
): Promise<TakenActs> {
  const transferIds = await readReportedTransfers(tx, of.resultKey);
  const standing = await readReportedStanding(tx, transferIds);
  const placed = placeActs(reported, standing, await readKnownDispositions(tx, transferIds), clock);
  await insertActs(tx, of, reported);
  return { ...(await enterActs(tx, of, placed)), areTold: areTold(reported) };
}
