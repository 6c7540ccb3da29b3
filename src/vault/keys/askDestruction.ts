import { z } from 'zod';
import { KEY_CLASSES } from '../../../schema/vault/key.js';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import type { ApprovalId } from '../approval/approval.js';
import { destructionContent } from '../approval/content.js';
import { requestApproval } from '../approval/request.js';
import { readBody } from '../operation/body.js';
import type { EffectCall } from '../operation/effects.js';

const form = z.strictObject({
  keyClass: z.enum(KEY_CLASSES),
  version: z.int32().min(1),
  reason: z.string(),
});

/** Asks a second person for the destruction of a key (鍵破棄), which is then done on the vault's host. */
export function askDestruction(
  tx: Session,
  { assertion, body }: Pick<EffectCall, 'assertion' | 'body'>,
  requested: ByAt,
): Promise<ApprovalId> {
  const { keyClass, version, reason } = readBody(form, body);
  const { purpose, basis } = assertion;
  return requestApproval(
    tx,
    {
      kind: 'destroyKey',
      content: destructionContent(keyClass, version),
      summary: { count: 1, purpose, basis, reason, sample: [`${keyClass}-${version}`] },
    },
    requested,
  );
}
