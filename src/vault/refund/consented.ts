import type { Session } from '../../kernel/database/database.js';
import { pushBodyForm } from '../../protocol/push.js';
import { revealRefundAccountBodyForm, takeRefundAccountBodyForm } from '../../protocol/refundAccount.js';
import type { Assertion } from '../assertion/assertion.js';
import type { VaultOperation } from '../assertion/operation.js';
import { subjectRef } from '../operation/subjects.js';
import { readPush } from '../push/push.store.js';
import { readAccount } from './account.store.js';
import { assertConsent } from './consent.js';
import { assertConsented, isStanding } from './refundAccount.js';

type Asked = Pick<Assertion, 'op' | 'ref' | 'issuedAt'>;
type Look = (session: Session, asked: Asked, body: unknown) => Promise<void>;

const LOOKS: Partial<Record<VaultOperation, Look>> = {
  push: inquiryConsented,
  revealRefundAccount: (session, asked, body) =>
    accountConsented(session, asked, revealRefundAccountBodyForm.safeParse(body).data?.refundId),
  takeRefundAccount: (session, asked, body) =>
    accountConsented(session, asked, takeRefundAccountBodyForm.safeParse(body).data?.refundId),
};

/**
 * 同意: the consent that an operation needs stands, before approvals and before its intent (handbook 15 §5). Of a body
 * that has not its form nothing is said here: that the effect refuses, which looks once more with the rows locked.
 * @throws KuramoriError CONSENT_REQUIRED
 */
export async function assertConsentStands(session: Session, asked: Asked, body: unknown): Promise<void> {
  await LOOKS[asked.op]?.(session, asked, body);
}

/** What a push that is known came to is told whatever became of the consent since: nothing is sent for it. */
async function inquiryConsented(session: Session, asked: Asked, body: unknown): Promise<void> {
  const { data: inquiry } = pushBodyForm.safeParse(body);
  if (inquiry?.procedure !== 'inquireRefundAccount') return;
  if ((await readPush(session, inquiry.pushRequestId)) !== undefined) return;
  const { consentId, refundId } = inquiry;
  await assertConsent(session, consentId, { vaultRef: subjectRef(asked), refundId }, asked);
}

async function accountConsented(session: Session, asked: Asked, refundId: string | undefined): Promise<void> {
  if (refundId === undefined) return;
  const row = await readAccount(session, refundId);
  if (isStanding(row, subjectRef(asked))) assertConsented(row);
}
