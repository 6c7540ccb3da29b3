/**
 * Every limit of the system, in one place, each with its unit in the name. Handbook 15 §3, §7.
 * `src/kernel/limits` has a file for each part; all of them are read from here.
 * A limit that a municipality may tighten is also a setting; none may be loosened past these.
 */
export * from './limits/analysis.js';
export * from './limits/audit.js';
export * from './limits/client.js';
export * from './limits/database.js';
export * from './limits/delinquency.js';
export * from './limits/evidence.js';
export * from './limits/files.js';
export * from './limits/http.js';
export * from './limits/intermediary.js';
export * from './limits/payment.js';
export * from './limits/push.js';
export * from './limits/request.js';
export * from './limits/signIn.js';
export * from './limits/texts.js';
export * from './limits/transfer.js';
export * from './limits/vault.js';
export * from './limits/vaultAccess.js';
export * from './limits/vaultService.js';
export * from './limits/webauthn.js';
export * from './limits/worker.js';
