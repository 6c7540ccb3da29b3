import { createHash } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { SPOOL_DAYS } from '../../kernel/limits.js';
import { envelopeForm } from '../../protocol/intermediary/message.js';
import { pushBodyForm, type PushBody } from '../../protocol/push.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import type { SentEnvelope } from '../intermediary/intermediary.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { SpoolKind } from '../spool/item.js';
import { openItem, storeItem, type SpoolContext } from '../spool/spool.js';

/** Writes down what a push is about, or what is sent or was answered for it. @returns the spool item */
export async function store(
  context: SpoolContext,
  tx: Session,
  kind: SpoolKind,
  plaintext: Uint8Array,
): Promise<VaultRef> {
  return storeItem(context, tx, { kind, plaintext, eraseAfter: spoolEnd(context.clock.now()) });
}

/** The end of what is stored now. */
export function spoolEnd(now: Temporal.Instant): Temporal.Instant {
  return now.add({ hours: 24 * SPOOL_DAYS });
}

/** `sha256:…` over an answer as it came. */
export function receiptDigestOf(receipt: Uint8Array): string {
  return `sha256:${createHash('sha256').update(receipt).digest('base64url')}`;
}

/** What was asked. @throws KuramoriError INTEGRITY_FAILURE */
export async function readRequest(context: SpoolContext, session: Session, ref: VaultRef): Promise<PushBody> {
  const read = pushBodyForm.safeParse(await jsonOf(context, session, ref, 'request'));
  if (!read.success) throw integrityFailure();
  return read.data;
}

/** The envelope as it was written down before it was sent first, with its very bytes. */
export async function readEnvelope(
  context: SpoolContext,
  session: Session,
  ref: VaultRef,
): Promise<{ readonly envelope: SentEnvelope; readonly bytes: Uint8Array }> {
  const bytes = await openItem(context, session, ref, 'envelope');
  const read = envelopeForm.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (!read.success) throw integrityFailure();
  return { envelope: read.data as SentEnvelope, bytes };
}

async function jsonOf(
  context: SpoolContext,
  session: Session,
  ref: VaultRef,
  kind: SpoolKind,
): Promise<unknown> {
  const bytes = await openItem(context, session, ref, kind);
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } finally {
    wipe(bytes);
  }
}
