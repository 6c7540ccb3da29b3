import 'reflect-metadata';
import type { AuditLog } from '../../src/audit/log.js';
import { readGatewayConfiguration } from '../../src/config/gateway.js';
import { startGateway } from '../../src/gateway/start.js';

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

const gateway = await startGateway(readGatewayConfiguration(process.env), { openAudit: () => silentLog });
process.send?.({ ready: gateway.address });
await new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve());
  process.once('disconnect', () => resolve());
});
await gateway.stop();
if (process.connected) process.disconnect();
