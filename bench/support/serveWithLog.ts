import type { AuditLog } from '../../src/audit/log.js';
import { readGatewayConfiguration } from '../../src/config/gateway.js';
import { startGateway } from '../../src/gateway/start.js';

/** Runs the gateway with a log that is not the product’s, until the parent ends it; for the bench alone. */
export async function serveWithLog(log: AuditLog): Promise<void> {
  const gateway = await startGateway(readGatewayConfiguration(process.env), { openAudit: () => log });
  process.send?.({ ready: gateway.address });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('disconnect', () => resolve());
  });
  await gateway.stop();
  if (process.connected) process.disconnect();
}
