import { expect, test } from 'vitest';
import { VAULT_BREAKER_FAILURES_MAX, VAULT_BREAKER_OPEN_MS } from '../../../src/kernel/limits.js';
import { Breaker } from '../../../src/vault/client/breaker.js';

function failing(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count++) {
    expect(breaker.admits()).toBe(true);
    breaker.failed();
  }
}

test('after five failures in a row nothing is asked, then one call tries for all', () => {
  let now = 0;
  const breaker = new Breaker(() => now);
  failing(breaker, VAULT_BREAKER_FAILURES_MAX);
  expect(breaker.admits()).toBe(false);
  now = VAULT_BREAKER_OPEN_MS;
  expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
  breaker.failed();
  expect(breaker.admits()).toBe(false);
  now = 2 * VAULT_BREAKER_OPEN_MS;
  expect(breaker.admits()).toBe(true);
  breaker.succeeded();
  expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
});

test('a success starts the count anew', () => {
  const breaker = new Breaker();
  failing(breaker, VAULT_BREAKER_FAILURES_MAX - 1);
  breaker.succeeded();
  failing(breaker, VAULT_BREAKER_FAILURES_MAX - 1);
  expect(breaker.admits()).toBe(true);
});
