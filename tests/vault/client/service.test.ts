import { expect, test } from 'vitest';
import { serviceOf } from '../../../src/vault/client/service.js';

test.each([
  ['URI:urn:kuramori:service:gateway', 'gateway'],
  ['DNS:vault.example, URI:urn:kuramori:service:vault, IP Address:127.0.0.1', 'vault'],
  ['DNS:gateway', undefined],
  ['URI:urn:kuramori:service:gateway, URI:urn:kuramori:service:worker', undefined],
  ['URI:urn:kuramori:service:Gateway', undefined],
  ['URI:urn:kuramori:service:gateway:x', undefined],
  ['DNS:"x, URI:urn:kuramori:service:gateway, y"', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s names %s', (names, expected) => {
  expect(serviceOf(names)).toBe(expected);
});
