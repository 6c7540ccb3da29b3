import {
  KEY_CERTIFICATE_SEAL_DAYS_MAX,
  KEY_INPUT_OPEN_DAYS_MAX,
  KEY_INPUT_SEAL_DAYS_MAX,
  KEY_OPEN_DAYS_MAX,
  KEY_RESULT_SEAL_DAYS_MAX,
  KEY_SEAL_DAYS_MAX,
} from '../../kernel/limits.js';
import type { KeyClass } from './key.js';

/** Days from activation (NIST SP 800-57 part 1 §5.3; handbook 14 §3). */
export interface Cryptoperiod {
  /** How long a key may seal or sign; undefined for a class without a scheduled rotation. */
  readonly sealDays: number | undefined;
  /** How long it may open; undefined when it opens nothing. */
  readonly openDays: number | undefined;
}

export const CRYPTOPERIODS: Readonly<Record<KeyClass, Cryptoperiod>> = {
  subject: { sealDays: KEY_SEAL_DAYS_MAX, openDays: KEY_OPEN_DAYS_MAX },
  factor: { sealDays: KEY_SEAL_DAYS_MAX, openDays: KEY_OPEN_DAYS_MAX },
  /** Its rotation opens every number: rehearsed, but not scheduled. Once begun it is to end as for the others. */
  index: { sealDays: undefined, openDays: KEY_OPEN_DAYS_MAX },
  input: { sealDays: KEY_INPUT_SEAL_DAYS_MAX, openDays: KEY_INPUT_OPEN_DAYS_MAX },
  file: { sealDays: KEY_SEAL_DAYS_MAX, openDays: KEY_OPEN_DAYS_MAX },
  /** 移管署名鍵: one for each year (handbook 13 §5). */
  transfer: { sealDays: KEY_SEAL_DAYS_MAX, openDays: undefined },
  /** Organizations seal results to it: valid two years, as theirs are. */
  result: { sealDays: KEY_RESULT_SEAL_DAYS_MAX, openDays: KEY_OPEN_DAYS_MAX },
  /** As the key that signs the audit log; its public half verifies for ever. */
  certificate: { sealDays: KEY_CERTIFICATE_SEAL_DAYS_MAX, openDays: undefined },
  /** As the class `certificate`: what it signed verifies by the certificate in it. */
  document: { sealDays: KEY_CERTIFICATE_SEAL_DAYS_MAX, openDays: undefined },

  /** Signs messages to the intermediary server, which is given the next public half before the change. */
  intermediary: { sealDays: KEY_SEAL_DAYS_MAX, openDays: undefined },
  spool: { sealDays: KEY_SEAL_DAYS_MAX, openDays: KEY_OPEN_DAYS_MAX },
};
