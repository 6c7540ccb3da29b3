import { dayInJapan } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { VaultContext } from '../context.js';
import { personObstacle } from '../grant/grant.js';
import { VaultRefusal } from '../refusal.js';
import type { Claimed } from '../operation/run.js';
import { personState } from '../staff/person.js';
import { requirePerson } from '../staff/staff.store.js';
import { useObstacle } from './breakGlass.js';
import { findOpening, insertGlassReturn, insertGlassUse, lockBreakGlass } from './breakGlass.store.js';

/**
 * Draws on the budget of an opening, BEFORE the effect (handbook 15 §6.5): after this has returned, the subject counts.
 * What is asked for under one opening goes one after another, so that the limit holds however many ask at once. Of a
 * grant nothing is asked; role, training and secrecy of the person are.
 * @returns gives it back, when it is certain that nothing was shown
 * @throws KuramoriError FORBIDDEN_PURPOSE, BUDGET_EXCEEDED
 */
export async function reserveGlassUse(
  { database, clock }: Pick<VaultContext, 'database' | 'clock'>,
  { assertion, actor }: Pick<Claimed, 'assertion' | 'actor'>,
  openingId: string,
): Promise<() => Promise<void>> {
  const { person, terminal } = actor;
  const { purpose, caseId: caseRef, ref } = assertion;
  if (ref === undefined) throw new KuramoriError('INTERNAL', 'A reveal came this far without a reference.');
  const at = clock.now();
  const day = dayInJapan(at).toString();
  const obstacle = personObstacle(person, day);
  if (obstacle !== undefined) throw new VaultRefusal(obstacle);
  const useId = await database.transaction('vault.breakGlass.reserve', async (tx) => {
    await lockBreakGlass(tx, openingId);
    const opening = await findOpening(tx, openingId);
    const second = opening && (await requirePerson(tx, opening.secondedBy));
    const refusal = useObstacle(opening, {
      personId: person.personId,
      terminalId: terminal.terminalId,
      purpose,
      at,
      isSecondInForce: second !== undefined && personState(second, day) === 'employed',
      spent: opening?.uses.filter(({ isReturned }) => !isReturned).length ?? 0,
    });
    if (refusal !== undefined) throw new VaultRefusal(refusal);
    return insertGlassUse(tx, { openingId, ref, caseRef, at });
  });
  return () => insertGlassReturn(database, useId, clock.now());
}
