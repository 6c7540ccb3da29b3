import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { ORGANIZATION_PLAN_CASES_MAX } from '../../kernel/limits.js';
import { CASE_NO } from '../../protocol/transfer/layout.js';
import { REJECTIONS } from '../../protocol/transfer/receipts.js';

const caseForm = z.string().regex(CASE_NO);

const planForm = z.strictObject({
  /** Cases that are not taken on. */
  reject: z
    .record(caseForm, z.enum(REJECTIONS))
    .default({})
    .refine((cases) => Object.keys(cases).length <= ORGANIZATION_PLAN_CASES_MAX),
  /** No acceptance is given until this is taken back. */
  withhold: z.boolean().default(false),
  /** Faults of an acceptance: of another ciphertext, of a case that was never sent, without a case. */
  wrongDigest: z.boolean().default(false),
  unknownCase: caseForm.nullable().default(null),
  leaveOut: caseForm.nullable().default(null),
  /** Faults of a result: more than was owed, of a line that was never sent. */
  exceed: z.boolean().default(false),
  unknownLine: z.boolean().default(false),
});

/** How the organization answers: takes everything on, unless told otherwise. */
export type Plan = Readonly<z.output<typeof planForm>>;

/** @throws KuramoriError BAD_INPUT */
export function checkedPlan(value: unknown): Plan {
  const plan = planForm.safeParse(value);
  if (plan.success) return plan.data;
  throw new KuramoriError(
    'BAD_INPUT',
    'The plan does not have its form. docs/transfer-container.md shows one.',
  );
}

/** The plan of a control file, read anew each time; without a file everything is taken on. */
export function readPlan(path: string): Plan {
  if (!existsSync(path)) return checkedPlan({});
  try {
    return checkedPlan(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The control file does not have its form.',
      {},
      { cause },
    );
  }
}
