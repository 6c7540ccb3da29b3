import { chmodSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { secretFile, watched } from '../../src/config/setting.js';
import { createHttp } from '../../src/gateway/http/create.js';
import { renewListenerTls } from '../../src/gateway/renewal.js';
import { authority, clockAt, folder, memoryLog } from '../vault/http/support.js';

const place = folder();
const [first, next] = [await authority(), await authority()];
const [keyFile, certificateFile] = [join(place, 'key.pem'), join(place, 'certificate.pem')];
const write = (key: string, certificate: string) => {
  for (const [file, text] of [
    [keyFile, key],
    [certificateFile, certificate],
  ] as const) {
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  }
};
write(first.vault.key, first.vault.cert);

const read = watched(secretFile);
const files = { key: read(keyFile), certificate: read(certificateFile) };
const app = createHttp({ key: files.key.content, cert: files.certificate.content });
await app.listen({ host: '127.0.0.1', port: 0 });
const audit = memoryLog();
const logger = { info: () => undefined, error: () => undefined };
const renewal = renewListenerTls(files, app.server as unknown as Server, {
  audit,
  clock: clockAt(0),
  logger,
});
afterAll(async () => {
  renewal.close();
  await app.close();
});

const serial = (pem: string) => new X509Certificate(pem).serialNumber;

/** What a front end is shown that trusts both authorities, and the version that is spoken. */
function shown(maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> {
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: [first.ca, next.ca], maxVersion });
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      resolve(serialNumber);
    });
  });
}
const entries = () => audit.records.flatMap((record) => record.entries);

test('the gateway shows a renewed certificate without a restart, from whatever authority', async () => {
  expect(await shown()).toBe(serial(first.vault.cert));
  write(next.vault.key, next.vault.cert);
  renewal.reload();
  expect(await shown()).toBe(serial(next.vault.cert));
  await expect(shown('TLSv1.2')).rejects.toThrow();
  expect(entries()).toMatchObject([{ coordinate: 'Gateway.certificate', decision: 'allow', raised: true }]);
});

test('what does not fit together is refused, and the old pair serves on', async () => {
  const before = await shown();
  const late = await authority(folder(), clockAt(25));
  for (const [key, certificate, fault] of [
    [first.vault.key, next.vault.cert, 'keyMismatch'],
    [late.vault.key, late.vault.cert, 'notYetValid'],
    [first.vault.key, 'none', 'malformed'],
  ] as const) {
    write(key, certificate);
    renewal.reload();
    expect(entries().at(-1)).toMatchObject({ decision: 'refuse', reason: fault, raised: true });
    expect(await shown()).toBe(before);
  }
});
