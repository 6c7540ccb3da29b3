import { beforeAll, describe, expect, test, vi } from 'vitest';
import { testGateway, type GraphqlAnswer, type TestGateway } from '../../support/gateway.js';
import { AUDIT_APPEND_MS_MAX } from '../../../src/kernel/limits.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(120);
});

const QUERY = '{ addressees(filter: { kana: "サ" }, first: 5) { nodes { addresseeNo name } } }';
const CLIENTS = 16;

async function recordsNow(): Promise<number> {
  const [row] = await gateway.db.owner.run(
    'test.records',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from audit.written where kind = 'query'`,
  );
  return Number(row?.n);
}

test('a defect is told to the operators by its place, and to nobody by what was asked', async () => {
  const sentinel = '918273645546';
  const broken = gateway.schema.getQueryType()?.getFields()['viewer']?.extensions ?? {};
  const kept = broken.kuramori;
  const failing = () => Promise.reject(new TypeError(`met ${sentinel}`));
  Object.assign(broken, { kuramori: { ...kept, provide: failing } });
  const answer = await gateway.ask('collectionClerk', '{ defective: viewer { actorId } }');
  Object.assign(broken, { kuramori: kept });
  expect(answer.errors[0]?.extensions.code).toBe('INTERNAL');
  expect(JSON.stringify([answer, gateway.defects])).not.toContain(sentinel);
  expect(gateway.defects.at(-1)).toMatchObject({
    kind: 'TypeError',
    places: expect.arrayContaining([expect.stringMatching(/^at /)]),
  });
});

describe('under load', () => {
  test('the audit table is taken away: no answer leaves without its entry; service returns with it', async () => {
    const before = await recordsNow();
    const answers: GraphqlAnswer[] = [];
    const slowest = { ms: 0 };
    const phase = { over: false };
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!phase.over) {
        const startedAt = performance.now();
        const answer = await gateway.ask('collectionClerk', QUERY);
        slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
        answers.push(answer);
      }
    });
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await pause(300);
    await gateway.db.owner.run('test.lose', ({ raw }) => raw`alter table audit.block rename to block_away`);
    await pause(800);
    const during = answers.length;
    await gateway.db.owner.run(
      'test.restore',
      ({ raw }) => raw`alter table audit.block_away rename to block`,
    );
    await pause(1_500);
    phase.over = true;
    await Promise.all(clients);
    const answered = answers.filter(({ data }) => data !== undefined);
    const withheld = answers.filter(({ data }) => data === undefined);
    expect(withheld.length).toBeGreaterThan(CLIENTS);
    for (const answer of withheld) {
      expect(answer.status).toBe(503);
      expect(answer.errors[0]?.extensions.code).toBe('AUDIT_UNAVAILABLE');
      expect(JSON.stringify(answer)).not.toMatch(/addresseeNo|name":/);
    }
    expect(answers.slice(during + CLIENTS).some(({ data }) => data !== undefined)).toBe(true);
    // Each answer that left has its record; a withheld one may have none.
    expect(await recordsNow()).toBe(before + answered.length);
    expect(slowest.ms).toBeLessThan(AUDIT_APPEND_MS_MAX + 3_000);
  });

  test('the readiness answer is red while the log cannot be read, and green again after', async () => {
    const ready = async () => (await fetch(`${gateway.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    await gateway.db.owner.run('test.lose', ({ raw }) => raw`alter table audit.block rename to block_away`);
    expect(await ready()).toBe(503);
    await gateway.db.owner.run(
      'test.restore',
      ({ raw }) => raw`alter table audit.block_away rename to block`,
    );
    expect(await ready()).toBe(200);
  });

  test('connections that are cut give a clear error, and service comes back by itself', async () => {
    const cut = () =>
      gateway.db.owner.run(
        'test.cut',
        ({ raw }) => raw`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and usename = 'test_gateway'`,
      );
    const asked = Promise.all(Array.from({ length: 30 }, () => gateway.ask('collectionClerk', QUERY)));
    await cut();
    for (const answer of await asked) {
      if (answer.data !== undefined) continue;
      expect(['DATABASE_UNAVAILABLE', 'AUDIT_UNAVAILABLE', 'INTERNAL']).toContain(
        answer.errors[0]?.extensions.code,
      );
    }
    // A pool learns of a cut connection when it uses it; no more requests fail than there were connections.
    await vi.waitFor(async () => expect((await gateway.ask('collectionClerk', QUERY)).errors).toEqual([]), {
      timeout: 5_000,
      interval: 20,
    });
  });
});
