import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { houseCertificates } from '../../../src/cli/house/certificates.js';
import { systemClock, type Clock } from '../../../src/kernel/clock.js';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'kuramori-certificates-'));
  folders.push(path);
  return path;
};
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

const days = (count: number): Clock => ({ now: () => systemClock.now().add({ hours: 24 * count }) });
const read = (path: string) => new X509Certificate(readFileSync(path));
const serialOf = (path: string) => read(path).serialNumber;

describe('the house’s own authority', () => {
  test('signs certificates of 30 days for each service, with keys for their owner alone', async () => {
    const made = await houseCertificates(folder(), systemClock);
    const ca = read(made.caFile);
    expect(ca.ca).toBe(true);
    for (const name of ['vault', 'gateway', 'worker', 'intermediary', 'organization'] as const) {
      const { keyFile, certificateFile } = made[name];
      const certificate = read(certificateFile);
      expect(certificate.verify(ca.publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
      expect(certificate.subjectAltName).toContain(`URI:urn:kuramori:service:${name}`);
      const left = certificate.validToDate.getTime() - systemClock.now().epochMilliseconds;
      expect(Math.round(left / 86_400_000)).toBe(30);
      expect((statSync(keyFile).mode & 0o777).toString(8)).toBe('600');
    }
    expect(read(made.vault.certificateFile).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(read(made.gateway.certificateFile).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    const asks = read(made.vaultClient.certificateFile);
    expect(asks.subjectAltName).toBe('URI:urn:kuramori:service:vault');
    expect(asks.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(read(made.organization.certificateFile).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(read(made.intermediary.certificateFile).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(read(made.vault.certificateFile).checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  test('leaves what has 10 days or more, and makes anew what has less', async () => {
    const home = folder();
    const made = await houseCertificates(home, systemClock);
    const before = [made.caFile, made.vault.certificateFile].map(serialOf);
    await houseCertificates(home, days(19));
    expect([made.caFile, made.vault.certificateFile].map(serialOf)).toEqual(before);
    await houseCertificates(home, days(21));
    expect(serialOf(made.caFile)).toBe(before[0]);
    expect(serialOf(made.vault.certificateFile)).not.toBe(before[1]);
  });

  test('signs everything anew when the authority itself had to be', async () => {
    const home = folder();
    const made = await houseCertificates(home, days(-3_645));
    const before = serialOf(made.caFile);
    await houseCertificates(home, systemClock);
    expect(serialOf(made.caFile)).not.toBe(before);
    for (const { certificateFile } of [made.vault, made.gateway, made.worker])
      expect(read(certificateFile).verify(read(made.caFile).publicKey)).toBe(true);
  });

  test('makes anew what has lost its key, has another one, or is asked for under another name', async () => {
    const home = folder();
    const made = await houseCertificates(home, systemClock);
    const serials = () =>
      [made.vault, made.gateway, made.worker].map((each) => serialOf(each.certificateFile));
    const before = serials();
    rmSync(made.gateway.keyFile);
    writeFileSync(made.worker.keyFile, readFileSync(made.vault.keyFile));
    await houseCertificates(home, systemClock);
    const after = serials();
    expect(after.map((serial, at) => serial === before[at])).toEqual([true, false, false]);
    await houseCertificates(home, systemClock, ['10.1.2.3', 'vault.example']);
    expect(serials()[0]).not.toBe(after[0]);
    expect(read(made.vault.certificateFile).checkHost('vault.example')).toBe('vault.example');
  });
});
