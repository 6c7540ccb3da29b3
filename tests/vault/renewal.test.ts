import type { Server } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import type { TlsFiles, TlsPem } from '../../src/config/tlsFiles.js';
import type { GatewayConfiguration } from '../../src/config/gateway.js';
import { connectVault } from '../../src/gateway/vaultConnection.js';
import { systemClock } from '../../src/kernel/clock.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { openVaultClient } from '../../src/vault/client/client.js';
import { renewOrganizationTls, renewTls } from '../../src/vault/renewal.js';
import {
  authority,
  clockAt,
  folder,
  memoryLog,
  OPERATION,
  startService,
  type Authority,
  type Pem,
} from './http/support.js';

const home = folder();
const early = await authority(home, clockAt(-22));
const house = await authority(home);
const next = await authority();
const logger = { info: () => undefined, error: vi.fn<(facts?: unknown) => void>() };
const refusedOnce = () => expect(logger.error).toHaveBeenCalledOnce();

/** Files whose content is what the test says. */
function files(of: Authority, pem: Pem) {
  const held = { key: pem.key, certificate: pem.cert, ca: of.ca };
  const file = (part: keyof TlsPem) => ({ content: held[part], read: () => held[part] });
  const change = (to: Authority, other: Pem) =>
    Object.assign(held, { key: other.key, certificate: other.cert, ca: to.ca });
  return {
    files: { key: file('key'), certificate: file('certificate'), ca: file('ca') } as TlsFiles,
    change,
  };
}

function clientOf({ ca, gateway }: Authority, url: string) {
  const client = openVaultClient({ url, ca, key: gateway.key, certificate: gateway.cert });
  afterAll(() => client.close());
  return client;
}

