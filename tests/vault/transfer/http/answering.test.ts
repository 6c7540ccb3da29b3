import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { KuramoriError } from '../../../../src/kernel/errors.js';
import { answering } from '../../../../src/vault/transfer/http/answering.js';
import { clockAt, memoryLog } from '../../http/support.js';
import { newPackageId } from '../support/scene.js';

const call = { coordinate: 'Transfer.test', packageId: newPackageId(), by: 'service:worker' };

/** What a call is answered whose work fails so, what the log has of it, and what is told as a defect. */
async function failing(error: Error) {
  const audit = memoryLog();
  const app = Fastify();
  const defects: unknown[] = [];
  app.setErrorHandler((defect, _request, reply) => {
    defects.push(defect);
    return reply.status(500).send({});
  });
  const failed = async () => {
    throw error;
  };
  app.get('/', (_request, reply) => answering({ audit, clock: clockAt(0) }, reply, call, failed));
  await app.inject({ method: 'GET', url: '/' });
  return { entries: audit.records.flatMap(({ entries }) => entries), defects };
}

test('a defect goes on to where defects are told, and is no refusal', async () => {
  const defect = new TypeError('a defect');
  expect(await failing(defect)).toEqual({ entries: [], defects: [defect] });
});

test('a log that cannot be written is not asked to note that', async () => {
  const away = new KuramoriError('AUDIT_UNAVAILABLE', 'The log is away.');
  expect(await failing(away)).toEqual({ entries: [], defects: [] });
});

test.each([
  ['INTEGRITY_FAILURE', true],
  ['CONFLICT', undefined],
] as const)('%s is an entry, raised: %s', async (code, raised) => {
  const { entries, defects } = await failing(new KuramoriError(code, 'Refused.'));
  expect(entries).toMatchObject([{ coordinate: 'Transfer.test', decision: 'refuse', reason: code }]);
  expect(entries[0]?.raised).toBe(raised);
  expect(defects).toEqual([]);
});
