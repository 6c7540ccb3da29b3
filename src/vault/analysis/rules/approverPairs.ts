import { ANALYSIS_NAMED_MAX } from '../../../kernel/limits.js';
import { distinct, type ApprovalDecision, type FindHits } from '../rule.js';

/**
 * 承認者と依頼者の固定化: one who approved so many requests of the same other in the period; and two who approved each
 * other, however often. Within a day the ring rule refuses that (handbook 15 §6.3); over a month nobody does.
 */
export const approverPairs: FindHits = ({ decisions, people }, { approverPairs: { approvals } }) => {
  const pairs = new Map<string, [ApprovalDecision, ...ApprovalDecision[]]>();
  for (const decision of decisions) {
    const known = pairs.get(pairKey(decision.requestedBy, decision.decidedBy));
    if (known) known.push(decision);
    else pairs.set(pairKey(decision.requestedBy, decision.decidedBy), [decision]);
  }
  return [...pairs.values()].flatMap((each) => {
    const [{ requestedBy, decidedBy }] = each;
    const isMutual = pairs.has(pairKey(decidedBy, requestedBy));
    const threshold = isMutual ? 1 : approvals;
    if (each.length < threshold) return [];
    const pair = [requestedBy, decidedBy];
    return [
      {
        day: (each.at(-1) as ApprovalDecision).day,
        people: distinct(pair),
        units: distinct(pair.flatMap((personId) => people.get(personId)?.unit ?? [])),
        about: each.slice(0, ANALYSIS_NAMED_MAX).map(({ approvalId }) => approvalId),
        sequences: [],
        count: each.length,
        threshold,
      },
    ];
  });
};

function pairKey(requestedBy: string, decidedBy: string): string {
  return `${requestedBy} ${decidedBy}`;
}
