import { today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { MANIFEST_FORMAT, type ManifestDraft } from '../../../protocol/transfer/manifest.js';
import type { TransferDraft } from '../../client/transferWire.js';
import type { VaultContext } from '../../context.js';
import type { SettingValue } from '../setting/form.js';
import { requireSetting, revokedAmong } from '../setting/setting.store.js';
import type { CountedDraft } from './draft.store.js';

type ManifestContext = Pick<VaultContext, 'seal' | 'clock' | 'municipality'>;

/** Everything that settings say of a draft, as they are now. */
export interface DraftSettings {
  readonly recipient: SettingValue<'recipient'>;
  readonly profile: SettingValue<'profile'>;
  readonly bases: readonly SettingValue<'basis'>[];
  readonly round: SettingValue<'round'>;
}

/** One key that a package is sealed to. */
export type RecipientKey = DraftSettings['recipient']['keys'][number];

/**
 * Reads the settings of a draft.
 * @throws KuramoriError NOT_FOUND when one is not in force; BAD_INPUT for a basis of another recipient, or one that
 *   does not cover individual numbers where the profile includes them
 */
export async function settingsOf(
  session: Session,
  context: ManifestContext,
  { recipient: code, profile: profileName, basis }: TransferDraft,
): Promise<DraftSettings> {
  const recipient = await requireSetting(session, context, 'recipient', code);
  const profile = await requireSetting(session, context, 'profile', profileName);
  const round = await requireSetting(session, context, 'round', code);
  const bases: SettingValue<'basis'>[] = [];
  for (const name of basis) bases.push(await requireSetting(session, context, 'basis', name));
  if (bases.some((each) => each.recipient !== code))
    throw new KuramoriError(
      'BAD_INPUT',
      'A basis is registered for another recipient. Name one of this one.',
    );
  if (profile.includesIndividualNumber && !bases.some((each) => each.coversIndividualNumber))
    throw new KuramoriError(
      'BAD_INPUT',
      'The profile includes individual numbers, and no basis of the draft lets this recipient have them.',
    );
  return { recipient, profile, bases, round };
}

/**
 * The keys of a recipient that a package may be sealed to today: valid, and not revoked (失効).
 * @throws KuramoriError CONFLICT when there is none
 */
export async function keysInForce(
  session: Session,
  { clock }: Pick<ManifestContext, 'clock'>,
  { keys }: Pick<SettingValue<'recipient'>, 'keys'>,
): Promise<readonly RecipientKey[]> {
  const day = today(clock);
  const revoked = await revokedAmong(
    session,
    keys.map(({ fingerprint }) => fingerprint),
  );
  const inForce = keys.filter(
    ({ fingerprint, validFrom, validTo }) => validFrom <= day && day <= validTo && !revoked.has(fingerprint),
  );
  if (inForce.length > 0) return inForce;
  throw new KuramoriError(
    'CONFLICT',
    'The recipient has no key in force: each has ended or was revoked. Register a new one with two people.',
    { rule: 'recipientKey' },
  );
}

/**
 * 目録案: what people approve, worked out from the settings as they are now. One that was approved and comes out otherwise
 * is approved no more.
 * @throws KuramoriError as `settingsOf`, `keysInForce`
 */
export async function manifestDraft(
  session: Session,
  context: ManifestContext,
  draft: TransferDraft,
  counted: CountedDraft,
): Promise<ManifestDraft> {
  const { recipient, profile, bases, round } = await settingsOf(session, context, draft);
  const keys = await keysInForce(session, context, recipient);
  return {
    format: MANIFEST_FORMAT,
    content: 'TRANSFER',
    packageId: draft.draftId,
    sender: { bodyCode: context.municipality, name: round.senderName },
    recipient: {
      bodyCode: recipient.bodyCode,
      name: recipient.name,
      keyFingerprints: keys.map(({ fingerprint }) => fingerprint).toSorted(),
    },
    basis: bases.map(({ provision }) => provision),
    purpose: draft.purpose,
    profile: {
      name: profile.name,
      version: profile.version,
      includesIndividualNumber: profile.includesIndividualNumber,
    },
    asOf: draft.asOf,
    cases: counted.cases,
    files: [...counted.files],
    unmappable: [...counted.unmappable],
    retention: { returnBy: round.returnBy, eraseBy: round.eraseBy },
    totals: counted.totals,
  };
}
