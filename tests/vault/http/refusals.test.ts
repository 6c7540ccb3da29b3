import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AuditLog } from '../../../src/audit/log.js';
import type { Clock } from '../../../src/kernel/clock.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { VAULT_ADDRESSES_MAX } from '../../../src/kernel/limits.js';
import { ServiceRefusals, type ServiceRefusal } from '../../../src/vault/http/refusals.js';
import { instant, memoryLog } from './support.js';

let now = instant('2026-11-22T00:00:00Z');
const clock: Clock = { now: () => now };
const refusal: ServiceRefusal = {
  coordinate: 'Vault.connection',
  reason: 'noCertificate',
  address: '10.0.0.1',
};

afterEach(() => {
  now = instant('2026-11-22T00:00:00Z');
  vi.useRealTimers();
});

describe('refusals of connections', () => {
  test('leave ten entries a minute and address, then one summary with the count', async () => {
    const log = memoryLog();
    const refusals = new ServiceRefusals(log, clock, () => undefined);
    for (let count = 0; count < 25; count++) refusals.note(refusal);
    refusals.note({ ...refusal, address: '::ffff:10.0.0.2' });
    await refusals.flush();
    const entries = log.records.map(({ terminal, entries }) => [
      terminal,
      entries[0]!.reason,
      entries[0]!.rows,
    ]);
    expect(entries.filter(([, reason]) => reason === 'noCertificate')).toHaveLength(11);
    expect(entries.at(-1)).toEqual(['10.0.0.1', 'notWrittenSingly', 15]);
    expect(entries).toContainEqual(['10.0.0.2', 'noCertificate', 0]);
    await refusals.close();
  });

  test('start anew with the next minute, whose beginning writes the summary of the last', async () => {
    const log = memoryLog();
    const refusals = new ServiceRefusals(log, clock, () => undefined);
    for (let count = 0; count < 12; count++) refusals.note(refusal);
    now = instant('2026-11-22T00:01:00Z');
    refusals.note(refusal);
    await refusals.flush();
    expect(log.records.map(({ entries }) => entries[0]!.rows)).toEqual([...Array<number>(10).fill(0), 2, 0]);
    await refusals.close();
  });

  test('are summed up by the minute without anybody coming', async () => {
    vi.useFakeTimers();
    const log = memoryLog();
    const refusals = new ServiceRefusals(log, clock, () => undefined);
    for (let count = 0; count < 12; count++) refusals.note(refusal);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.records).toHaveLength(10);
    now = instant('2026-11-22T00:01:00Z');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.records).toHaveLength(11);
    await refusals.close();
  });

  test('of more addresses than are counted are written down and forgotten', async () => {
    const log = memoryLog();
    const refusals = new ServiceRefusals(log, clock, () => undefined);
    for (let count = 0; count < 11; count++) refusals.note(refusal);
    const other = (at: number) => `10.${1 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
    for (let at = 0; at < VAULT_ADDRESSES_MAX; at++) refusals.note({ ...refusal, address: other(at) });
    await refusals.flush();
    expect(log.records.filter(({ entries }) => entries[0]!.reason === 'notWrittenSingly')).toMatchObject([
      { terminal: '10.0.0.1' },
    ]);
    await refusals.close();
  });

  test('that cannot be written are told to operators and counted into the next summary', async () => {
    const kept = memoryLog();
    let fault: Error | undefined = new KuramoriError('AUDIT_UNAVAILABLE', 'Away.');
    const log: AuditLog = {
      ...kept,
      append: (record) => (fault ? Promise.reject(fault) : kept.append(record)),
    };
    const told: string[] = [];
    const refusals = new ServiceRefusals(log, clock, (code) => told.push(code));
    refusals.note(refusal);
    await refusals.flush();
    fault = new TypeError('other');
    refusals.note(refusal);
    await new Promise((resolve) => setImmediate(resolve));
    fault = undefined;
    await refusals.flush();
    expect(told).toEqual(['AUDIT_UNAVAILABLE', 'INTERNAL']);
    expect(kept.records.map(({ entries }) => entries[0])).toMatchObject([
      { coordinate: 'Vault.refusals', reason: 'notWrittenSingly', rows: 2, raised: true },
    ]);
    await refusals.close();
  });

  test('name the service and the request once these are known', async () => {
    const log = memoryLog();
    const refusals = new ServiceRefusals(log, clock, () => undefined);
    refusals.note({
      ...refusal,
      coordinate: 'Vault.request',
      reason: 'sealed',
      service: 'gateway',
      requestId: 'r',
    });
    await refusals.close();
    expect(log.records).toMatchObject([
      {
        requestId: 'r',
        actorId: 'service:gateway',
        clientApp: 'gateway',
        strength: 'clientCertificate',
        entries: [{ raised: false }],
      },
    ]);
  });
});
