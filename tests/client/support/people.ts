import type { OperationContext } from '../../../src/client/index.js';

export const REF = 'vr_0123456789ABCDEFGHJKMNPQRS';
export const OTHER_REF = 'vr_0123456789ABCDEFGHJKMNPQRT';

/** Published example values only (handbook 10 §9). */
export const NUMBER = '123456789018';

export const NOON_MS = Date.parse('2026-11-02T12:00:00.999Z');
export const NOON_SECONDS = Date.parse('2026-11-02T12:00:00Z') / 1000;

export const CONTEXT: OperationContext = {
  credentialId: 'CR-0417',
  terminalId: 'T-0417',
  personId: 'P-1029',
  municipality: '242012',
  purpose: 'DELINQUENCY',
  basis: 'BASIS-24',
  caseId: 'C-2026-0098',
  now: () => NOON_MS,
};
