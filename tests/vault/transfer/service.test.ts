import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { describe, expect, test, vi } from 'vitest';
import type { VaultConfiguration } from '../../../src/config/vault.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { TRANSFER_ROUND_SECONDS } from '../../../src/kernel/limits.js';
import { transferService } from '../../../src/vault/transfer/service.js';
import { temporaryFolder } from '../keys/support/vault.js';
import { testService } from '../operation/support/vault.js';
import { houseOf } from './support/line.js';

// The certificates are of today.
const context = { ...(await testService()).context, clock: systemClock };
const { caFile, vaultClient, worker } = await houseOf(temporaryFolder());
const folder = join(temporaryFolder(), 'transfer');
const vault = { inService: true, assertInService: () => undefined };
const logger = { info: vi.fn<() => void>(), warn: vi.fn<() => void>(), error: vi.fn<() => void>() };
const file = (read: () => string) => ({ content: read(), read });

async function serve(configuration: Partial<VaultConfiguration>) {
  const whole = { transferRoundSeconds: TRANSFER_ROUND_SECONDS, ...configuration } as VaultConfiguration;
  const service = await transferService(whole, context, vault, logger);
  const app = Fastify();
  service.routes(app, () => 'worker');
  await app.ready();
  return { ...service, paths: app.printRoutes() };
}

const asksFor = (command: string, service: Awaited<ReturnType<typeof serve>>) =>
  service.handlers[`transfer.${command}`]!({}, 'hanako');

describe('transfers of a vault', () => {
  test.each([
    ['without a folder', {}],
    ['with a line to an organization alone', { organizationCa: file(() => readFileSync(caFile, 'utf8')) }],
  ])('are not offered %s, and the commands say so', async (_, configuration) => {
    const service = await serve(configuration);
    expect(service.paths).not.toContain('transfers');
    await expect(asksFor('keys', service)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    service.reloadTls();
    await service.keep()();
  });

  test('go on media alone without a line to an organization', async () => {
    const service = await serve({ transferFolder: folder });
    expect(service.paths).toContain('transfers');
    expect(await asksFor('round', service)).toEqual({ faults: [] });
    service.reloadTls();
    await service.keep()();
  });

  test('show an organization what lies in the files, and what lies there later', async () => {
    let shown = vaultClient;
    const service = await serve({
      transferFolder: folder,
      organizationKey: file(() => readFileSync(shown.keyFile, 'utf8')),
      organizationCertificate: file(() => readFileSync(shown.certificateFile, 'utf8')),
      organizationCa: file(() => readFileSync(caFile, 'utf8')),
    });
    const end = service.keep();
    shown = worker;
    service.reloadTls();
    expect(logger.info).toHaveBeenCalledOnce();
    await end();
  });
});
