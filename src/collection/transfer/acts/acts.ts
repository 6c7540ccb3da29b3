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
  type ActsOf,
} from './acts.store.js';
import { placeContacts } from './contact.js';
import { placeDispositions } from './disposition.js';
import { readKnownDispositions } from './known.store.js';
import { placeRenewals } from './renewal.js';

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

/**
 * 機構の処分・時効の更新・折衝経過: enters what the organization did in the cases of a result, whole or not at all, once.
 * Its dispositions are dispositions of the case, so that they hold limitation as the municipality's own do.
 * @param of the result, whose outcomes are written already
 * @throws KuramoriError FILE_REJECTED with file and row
 */
export async function takeActs(
  tx: Session,
  of: ActsOf,
  { dispositions, renewals, contacts }: ReportedActs,
  clock: Clock,
): Promise<TakenActs> {
  const standing = await readReportedStanding(tx, of.resultKey);
  const known = await readKnownDispositions(tx, of.resultKey);
  const { begun, ended } = placeDispositions(dispositions ?? [], standing, known, today(clock));
  const renewed = placeRenewals(renewals ?? [], standing, today(clock));
  const contacted = placeContacts(contacts ?? [], standing, clock.now());
  // Whoever decides a write-off of one of these lines has read its limitation whole, or reads it after this.
  await lockLevies(
    tx,
    [...begun.flatMap(({ claims }) => claims), ...renewed].map(({ levyId }) => levyId),
  );
  await insertActs(tx, of, { dispositions, renewals, contacts });
  await insertDispositions(tx, of, begun);
  await insertEnds(tx, of, ended);
  return {
    dispositions: begun.length,
    ended: ended.length,
    renewals: await insertRenewals(tx, of, renewed),
    contacts: await insertContacts(tx, of, contacted),
    areTold: dispositions !== undefined && renewals !== undefined,
  };
}
