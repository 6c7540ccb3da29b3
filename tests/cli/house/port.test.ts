import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../../src/cli/embedded/cluster.js';
import { gatewayPort } from '../../../src/cli/house/port.js';

const refused = (sentence: RegExp): unknown =>
  expect.objectContaining({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(sentence) as string,
  });

describe('the port of the gateway', () => {
  test('is the one asked for when it is free', async () => {
    const port = await freePort();
    expect(await gatewayPort({ KURAMORI_PORT: String(port) })).toBe(port);
    expect(await gatewayPort({ KURAMORI_PORT: String(port) })).toBe(port);
  });

  test.each(['', 'http', '-1', '65536', '4000.5'])('%j is none', async (port) => {
    await expect(gatewayPort({ KURAMORI_PORT: port })).rejects.toEqual(refused(/KURAMORI_PORT must be/));
  });

  test('that another program uses is refused', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(gatewayPort({ KURAMORI_PORT: String(port) })).rejects.toEqual(refused(/port is in use/));
    await new Promise((resolve) => other.close(resolve));
  });

  test('at an address that is not of this machine is refused', async () => {
    const wanted = { KURAMORI_HOST: '192.0.2.1', KURAMORI_PORT: String(await freePort()) };
    await expect(gatewayPort(wanted)).rejects.toEqual(refused(/address of this machine/));
  });
});
