import {
  breakGlassApprovalRequest,
  breakGlassReviewApprovalRequest,
  openBreakGlassRequest,
  revealRequest,
  reviewBreakGlassRequest,
  type BreakGlassFinding,
} from '../../../../src/client/index.js';
import {
  breakGlassAdministration,
  type ToldOpening,
} from '../../../../src/vault/breakGlass/administration.js';
import { insertHolidays } from '../../../../src/vault/evidence/incident/incident.store.js';
import { PATTERNED_BASES, checkDigitOf } from '../../number/support/patterned.js';
import { byTwos, codeOf, done } from '../../operation/support/two.js';
import { testService, type TestPerson, type TestService } from '../../operation/support/vault.js';
import { entriesOf } from '../../transfer/support/log.js';
import type { Answer } from '../../../../src/vault/client/wire.js';

export const REASON = '閉庁時の災害弔慰金の照会';
export const HOUR_MS = 60 * 60_000;

/** A vault with people of whom nobody but the registrar holds a grant, and references to show. */
export async function glassScene(own?: TestService) {
  const vault = own ?? (await testService());
  const alarms: [facts: Readonly<Record<string, string>>, sentence: string][] = [];
  Object.assign(vault.context, {
    alarm: (...alarm: (typeof alarms)[number]) => void alarms.push(alarm),
  });
  await vault.context.database.transaction('tests.holidays', (tx) =>
    insertHolidays(tx, [{ day: '2026-11-23', name: '勤労感謝の日' }]),
  );
  const registrar = await vault.person('P-2001', ['register', 'reveal']);
  const { register, decides } = byTwos(vault);
  const refs: string[] = [];
  for (const base of PATTERNED_BASES.slice(200, 206))
    refs.push(await register(registrar, base + checkDigitOf(base)));
  const handlers = breakGlassAdministration(vault.context);
  const administer = (command: string, input: object) =>
    handlers[`breakGlass.${command}`]!(input as never, 'hanako');
  let seals = 0;
  /** A new envelope. @returns its code */
  const sealed = async (breakGlassId: string): Promise<string> => {
    const entry = { breakGlassId, sealNo: `S-${(seals += 1)}`, by: 'CHIEF' };
    return ((await administer('seal', entry)) as { code: string }).code;
  };
  const asks = async ({ key, context }: TestPerson, breakGlassId: string, reason = REASON) =>
    vault.run(await breakGlassApprovalRequest(key, { ...context, breakGlassId, reason }));
  const opens = async (
    { key, context }: TestPerson,
    glass: { breakGlassId: string; code: string; reason?: string },
    approvalId: string,
    stepUp: string,
  ): Promise<Answer> => {
    const details = { ...context, reason: REASON, ...glass, stepUp, approvals: [approvalId] as const };
    return vault.run(await openBreakGlassRequest(key, details));
  };
  /** Two people open a credential that was sealed for it. @returns number of the opening */
  const opened = async (opener: TestPerson, second: TestPerson, breakGlassId: string): Promise<string> => {
    const code = await sealed(breakGlassId);
    const { approvalId = '' } = done(await asks(opener, breakGlassId));
    done(await decides(second, approvalId));
    const stepUp = await vault.stepUp(opener);
    const { opening = '' } = done(await opens(opener, { breakGlassId, code }, approvalId, stepUp));
    return opening;
  };
  const revealing = async ({ key, context }: TestPerson, ref: string, opening: string, stepUp: string) =>
    revealRequest(key, { ...context, ref, stepUp, approvals: [opening] });
  const reveals = async (person: TestPerson, ref: string, opening: string, stepUp: string) =>
    vault.run(await revealing(person, ref, opening, stepUp));
  const asksReview = async ({ key, context }: TestPerson, review: BreakGlassFinding) =>
    vault.run(await breakGlassReviewApprovalRequest(key, { ...context, review }));
  const reviews = async (person: TestPerson, review: BreakGlassFinding, approvalId: string) => {
    const details = {
      ...person.context,
      stepUp: await vault.stepUp(person),
      approvals: [approvalId] as const,
    };
    return vault.run(await reviewBreakGlassRequest(person.key, { ...details, review }));
  };
  /** By two people who had no part in it. @returns the code of the first that is refused, or `done` */
  const reviewed = async (reviewer: TestPerson, approver: TestPerson, opening: string): Promise<string> => {
    const review = { opening, outcome: 'justified', finding: '災害対応として相当' } as const;
    const asked = await asksReview(reviewer, review);
    if (asked.outcome === 'refused') return codeOf(asked);
    const { approvalId = '' } = done(asked);
    const decided = await decides(approver, approvalId);
    if (decided.outcome === 'refused') return codeOf(decided);
    return codeOf(await reviews(reviewer, review, approvalId));
  };
  return {
    vault,
    refs,
    registrar,
    alarms,
    opener: await vault.person('P-4001', []),
    second: await vault.officer('OFFICER-9', { role: 'unitOfficer' }),
    chief: await vault.officer('CHIEF-9', { role: 'chiefOfficer', unit: 'soumu' }),
    auditor: await vault.officer('AUDITOR-9', { role: 'auditOfficer', unit: 'kansa' }),
    administer,
    listed: async () => (await administer('list', {})) as readonly ToldOpening[],
    sealed,
    asks,
    decides,
    opens,
    opened,
    revealing,
    reveals,
    asksReview,
    reviews,
    reviewed,
    entries: (coordinate: string) => entriesOf(vault, coordinate),
  };
}
