import { z } from 'zod';
import { epochSeconds, instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { ApprovalContent, ByAt } from '../../../kernel/dualControl.js';
import type { ApprovalId } from '../../approval/approval.js';
import { consumeApproval } from '../../approval/consume.js';
import { requestApproval } from '../../approval/request.js';
import type { VaultContext } from '../../context.js';
import { readBody } from '../../operation/body.js';
import type { EffectCall } from '../../operation/effects.js';
import { VaultRefusal } from '../../refusal.js';
import { signToken } from '../../signing/sign.js';
import { personState } from '../../staff/person.js';
import { lockPerson, personNotFound } from '../../staff/staff.store.js';
import { TRANSFER_SETTING_TYPE } from './claims.js';
import { settingForm, settingName, type TransferSetting } from './form.js';
import { insertSetting } from './setting.store.js';

const askForm = z.strictObject({ setting: settingForm, reason: z.string() });

/** Who may ask for a setting, and enter it. */
const ENTERING_ROLES: ReadonlySet<string> = new Set(['unitOfficer', 'chiefOfficer', 'keyCustodian']);

/** What a second person approves of a setting: all of it. */
export function settingContent(setting: TransferSetting): ApprovalContent {
  return { op: 'transferSetting', setting: JSON.parse(JSON.stringify(setting)) as ApprovalContent };
}

/** Asks a second person for a setting of transfers, which is then entered on the vault's host. */
export function askSetting(
  tx: Session,
  { assertion, body }: Pick<EffectCall, 'assertion' | 'body'>,
  requested: ByAt,
): Promise<ApprovalId> {
  const { setting, reason } = readBody(askForm, body);
  const { purpose, basis } = assertion;
  const sample = [`${setting.kind}:${settingName(setting)}`];
  const summary = { count: 1, purpose, basis, reason, sample };
  return requestApproval(
    tx,
    { kind: 'transferSetting', content: settingContent(setting), summary },
    requested,
  );
}

/** @throws KuramoriError FORBIDDEN_PURPOSE */
export function assertMayAskSetting({ actor }: Pick<EffectCall, 'actor'>): void {
  if (!ENTERING_ROLES.has(actor.person.role)) throw new VaultRefusal('role');
}

/** A setting that is entered, by whom, by which approval. */
export interface EnteredSetting {
  readonly setting: TransferSetting;
  readonly personId: string;
  readonly approvalId: string;
}

/**
 * Enters a setting: uses the approval of a second person up, signs it and keeps it, in one transaction with its entry.
 * @param log commits with it
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED,
 *   VAULT_SEALED
 */
export async function enterSetting(
  context: VaultContext,
  { setting, personId, approvalId }: EnteredSetting,
  log: (tx: Session, reason: string) => Promise<unknown>,
): Promise<void> {
  const { clock, clockGuard, database, municipality, seal } = context;
  clockGuard.assertTrusted();
  await database.transaction('vault.transfer.setting', async (tx) => {
    const person = (await lockPerson(tx, personId)) ?? personNotFound();
    const state = personState(person, today(clock));
    if (state === 'revoked') throw new VaultRefusal('person-revoked');
    if (state !== 'employed') throw new VaultRefusal('employment-ended');
    const act = { approvalId, kind: 'transferSetting', content: settingContent(setting) } as const;
    const approval = await consumeApproval(tx, act, { by: personId, at: clock.now() });
    const claims = {
      iss: `vault:${municipality}`,
      iat: epochSeconds(clock),
      setting,
      enteredBy: personId,
      approvedBy: approval.decided.by,
      approvalId,
    };
    const key = seal.keyRing.active('certificate');
    const signed = signToken(key, TRANSFER_SETTING_TYPE, claims).toString('ascii');
    await insertSetting(tx, setting, { signed, approvalId, at: instantText(clock) });
    await log(tx, `${setting.kind}:${settingName(setting)}:by:${personId}:approval:${approvalId}`);
  });
}
