import { randomUUID } from 'node:crypto';
import { consumeApproval } from '../approval/consume.js';
import type { ErasureCertificate } from './certificate.store.js';
import type { ErasureContext } from './context.js';
import { insertErasure } from './erasure.store.js';
import { finishErasure } from './finish.js';
import { erasureContent, soundOrder, type Erasure, type ErasureOrder } from './order.js';
import { lockErasable } from './request.js';

/** An order that is carried out. */
export interface ErasureExecution {
  readonly order: ErasureOrder;
  readonly approvalId: string;
  /** The person who asked for the approval. */
  readonly executedBy: string;
  /** Number (通番) of the vault's intent entry, which is durable. */
  readonly intentEntry: bigint;
}

/**
 * Erases (消去; handbook 11 §6): uses the approval and writes that the erasure has begun, in one transaction; from there
 * it only goes forward. When it rejects after that, `resumeErasures` finishes it.
 * @returns the certificate
 * @throws KuramoriError BAD_INPUT, DUAL_CONTROL_REQUIRED, NOT_FOUND, ERASED, RETENTION_HOLD, CONFLICT: nothing has
 *   begun
 */
export async function executeErasure(
  context: ErasureContext,
  execution: ErasureExecution,
): Promise<ErasureCertificate> {
  return finishErasure(context, await beginErasure(context, execution));
}

function beginErasure(context: ErasureContext, execution: ErasureExecution): Promise<Erasure> {
  const { approvalId, executedBy, intentEntry } = execution;
  const order = soundOrder(execution.order);
  const acting = { by: executedBy, at: context.clock.now() };
  return context.database.transaction('vault.erasure.begin', async (tx) => {
    const act = { approvalId, kind: 'erase', content: erasureContent(order) } as const;
    const approval = await consumeApproval(tx, act, acting);
    const numbers = await lockErasable(tx, context.openWork, order, acting);
    const { refs, reason, fileName, basis, retentionClass, purpose } = order;
    const erasure: Erasure = {
      certificateId: `EC-${randomUUID()}`,
      refs,
      reason,
      requestedBy: approval.requested.by,
      approvedBy: approval.decided.by,
      startedAt: acting.at.toString(),
      particulars: {
        fileName,
        basis,
        ...(retentionClass !== undefined && { retentionClass }),
        purpose,
        approvalId,
        requestedAt: approval.requested.at.toString(),
        approvedAt: approval.decided.at.toString(),
        executedBy,
        keyIds: [...new Set(numbers.map(({ keyId }) => keyId).filter((keyId) => keyId !== null))].toSorted(),
        intentEntry: String(intentEntry),
      },
    };
    await insertErasure(tx, erasure);
    return erasure;
  });
}
