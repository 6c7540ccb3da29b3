/** Tells the measurement where the server listens, and ends when the measurement does. */
export function announce(port: number): void {
  process.send?.({ ready: `http://127.0.0.1:${port}` });
  process.once('SIGTERM', () => process.exit());
  process.once('disconnect', () => process.exit());
}

/** `postgres://` address of the owner of the records: no peer is asked who it is. */
export const DATABASE_URL = process.env['RECORDS_DATABASE_URL'] ?? '';

/** As many connections as the gateway's pool holds. */
export const POOL_CONNECTIONS_MAX = 20;
