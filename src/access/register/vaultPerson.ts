import type { Session } from '../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { assertNoNumber } from '../../kernel/suspectedNumber.js';
import { recordChange, recordStaffEvent, type RegisterChange } from './change.js';
import { changeableAccount } from './staff.js';
import { lockPerson, type StaffAccount } from './staff.store.js';

/** 保管庫の職員との対応: who an account is in the vault's own register, from a day on. */
export interface VaultPersonLink {
  /** `personId` of the vault's register. */
  readonly vaultPersonId: string;
  readonly validFrom: IsoDate;
}

const VAULT_PERSON_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/**
 * Says which person of the vault an account is. A person of the vault belongs to one natural person; one natural person
 * may have several, such as after a new entry in the vault's register. Nobody links his own account.
 * @throws KuramoriError BAD_INPUT; NOT_FOUND; CONFLICT when that person of the vault is somebody else's, or the account
 *   is revoked; DUAL_CONTROL_REQUIRED
 */
export async function linkVaultPerson(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  link: VaultPersonLink,
): Promise<void> {
  const account = await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended']);
  await assertLinkable(tx, account, link);
  const changeId = await recordChange(tx, change, 'staff.linkVaultPerson');
  await insertLink(tx, staffId, link, true, changeId);
  await recordStaffEvent(tx, staffId, 'vaultPersonLinked', change.reason, changeId);
}

/**
 * Whether an account, whose person is locked, may be linked; keeps others from the person of the vault meanwhile.
 * @throws KuramoriError BAD_INPUT; CONFLICT when that person of the vault is somebody else's
 */
export async function assertLinkable(
  tx: Session,
  { personId }: StaffAccount,
  link: VaultPersonLink,
): Promise<void> {
  const { vaultPersonId } = assertSound(link);
  await lockPerson(tx, `vault:${vaultPersonId}`);
  if (await isSomebodyElses(tx, personId, link)) {
    throw new KuramoriError(
      'CONFLICT',
      'That person of the vault belongs to somebody else. End that link first.',
      { field: 'vaultPersonId' },
    );
  }
}

/**
 * Ends a link from a day on.
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, CONFLICT when there is none on that day, DUAL_CONTROL_REQUIRED
 */
export async function unlinkVaultPerson(
  tx: Session,
  change: RegisterChange,
  staffId: string,
  link: VaultPersonLink,
): Promise<void> {
  const { vaultPersonId, validFrom } = assertSound(link);
  await changeableAccount(tx, change, staffId, ['pending', 'active', 'suspended', 'revoked']);
  await lockPerson(tx, `vault:${vaultPersonId}`);
  if (!(await isVaultPersonOf(tx, staffId, vaultPersonId, validFrom))) {
    throw new KuramoriError(
      'CONFLICT',
      'The account is not linked with that person of the vault on that day.',
    );
  }
  const changeId = await recordChange(tx, change, 'staff.unlinkVaultPerson');
  await insertLink(tx, staffId, link, false, changeId);
  await recordStaffEvent(tx, staffId, 'vaultPersonUnlinked', change.reason, changeId);
}

/** Whether an account is a person of the vault on a day. */
export async function isVaultPersonOf(
  session: Session,
  staffId: string,
  vaultPersonId: string,
  day: IsoDate,
): Promise<boolean> {
  const [row] = await session.run(
    'access.vaultPerson.find',
    ({ raw }) => raw<{ linked: boolean }[]>`
    select is_linked as linked from access.vault_person
    where staff_id = ${staffId} and vault_person_id = ${vaultPersonId} and valid_from <= ${day}
    order by valid_from desc, id desc limit 1`,
  );
  return row?.linked === true;
}

async function insertLink(
  tx: Session,
  staffId: string,
  { vaultPersonId, validFrom }: VaultPersonLink,
  isLinked: boolean,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'access.vaultPerson.insert',
    ({ raw }) => raw`
    insert into access.vault_person (staff_id, vault_person_id, is_linked, valid_from, change_id)
    values (${staffId}, ${vaultPersonId}, ${isLinked}, ${validFrom}, ${String(changeId)})`,
  );
}

/** On the first day, or through a link that is to begin later. */
async function isSomebodyElses(
  tx: Session,
  personId: string,
  { vaultPersonId, validFrom }: VaultPersonLink,
): Promise<boolean> {
  const rows = await tx.run(
    'access.vaultPerson.others',
    ({ raw }) => raw`
    with others as (
      select v.staff_id, v.is_linked, v.valid_from, v.id from access.vault_person v
      join access.staff s on s.staff_id = v.staff_id
      where v.vault_person_id = ${vaultPersonId} and s.person_id <> ${personId}
    ), standing as (
      select distinct on (staff_id) is_linked from others where valid_from <= ${validFrom}
      order by staff_id, valid_from desc, id desc
    )
    select from standing where is_linked
    union all select from others where is_linked and valid_from > ${validFrom} limit 1`,
  );
  return rows.length > 0;
}

function assertSound(link: VaultPersonLink): VaultPersonLink {
  plainDate(link.validFrom);
  assertNoNumber(link.vaultPersonId, 'vaultPersonId');
  if (VAULT_PERSON_ID.test(link.vaultPersonId)) return link;
  throw new KuramoriError(
    'BAD_INPUT',
    'A person of the vault is named by 1 to 32 letters, digits, - and _.',
    {
      field: 'vaultPersonId',
    },
  );
}
