import { today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { VaultContext } from '../../context.js';
import { readSignedSetting, type TransferSettingClaims } from './claims.js';
import { settingName, type SettingKind, type SettingValue, type TransferSetting } from './form.js';

type ReadingContext = Pick<VaultContext, 'seal' | 'clock' | 'municipality'>;

interface SettingRow {
  readonly signed: string;
}

/**
 * The setting in force today: of those that hold on the day, the one entered last.
 * @throws KuramoriError INTEGRITY_FAILURE when it is not one that the vault signed; VAULT_SEALED
 */
export async function findSetting<Kind extends SettingKind>(
  session: Session,
  context: ReadingContext,
  kind: Kind,
  name: string,
): Promise<SettingValue<Kind> | undefined> {
  const day = today(context.clock);
  const [row] = await session.run(
    'vault.transfer.setting.find',
    ({ raw }) => raw<SettingRow[]>`
    select signed from vault.transfer_setting
    where kind = ${kind} and name = ${name} and valid_from <= ${day}::date
      and (valid_to is null or valid_to >= ${day}::date)
    order by setting_id desc limit 1`,
  );
  return row && (settingIn(context, row, kind, name, day).value as unknown as SettingValue<Kind>);
}

/** As `findSetting`. @throws KuramoriError NOT_FOUND when none is in force */
export async function requireSetting<Kind extends SettingKind>(
  session: Session,
  context: ReadingContext,
  kind: Kind,
  name: string,
): Promise<SettingValue<Kind>> {
  const value = await findSetting(session, context, kind, name);
  if (value !== undefined) return value;
  throw new KuramoriError(
    'NOT_FOUND',
    `No ${kind} of that name is in force for transfers. Have two people enter it in the vault.`,
    { kind },
  );
}

/** Every setting with who decided it, the newest first, for people to look at. */
export async function listSettings(
  session: Session,
  context: ReadingContext,
): Promise<readonly TransferSettingClaims[]> {
  const rows = await session.run(
    'vault.transfer.setting.list',
    ({ raw }) => raw<SettingRow[]>`
    select signed from vault.transfer_setting order by setting_id desc limit 500`,
  );
  return rows.map(({ signed }) => claimsIn(context, signed));
}

/** Writes a setting as the vault signed it. */
export async function insertSetting(
  tx: Session,
  setting: TransferSetting,
  written: { readonly signed: string; readonly approvalId: string; readonly at: string },
): Promise<void> {
  const { kind, validFrom, validTo = null } = setting;
  await tx.run(
    'vault.transfer.setting.insert',
    ({ raw }) => raw`
    insert into vault.transfer_setting (kind, name, valid_from, valid_to, signed, approval_id, entered_at)
    values (${kind}, ${settingName(setting)}, ${validFrom}::date, ${validTo}::date, ${written.signed},
      ${written.approvalId}, ${written.at})`,
  );
}

/** Notes that a key of a recipient is used no more. Again, it changes nothing. */
export async function insertRevocation(
  tx: Session,
  revoked: {
    readonly fingerprint: string;
    readonly reason: string;
    readonly by: string;
    readonly at: string;
  },
): Promise<void> {
  await tx.run(
    'vault.transfer.revoke',
    ({ raw }) => raw`
    insert into vault.transfer_revocation (fingerprint, reason, entered_by, at)
    values (${revoked.fingerprint}, ${revoked.reason}, ${revoked.by}, ${revoked.at})
    on conflict (fingerprint) do nothing`,
  );
}

/** Which of these keys were revoked (失効). */
export async function revokedAmong(
  session: Session,
  fingerprints: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await session.run(
    'vault.transfer.revoked',
    ({ raw }) => raw<{ fingerprint: string }[]>`
    select fingerprint from vault.transfer_revocation where fingerprint = any (${[...fingerprints]}::text[])`,
  );
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}

/** A row whose columns say something else than what was signed was moved there by somebody else. */
function settingIn(
  context: ReadingContext,
  { signed }: SettingRow,
  kind: SettingKind,
  name: string,
  day: IsoDate,
): TransferSetting {
  const { setting } = claimsIn(context, signed);
  const holds =
    setting.kind === kind &&
    settingName(setting) === name &&
    setting.validFrom <= day &&
    (setting.validTo === undefined || setting.validTo >= day);
  if (holds) return setting;
  throw new KuramoriError('INTEGRITY_FAILURE', 'A setting of transfers is not the one that was signed.');
}

function claimsIn({ seal, municipality }: ReadingContext, signed: string): TransferSettingClaims {
  const { keys } = seal.keyRing.verifying();
  return readSignedSetting(signed, { keys: keys.map((key) => ({ ...key })) }, `vault:${municipality}`);
}
