import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { addressOf, addressUnder, isAllowedSource } from '../../../src/vault/http/door.js';
import { Peers } from '../../../src/vault/http/peer.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { sources } from './support.js';

describe('sources', () => {
  const allowed = sources('10.1.2.3', 'fd00::1');
  allowed.addSubnet('10.9.0.0', 16, 'ipv4');

  test.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['10.9.255.1', true],
    ['fd00::1', true],
    ['10.1.2.4', false],
    ['fd00::2', false],
    ['::ffff:10.1.2.4', false],
    ['', false],
    ['localhost', false],
  ])('%s is allowed: %s', (address, expected) => {
    expect(isAllowedSource(address, allowed)).toBe(expected);
  });

  test('a socket that is gone comes from nowhere', () => {
    expect(addressOf(new Socket())).toBe('');
    expect(addressUnder({ _parent: new Socket() })).toBe('');
    expect(addressUnder({ _parent: null })).toBe('');
  });
});

test('a connection without TLS has no service behind it', () => {
  expect(new Peers(new Set(['gateway']), systemClock).serviceAt(new Socket())).toBeUndefined();
});
