import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { houseCertificates } from '../../../../src/cli/house/certificates.js';
import { readIntermediaryConfiguration } from '../../../../src/config/intermediary.js';
import { systemClock } from '../../../../src/kernel/clock.js';
import { startIntermediary, type IntermediaryOptions } from '../../../../src/reference/intermediary/start.js';
import { ownFolder } from '../support/folder.js';
import { wireTo, type Credentials } from '../support/wire.js';

const home = ownFolder();
let base: IntermediaryOptions;
let credentials: Credentials;
beforeAll(async () => {
  const { caFile, intermediary, vaultClient } = await houseCertificates(home, systemClock);
  base = readIntermediaryConfiguration({
    KURAMORI_INTERMEDIARY_PORT: '0',
    KURAMORI_INTERMEDIARY_DATA: join(home, 'data'),
    KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
    KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
    KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
    KURAMORI_INTERMEDIARY_LOG_LEVEL: 'silent',
  });
  const read = (path: string) => readFileSync(path, 'utf8');
  credentials = { ca: read(caFile), key: read(vaultClient.keyFile), cert: read(vaultClient.certificateFile) };
});

describe('the reference server, started in this process', () => {
  test('has no paths to steer it, unless it is asked for them', async () => {
    const statuses = async (testControl: boolean) => {
      const running = await startIntermediary({ ...base, testControl });
      const wire = wireTo(running.address, credentials);
      const paths = [
        ['PUT', '/control/clock', {}],
        ['PUT', '/control/faults', {}],
        ['POST', '/control/key-rotation'],
      ] as const;
      try {
        return await Promise.all(
          paths.map(async ([method, path, body]) => (await wire(method, path, body)).status),
        );
      } finally {
        await running.stop();
      }
    };
    expect(await statuses(false)).toEqual([404, 404, 404]);
    expect(await statuses(true)).toEqual([200, 200, 200]);
  });

  test('can be started on the address of its own, once', async () => {
    const running = await startIntermediary(base);
    const port = Number(new URL(running.address).port);
    const data = join(home, 'second');
    await expect(startIntermediary({ ...base, data, port })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    await running.stop();
    const again = await startIntermediary({ ...base, data, port });
    await again.stop();
  });

  test('says that a staff table has not its form', async () => {
    await expect(startIntermediary({ ...base, staff: [{ personId: 'P-1' }] })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  test.each([
    [
      'a service that is no linkage server',
      { drops: new Map([['worker', join(home, 'drop')]]), dropKey: 'key' },
    ],
    ['no key', { drops: new Map([['vault', join(home, 'drop')]]) }],
  ])('does not exchange by files with %s', async (_what, change) => {
    await expect(startIntermediary({ ...base, ...change })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  test('does not start on a journal that is damaged', async () => {
    const data = join(home, 'damaged');
    await (await startIntermediary({ ...base, data })).stop();
    appendFileSync(join(data, 'network', 'journal.jsonl'), 'not a line of ours\n');
    await expect(startIntermediary({ ...base, data })).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });
});
