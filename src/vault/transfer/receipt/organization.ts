import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Session } from '../../../kernel/database/database.js';
import type { VaultContext } from '../../context.js';
import { requireDraft } from '../draft/draft.store.js';
import type { SettingValue } from '../setting/form.js';
import { requireSetting } from '../setting/setting.store.js';

/** The organization that a package goes to, and the keys by which it signs. */
export interface KnownOrganization {
  readonly setting: SettingValue<'recipient'>;
  readonly keys: readonly KeyObject[];
}

/** The organization of a package. @throws KuramoriError NOT_FOUND */
export async function organizationOf(
  session: Session,
  context: Pick<VaultContext, 'seal' | 'clock' | 'municipality'>,
  packageId: string,
): Promise<KnownOrganization> {
  const { recipient } = await requireDraft(session, packageId);
  return organizationNamed(session, context, recipient);
}

/** The organization of a body code. @throws KuramoriError NOT_FOUND */
export async function organizationNamed(
  session: Session,
  context: Pick<VaultContext, 'seal' | 'clock' | 'municipality'>,
  bodyCode: string,
): Promise<KnownOrganization> {
  const setting = await requireSetting(session, context, 'recipient', bodyCode);
  return { setting, keys: setting.signingKeys.map(({ publicKey }) => createPublicKey(publicKey)) };
}
