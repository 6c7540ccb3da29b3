import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrganization, type RunningOrganization } from '../../../../src/reference/organization/start.js';
import { temporaryHome } from '../../../vault/processes/process.js';
import { lineTo } from '../support/line.js';
import { settingsIn } from '../support/scene.js';

const home = temporaryHome();
let organization: RunningOrganization;
let set: Awaited<ReturnType<typeof settingsIn>>;

beforeAll(async () => {
  set = await settingsIn(home);
  organization = await startOrganization(set.configuration);
});
afterAll(() => organization.stop());

describe('the line to the organization', () => {
  const tls = () => ({
    host: '127.0.0.1',
    port: Number(new URL(organization.address).port),
    ca: readFileSync(set.certificates.caFile),
  });
  const ours = () => ({
    key: readFileSync(set.certificates.vaultClient.keyFile),
    cert: readFileSync(set.certificates.vaultClient.certificateFile),
  });

  test.each([
    ['without a client certificate', () => tls()],
    ['by TLS 1.2', () => ({ ...tls(), ...ours(), maxVersion: 'TLSv1.2' as const })],
    [
      'with the certificate of a server',
      () => ({
        ...tls(),
        key: readFileSync(set.certificates.vault.keyFile),
        cert: readFileSync(set.certificates.vault.certificateFile),
      }),
    ],
  ])('is refused %s', async (_, options) => {
    const socket = connect(options());
    let heard = '';
    socket.on('secureConnect', () => socket.write('GET /keys HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.on('data', (data: Buffer) => (heard += data.toString()));
    // An alert is an error here; a line that is cut is none.
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard).toBe('');
  });

  test('says what a municipality registers', async () => {
    const line = lineTo(() => organization.address, set.certificates);
    const { text } = await line({ method: 'GET', path: '/keys' });
    line.close();
    expect(JSON.parse(text)).toEqual(organization.keys);
    expect(organization.keys.recipient).toMatch(/^age1/);
  });

  test('cannot be opened at an address that is taken', async () => {
    const port = Number(new URL(organization.address).port);
    const other = { ...set.configuration, data: `${home}/other`, port };
    await expect(startOrganization(other)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });
});
