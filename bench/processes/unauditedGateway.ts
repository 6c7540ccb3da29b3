import 'reflect-metadata';
import type { AuditLog } from '../../src/audit/log.js';
import { serveWithLog } from '../support/serveWithLog.js';

/**
 * The gateway with a log that says at once that everything is durable and writes nothing, for `gateway.audit_cost`
 * alone. It lives outside src, so that no setting and no command of the product can reach it.
 */
const NOWHERE = { recordNo: 1n, firstSequence: 1n };
const silentLog: AuditLog = {
  append: () => Promise.resolve(NOWHERE),
  appendIn: () => Promise.resolve(NOWHERE),
  appendAhead: () => Promise.resolve(NOWHERE),
  flushed: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

await serveWithLog(silentLog);
