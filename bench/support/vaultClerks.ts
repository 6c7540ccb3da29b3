import { stepUpRequest, newTerminalKey, type TerminalKey, type VaultKeys } from '../../src/client/index.js';
import type { OperationContext } from '../../src/client/details.js';
import { systemClock, today } from '../../src/kernel/clock.js';
import { plainDate } from '../../src/kernel/dates.js';
import { fromBase32, totpCode, totpStep } from '../../src/kernel/token/totp.js';
import { REVEALS_PERSON_HOUR, REVEALS_UNIT_DAY } from '../../src/kernel/limits.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { atOnce } from './orders.js';
import { OPERATOR } from './vaultHouse.js';

/** 取扱担当者 of the measurement, at a terminal of their own. */
export interface Clerk {
  readonly key: TerminalKey;
  /** What each of their requests says. */
  readonly context: OperationContext;
  /** Of the authenticator that the vault knows. */
  readonly secret: Uint8Array;
}

/** Where people are registered, and whose they are. */
export interface Registry {
  /** Unix socket of the vault's administration. */
  readonly socket: string;
  readonly municipality: string;
}

/** What the clerks work for; the header `kuramori-purpose` of the gateway says the same. */
export const PURPOSE = 'REFUND';
export const CASE_ID = 'C-2026-0001';
const BASIS = 'NUMBER-ACT-9-1-24';
/** The two who give the grants: one asks, the other approves. */
const CHIEFS = ['CHIEF-1', 'CHIEF-2'] as const;
/** What a person may see in an hour is all that one may show in a measurement. */
const CLERKS_PER_UNIT = REVEALS_UNIT_DAY / REVEALS_PERSON_HOUR;
const ENTERED_AT_ONCE = 8;

/** `personId` of a clerk in the vault's register. */
export function clerkId(at: number): string {
  return `P-${at}`;
}

/** Clerks that so many reveals need: the budgets (開示件数の上限) stay as they are for everybody. */
export function clerksFor(reveals: number): number {
  return Math.ceil(reveals / REVEALS_PERSON_HOUR);
}

/**
 * Registers clerks with the vault over its socket, as an administrator does: person, terminal, key, authenticator, and
 * a grant that one officer asks for and another approves. A unit has as many as its budget of the day is for.
 */
export async function enrolClerks(registry: Registry, count: number): Promise<readonly Clerk[]> {
  const enter = (command: string, entry: object) =>
    callAdministration(registry.socket, `staff.${command}`, { ...entry }, OPERATOR);
  for (const personId of CHIEFS) await enter('person', person(personId, 'soumu', 'chiefOfficer'));
  await enter('person', person('AUDITOR', 'kansa', 'auditOfficer'));
  const clerks: Clerk[] = [];
  const places = Array.from({ length: count }, (_, at) => at);
  await atOnce(ENTERED_AT_ONCE, places, async (at) => {
    clerks[at] = await enrolled(registry, enter, at);
  });
  return clerks;
}

/** Who a clerk is to those who know of no other. */
export function clerkIds(at: number): { readonly personId: string; readonly unit: string } {
  return { personId: clerkId(at), unit: `unit-${Math.floor(at / CLERKS_PER_UNIT)}` };
}

async function enrolled(
  { municipality }: Registry,
  enter: (command: string, entry: object) => Promise<unknown>,
  at: number,
): Promise<Clerk> {
  const { unit, personId } = clerkIds(at);
  const terminalId = `T-${at}`;
  await enter('person', person(personId, unit, 'handler'));
  await enter('terminal', { terminalId, zone: 'workZone', unit });
  const key = await newTerminalKey();
  const { publicJwk } = key;
  const { credentialId } = (await enter('credential', { personId, terminalId, publicJwk })) as {
    credentialId: string;
  };
  const { secret } = (await enter('factor', { personId })) as { secret: string };
  const { grantId } = (await enter('grant', {
    personId,
    purpose: PURPOSE,
    operations: ['register', 'reveal', 'push'],
    validFrom: today(systemClock),
    validTo: plainDate(today(systemClock)).add({ days: 7 }).toString(),
    requestedBy: CHIEFS[0],
  })) as { grantId: string };
  await enter('approve', { grantId, by: CHIEFS[1] });
  const context = { credentialId, terminalId, personId, municipality, purpose: PURPOSE };
  return { key, context: { ...context, basis: BASIS, caseId: CASE_ID }, secret: fromBase32(secret) };
}

function person(personId: string, unit: string, role: 'handler' | 'chiefOfficer' | 'auditOfficer') {
  const employmentFrom = plainDate(today(systemClock)).subtract({ months: 3 }).toString();
  const since = { employmentFrom, trainedOn: employmentFrom, secrecyAcceptedOn: employmentFrom };
  return { personId, unit, role, ...since };
}

/** What a clerk signs to step up, with the code that their authenticator shows now. */
export function clerkStepUp({ key, context, secret }: Clerk, vaultKeys: VaultKeys) {
  return stepUpRequest(key, { ...context, totp: totpCode(secret, totpStep(Date.now())), vaultKeys });
}
