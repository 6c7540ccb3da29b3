import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { ORGANIZATION_SENDERS_MAX, TRANSFER_RECIPIENT_KEYS_MAX } from '../../kernel/limits.js';
import { bodyForm, instantForm } from '../../protocol/transfer/forms.js';
import { AGE_RECIPIENT } from '../../protocol/transfer/keys.js';

const recipientForm = z.strictObject({ recipient: z.string().regex(AGE_RECIPIENT), validUntil: instantForm });
const senderForm = bodyForm.extend({
  /** Ed25519 transfer keys, SPKI, PEM. */
  transferKeys: z.array(z.string().startsWith('-----BEGIN PUBLIC KEY-----')).max(TRANSFER_RECIPIENT_KEYS_MAX),
  /** Keys to which results are sealed. */
  recipients: z.array(recipientForm).max(TRANSFER_RECIPIENT_KEYS_MAX),
});
const sendersForm = z.array(senderForm).max(ORGANIZATION_SENDERS_MAX);

/** A municipality (構成市町村) that may send packages. */
export type Sender = Readonly<z.output<typeof senderForm>>;

/**
 * Reads the file of senders; it is read anew each time it is asked, so that a key is registered without a restart.
 * @throws KuramoriError CONFIGURATION_INVALID
 */
export function readSenders(path: string): readonly Sender[] {
  if (!existsSync(path)) return [];
  try {
    return checkedSenders(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The file of senders does not have its form.',
      {},
      { cause },
    );
  }
}

/** @throws ZodError */
export function checkedSenders(value: unknown): Sender[] {
  return sendersForm.parse(value);
}

/** The keys of a sender; none when it is not known. */
export function transferKeys(senders: readonly Sender[], bodyCode: string): readonly KeyObject[] {
  return (senders.find((one) => one.bodyCode === bodyCode)?.transferKeys ?? []).map((pem) =>
    createPublicKey(pem),
  );
}
