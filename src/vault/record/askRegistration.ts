import { z } from 'zod';
import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { REGISTRATION_LINES_MAX } from '../../kernel/limits.js';
import type { ApprovalId } from '../approval/approval.js';
import { registrationContent } from '../approval/content.js';
import { requestApproval } from '../approval/request.js';
import { readBody } from '../operation/body.js';
import type { EffectCall } from '../operation/effects.js';

const form = z.strictObject({
  fileDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  count: z.int().min(1).max(REGISTRATION_LINES_MAX),
  reason: z.string(),
});

/** Asks a second person for the registration of a file (一括登録), which is then done on the vault's host. */
export function askRegistration(
  tx: Session,
  { assertion, body }: EffectCall,
  requested: ByAt,
): Promise<ApprovalId> {
  const { reason, ...file } = readBody(form, body);
  const { purpose, basis } = assertion;
  return requestApproval(
    tx,
    {
      kind: 'severalSubjects',
      content: registrationContent(assertion, file),
      summary: { count: file.count, purpose, basis, reason, sample: [file.fileDigest] },
    },
    requested,
  );
}
