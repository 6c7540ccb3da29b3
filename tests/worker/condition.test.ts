import { describe, expect, test } from 'vitest';
import { KuramoriError } from '../../src/kernel/errors.js';
import { WORKER_SILENT_MS_MAX } from '../../src/kernel/limits.js';
import { Condition } from '../../src/worker/condition.js';

function condition() {
  let ms = 0;
  const told: string[] = [];
  const of = new Condition(
    () => ms,
    (work, code) => told.push(`${work} ${code ?? 'goes on'}`),
  );
  return { of, told, pass: (by: number) => (ms += by) };
}

describe('the condition of a worker', () => {
  test('is sound from the start, and while every piece of work comes to its end', () => {
    const { of, told, pass } = condition();
    expect(of.fault()).toBeUndefined();
    const work = of.of('changes');
    pass(WORKER_SILENT_MS_MAX);
    work.succeeded();
    pass(WORKER_SILENT_MS_MAX);
    expect(of.fault()).toBeUndefined();
    expect(told).toEqual([]);
  });

  test('is told once when work begins to fail, and once when it goes on', () => {
    const { of, told } = condition();
    const work = of.of('changes');
    work.failed(new KuramoriError('VAULT_UNAVAILABLE', 'Away.'));
    work.failed(new KuramoriError('VAULT_UNAVAILABLE', 'Away.'));
    expect(of.fault()).toBe('VAULT_UNAVAILABLE');
    work.failed(new TypeError('a defect'));
    expect(of.fault()).toBe('INTERNAL');
    work.succeeded();
    expect(of.fault()).toBeUndefined();
    expect(told).toEqual(['changes VAULT_UNAVAILABLE', 'changes INTERNAL', 'changes goes on']);
  });

  test('is not sound while one piece of work fails and another goes on', () => {
    const { of } = condition();
    of.of('changes').failed(new KuramoriError('VAULT_SEALED', 'Sealed.'));
    of.of('handOver').succeeded();
    expect(of.fault()).toBe('VAULT_SEALED');
  });

  test('is not sound from when the worker is told to stop', () => {
    const { of } = condition();
    of.of('handOver').succeeded();
    of.stops();
    expect(of.fault()).toBe('STOPPING');
  });

  test('is not sound when a piece of work has not ended for too long', () => {
    const { of, pass } = condition();
    of.of('handOver').succeeded();
    pass(WORKER_SILENT_MS_MAX + 1);
    expect(of.fault()).toBe('TIMEOUT');
  });
});