/** SHA-256 of the certificate that a new connection is shown. */
function shownAt(port: number, of: Authority): Promise<string> {
  return new Promise((resolve, reject) => {
    const { key, cert } = of.gateway;
    const socket = connect({ port, host: '127.0.0.1', ca: of.ca, key, cert }, () => {
      resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('the vault shows another certificate, refuses a broken pair, and changes its authority', async () => {
  const audit = memoryLog();
  const service = await startService({ audit, authority: early });
  const held = files(early, early.vault);
  const reloader = renewTls({ audit, clock: systemClock }, held.files, service.server as Server, logger);
  const client = clientOf(early, service.url);
  await client.operate(OPERATION);
  const before = await shownAt(service.port, early);

  held.change(house, { ...house.vault, key: next.vault.key });
  reloader.reload();
  refusedOnce();
  expect(await shownAt(service.port, early)).toBe(before);

  held.change(house, house.vault);
  reloader.reload();
  const renewed = await shownAt(service.port, early);
  expect(renewed).not.toBe(before);
  await client.operate(OPERATION);

  held.change(next, next.vault);
  reloader.reload();
  await expect(client.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  await clientOf(next, service.url).operate(OPERATION);
  reloader.close();
  await service.stop();
  const changes = audit.records.flatMap(({ entries }) => entries);
  expect(changes.filter(({ coordinate }) => coordinate === 'Vault.certificate')).toMatchObject([
    { decision: 'refuse', reason: 'keyMismatch', raised: true },
    { decision: 'allow', reason: `certificate:${renewed}` },
    { decision: 'allow', reason: expect.stringMatching(/^certificate:[0-9a-f]{64}$/) as string },
  ]);
});

test('the gateway shows the vault another certificate without losing a call', async () => {
  const audit = memoryLog();
  const [first, second] = [
    await startService({ audit: memoryLog(), authority: house }),
    await startService({ audit: memoryLog(), authority: next }),
  ];
  const held = files(early, early.gateway);
  const { key: vaultKey, certificate: vaultCertificate, ca: vaultCa } = held.files;
  const configured = { vaultUrl: first.url, vaultKey, vaultCertificate, vaultCa };
  const connection = connectVault(configured as GatewayConfiguration, { audit, clock: systemClock, logger })!;
  const calling = connection.client.operate(OPERATION);
  held.change(house, house.gateway);
  connection.reloadTls();
  await calling;
  await connection.client.operate(OPERATION);

  held.change(house, house.vault);
  connection.reloadTls();
  await connection.client.operate(OPERATION);

  held.change(next, next.gateway);
  connection.reloadTls();
  await expect(connection.client.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  const other = connectVault({ ...configured, vaultUrl: second.url } as GatewayConfiguration, {
    audit: { ...memoryLog(), append: () => Promise.reject(new Error('away')) },
    clock: systemClock,
    logger,
  })!;
  other.reloadTls();
  await other.client.operate(OPERATION);
  connection.close();
  other.close();
  await Promise.all([first.stop(), second.stop()]);
  expect(audit.records.flatMap(({ entries }) => entries)).toMatchObject([
    { coordinate: 'Gateway.vaultCertificate', decision: 'allow' },
    { coordinate: 'Gateway.vaultCertificate', decision: 'refuse', reason: 'otherName', raised: true },
    { coordinate: 'Gateway.vaultCertificate', decision: 'allow' },
  ]);
});

test.each([
  [new Error('away'), 'INTERNAL'],
  [new KuramoriError('AUDIT_UNAVAILABLE', 'Away.'), 'AUDIT_UNAVAILABLE'],
])(
  'another certificate serves when its entry cannot be written (%s), and that is told of',
  async (error, code) => {
    const audit = { ...memoryLog(), append: vi.fn<() => Promise<never>>().mockRejectedValue(error) };
    const service = await startService({ audit: memoryLog(), authority: early });
    const [ours, theirs] = [files(early, early.vault), files(early, early.gateway)];
    const reloader = renewTls({ audit, clock: systemClock }, ours.files, service.server as Server, logger);
    const { key: vaultKey, certificate: vaultCertificate, ca: vaultCa } = theirs.files;
    const configured = { vaultUrl: service.url, vaultKey, vaultCertificate, vaultCa };
    const parts = { audit, clock: systemClock, logger };
    const connection = connectVault(configured as GatewayConfiguration, parts)!;
    ours.change(house, house.vault);
    theirs.change(house, house.gateway);
    logger.error.mockClear();
    reloader.reload();
    connection.reloadTls();
    await connection.client.operate(OPERATION);
    await expect.poll(() => logger.error.mock.calls.map(([facts]) => facts)).toEqual([{ code }, { code }]);
    reloader.close();
    connection.close();
    await service.stop();
  },
);

test('the gateway is renewed again and again, and every call is answered', async () => {
  const service = await startService({ audit: memoryLog(), authority: house });
  const held = files(early, early.gateway);
  const { key: vaultKey, certificate: vaultCertificate, ca: vaultCa } = held.files;
  const configured = { vaultUrl: service.url, vaultKey, vaultCertificate, vaultCa };
  const parts = { audit: memoryLog(), clock: systemClock, logger };
  const { client, reloadTls, close } = connectVault(configured as GatewayConfiguration, parts)!;
  for (const of of [house, early, house, early]) {
    const calling = client.operate(OPERATION);
    held.change(of, of.gateway);
    reloadTls();
    await calling;
    await client.operate(OPERATION);
  }
  close();
  await service.stop();
});

test('towards organizations another certificate is shown, whoever issued it; a broken pair is refused', () => {
  const audit = memoryLog();
  const held = files(house, house.vault);
  const take = vi.fn<(pem: TlsPem) => void>();
  const reloader = renewOrganizationTls({ audit, clock: systemClock }, held.files, take, logger);
  held.change(house, { ...next.vault, key: house.vault.key });
  reloader.reload();
  expect(take).not.toHaveBeenCalled();
  held.change(house, next.gateway);
  reloader.reload();
  expect(take).toHaveBeenCalledExactlyOnceWith({
    ca: house.ca,
    key: next.gateway.key,
    certificate: next.gateway.cert,
  });
  reloader.close();
  expect(audit.records.flatMap(({ entries }) => entries)).toMatchObject([
    { coordinate: 'Vault.organizationCertificate', decision: 'refuse', reason: 'keyMismatch', raised: true },
    { coordinate: 'Vault.organizationCertificate', decision: 'allow' },
  ]);
});

test('a gateway that names the vault and not how to reach it does not start; one that names none has no way', () => {
  const parts = { audit: memoryLog(), clock: systemClock, logger };
  expect(connectVault({ vaultUrl: undefined } as GatewayConfiguration, parts)).toBeUndefined();
  expect(() => connectVault({ vaultUrl: 'https://127.0.0.1:1' } as GatewayConfiguration, parts)).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
  );
});
