import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { VaultRefusal } from '../refusal.js';
import { evidenceForm, handOut, type EvidenceAsked, type HandedOut } from './handOut.js';

/**
 * 証跡の交付: a part of an evidence, for the audit officer (監査責任者) alone. No subject, no grant, no number. Answers
 * {@link HandedOut}; its completion names kind, form and digest of what was handed out.
 * @throws KuramoriError FORBIDDEN_PURPOSE for any other role, and as `handOut`
 */
export async function evidence({ context, actor, body }: EffectCall): Promise<Effect> {
  const { person } = actor;
  if (person.role !== 'auditOfficer') throw new VaultRefusal('role');
  const asked = readBody(evidenceForm, body);
  const handedOut = await handOut(context, asked, `${person.personId}（監査責任者、${person.unit}）`);
  return { rows: handedOut.rows, subjects: [], reason: handedOutReason(asked, handedOut), result: handedOut };
}

/** Of the entry: what was handed out, by its digest. */
export function handedOutReason(
  { kind, form, from, to }: EvidenceAsked,
  { digest, pdfDigest = digest }: HandedOut,
): string {
  return `${form}:${kind}:${from}:${to}:${pdfDigest}`;
}
