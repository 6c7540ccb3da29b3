import { checkAnchor, type Anchor } from './anchor.js';
import { newJti, signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';
import type { JsonObject } from './json.js';
import { newReaderKey } from './keys.js';
import { openSealed } from './open.js';
import { refuseInput } from './refusal.js';
import { sealToVault, type SealedInput } from './seal.js';
import type { VaultKeys } from './vaultKeys.js';

/** What every request that seals something takes besides. */
export interface ToVault {
  /** From {@link verifyPublishedKeys}, of the municipality that is asked. */
  readonly vaultKeys: VaultKeys;
}

/** What a reveal says. */
export interface RevealDetails extends OperationContext {
  readonly ref: string;
  /** A reveal needs a fresh step-up for its purpose. */
  readonly stepUp: string;
  /** Verifies that the vault wrote what is answered; see {@link Anchor}. */
  readonly anchor: Anchor;
}

/** A reveal, signed, with the only means to open its answer. */
export interface RevealRequest extends SignedOperation {
  /** Opens the sealed answer: the twelve digits. @throws KuramoriError INTEGRITY_FAILURE as {@link openSealed} */
  readonly open: (jwe: string) => Promise<string>;
}

/** What a search by number says. */
export interface NumberSearchDetails extends OperationContext, ToVault {
  /** As typed: full width, spaces and hyphens are read by the vault. */
  readonly number: string;
}

/** What a registration says. */
export interface RegisterDetails extends OperationContext, ToVault {
  /** As typed: full width, spaces and hyphens are read by the vault. */
  readonly number: string;
  /** What else the body holds, in the clear, such as the unified addressee number. */
  readonly attributes?: JsonObject;
}

/** What a step-up says. */
export interface StepUpDetails extends Omit<OperationContext, 'stepUp'>, ToVault {
  /** The six digits that the person's authenticator shows for the vault. */
  readonly totp: string;
}

/**
 * Asks for a number to be shown (閲覧): makes a reader key for this request alone and signs its thumbprint.
 * The body is `{readerKey}`, the public JWK to which the vault seals.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}, or for an anchor that is none
 *
 * @example
 * const request = await revealRequest(key, { ...context, ref, stepUp, anchor });
 * const { individualNumber } = await ask({ assertion: request.assertion, body: request.body });
 * show(await request.open(individualNumber));
 */
export async function revealRequest(
  key: TerminalSigner,
  { anchor, ...details }: RevealDetails,
): Promise<RevealRequest> {
  // Before anything is asked: an answer that cannot be verified would be shown to nobody, and counted all the same.
  checkAnchor(anchor);
  const readerKey = await newReaderKey();
  const { publicJwk, thumbprint } = readerKey;
  const signed = await signAssertion(
    key,
    { ...details, op: 'reveal', sealTo: thumbprint },
    { readerKey: { ...publicJwk } },
  );
  const asked = { ref: details.ref, jti: signed.jti };
  return { ...signed, open: (jwe) => openSealed(readerKey, jwe, asked, anchor) };
}

/**
 * Asks for the person with a number (番号検索). The body is `{number}`, sealed to the vault.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion} and {@link sealToVault}
 *
 * @example
 * const { assertion, body } = await numberSearchRequest(key, { ...context, number: typed, vaultKeys });
 */
export async function numberSearchRequest(
  key: TerminalSigner,
  { number, vaultKeys, ...context }: NumberSearchDetails,
): Promise<SignedOperation> {
  const jti = newJti();
  const sealed = await sealFor(context, vaultKeys, { kind: 'number', value: number, jti });
  return await signAssertion(key, { ...context, op: 'resolve', jti }, { number: sealed });
}

/**
 * Registers a number (登録). The body is `{number, …attributes}`, the number sealed to the vault.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion} and {@link sealToVault}
 *
 * @example
 * const { assertion, body } = await registerRequest(key, {
 *   ...context, number: typed, attributes: { unifiedAddresseeNo: '000000000012345' }, vaultKeys,
 * });
 */
export async function registerRequest(
  key: TerminalSigner,
  { number, attributes = {}, vaultKeys, ...context }: RegisterDetails,
): Promise<SignedOperation> {
  if (Object.hasOwn(attributes, 'number'))
    refuseInput('attributes', 'The number goes sealed, not among the attributes.');
  const jti = newJti();
  const sealed = await sealFor(context, vaultKeys, { kind: 'number', value: number, jti });
  return await signAssertion(key, { ...context, op: 'register', jti }, { ...attributes, number: sealed });
}

/**
 * Asks for a step-up (再認証): valid for five minutes, for this person, terminal and purpose.
 * The body is `{factor}`, the code sealed to the vault.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion} and {@link sealToVault}
 *
 * @example
 * const { assertion, body } = await stepUpRequest(key, { ...context, totp: typed, vaultKeys });
 */
export async function stepUpRequest(
  key: TerminalSigner,
  { totp, vaultKeys, ...context }: StepUpDetails,
): Promise<SignedOperation> {
  const jti = newJti();
  const factor = await sealFor(context, vaultKeys, { kind: 'totp', value: totp, jti });
  return await signAssertion(key, { ...context, op: 'stepUp', jti }, { factor });
}

/** Seals what goes with one assertion. @throws KuramoriError BAD_INPUT for the keys of another municipality's vault */
export function sealFor(
  { municipality, now }: Pick<OperationContext, 'municipality' | 'now'>,
  vaultKeys: VaultKeys,
  input: SealedInput,
): Promise<string> {
  if (vaultKeys.municipality !== municipality)
    refuseInput('vaultKeys', 'The keys are those of another municipality than the one that is asked.');
  return sealToVault(vaultKeys, { ...input, ...(now === undefined ? {} : { now }) });
}
