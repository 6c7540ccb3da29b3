import { beforeEach, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { ERROR_CODES, type ErrorCode } from '../../../src/kernel/errors.js';
import { HAND_OVER_RETRY_MS, HAND_OVER_RETRY_MS_MAX } from '../../../src/kernel/limits.js';
import { handOverNext, type HandOverDeps } from '../../../src/worker/push/handOver.js';
import { testDatabase } from '../../support/database.js';
import { askPush, loggedOf, standingOf, statesOf, waiting } from '../../support/push.js';
import { authority } from '../../vault/http/support.js';
import { clientOf, refusal, StandInVault } from '../support/vault.js';

const db = await testDatabase();
const certificates = await authority();
const vault = await StandInVault.open(certificates);
let ms = Date.now();
const clock = { now: () => Temporal.Instant.fromEpochMilliseconds(ms) };
const audit = openAuditLog(db.worker);
const deps: HandOverDeps = { database: db.worker, audit, vault: clientOf(vault.url, certificates), clock };
const handOver = () => handOverNext(deps);

beforeEach(() => {
  vault.onOperation = () => Promise.resolve(undefined);
});

const ENTRY = 'push worker PushRequest.handOver';

describe('a push in the outbox', () => {
  test('is handed over as it was signed, once, with intent and completion in the log', async () => {
    const { pushRequestId, addresseeNo, requestId } = await askPush(db, ms);
    expect(await handOver()).toMatchObject({ kind: 'handedOver' });
    expect(await handOver()).toBeUndefined();
    expect(vault.effects).toEqual([pushRequestId]);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'HANDED_OVER']);
    expect(await waiting(db)).toBe(0);
    expect(await loggedOf(db, requestId)).toEqual([`${ENTRY} allow intent`, `${ENTRY} allow HANDED_OVER`]);
    const [intent, completion] = await db.owner.run(
      'test.entries',
      ({ raw }) => raw<{ sequence: bigint; subjects: string[]; counterpart: string | null }[]>`
      select sequence, subjects, context ->> 'counterpart' as counterpart from audit.entry
      where context ->> 'requestId' = ${requestId} order by sequence`,
    );
    expect(vault.asked.at(-1)).toMatchObject({ requestId, gatewayEntry: String(intent?.sequence) });
    expect([intent?.subjects, completion?.subjects]).toEqual([[addresseeNo], [addresseeNo]]);
    expect([intent?.counterpart, completion?.counterpart]).toEqual([null, '1']);
  });

  test('is asked of the vault only once its intent is in the log', async () => {
    const { requestId } = await askPush(db, ms);
    const logged: string[][] = [];
    vault.onOperation = async () => {
      logged.push(await loggedOf(db, requestId));
      return undefined;
    };
    await handOver();
    expect(logged).toEqual([[`${ENTRY} allow intent`]]);
  });

  test('is handed over by one of many workers that look at once', async () => {
    const pushes = await Promise.all(Array.from({ length: 12 }, () => askPush(db, ms)));
    const before = vault.asked.length;
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => drain()));
    expect(outcomes.flat()).toHaveLength(12);
    expect(vault.asked.length - before).toBe(12);
    for (const { pushRequestId } of pushes)
      expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'HANDED_OVER']);
  });

  test('waits, longer each time, while the vault is away, and is handed over when it is back', async () => {
    const { pushRequestId, requestId } = await askPush(db, ms);
    await vault.close();
    for (const pauseMs of [HAND_OVER_RETRY_MS, 2 * HAND_OVER_RETRY_MS, 4 * HAND_OVER_RETRY_MS]) {
      expect(await handOver()).toMatchObject({ kind: 'waiting', code: 'VAULT_UNAVAILABLE' });
      ms += pauseMs - 1;
      expect(await handOver()).toBeUndefined();
      ms += 1;
    }
    await vault.listen();
    expect(await handOver()).toMatchObject({ kind: 'handedOver' });
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING', 'HANDED_OVER']);
    expect(
      (await loggedOf(db, requestId)).filter((line) => line.endsWith('refuse VAULT_UNAVAILABLE')),
    ).toHaveLength(3);
  });

  test('is given back to the clerk when its signature ends, and nothing signed of it is left', async () => {
    const { pushRequestId, requestId } = await askPush(db, ms);
    vault.onOperation = () => Promise.resolve(refusal('VAULT_SEALED'));
    const pauses: number[] = [];
    for (let outcome = await handOver(); outcome?.kind !== 'tooLate'; outcome = await handOver()) {
      const due = await dueOf(pushRequestId);
      pauses.push(due - ms);
      ms = due;
    }
    expect(Math.max(...pauses)).toBe(HAND_OVER_RETRY_MS_MAX);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(60_000);
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'AWAITING_SIGNATURE' });
    expect(await waiting(db)).toBe(0);
    expect((await loggedOf(db, requestId)).at(-1)).toBe(`${ENTRY} refuse AWAITING_SIGNATURE`);
  });

  test('that the vault has, though its answer was lost, stays where the vault’s journal has it', async () => {
    const { pushRequestId } = await askPush(db, ms);
    await db.worker.run(
      'test.accepted',
      ({ raw }) => raw`
      insert into records.push_state (push_request_id, state, at, vault_sequence, attempt, reason)
      values (${pushRequestId}::uuid, 'ACCEPTED', now(), 900001, 0, 'ACCEPTED')`,
    );
    ms += 61_000;
    expect(await handOver()).toEqual({ kind: 'tooLate' });
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'ACCEPTED' });
  });

  test('whose answer was lost is asked again and answered the same, with one effect', async () => {
    const { pushRequestId } = await askPush(db, ms);
    const before = vault.effects.length;
    let lost = false;
    vault.onOperation = async (operation) => {
      if (lost) return undefined;
      lost = true;
      vault.onOperation = () => Promise.resolve(undefined);
      await deps.vault.operate(operation);
      return refusal('REPLAY_DETECTED');
    };
    expect(await handOver()).toMatchObject({ kind: 'waiting', code: 'REPLAY_DETECTED' });
    ms += HAND_OVER_RETRY_MS;
    expect(await handOver()).toMatchObject({ kind: 'handedOver' });
    expect(vault.effects.slice(before)).toEqual([pushRequestId]);
  });

  test.each([
    'FORBIDDEN_PURPOSE',
    'STEP_UP_REQUIRED',
    'CONFLICT',
    'UNAUTHENTICATED',
    'BUDGET_EXCEEDED',
  ] as const)('that the vault refuses with %s is not tried again, and says why', async (code: ErrorCode) => {
    const { pushRequestId, requestId } = await askPush(db, ms);
    vault.onOperation = () => Promise.resolve(refusal(code));
    expect(ERROR_CODES[code]).toBeDefined();
    expect(await handOver()).toEqual({ kind: 'notAccepted', code, entry: '77' });
    expect(await handOver()).toBeUndefined();
    expect(await standingOf(db, pushRequestId)).toMatchObject({ state: 'NOT_ACCEPTED', reason: code });
    expect((await loggedOf(db, requestId)).at(-1)).toBe(`${ENTRY} refuse ${code}`);
  });

  test('is not handed over when the log cannot take its intent, and stays where it is', async () => {
    const { pushRequestId } = await askPush(db, ms);
    const before = vault.asked.length;
    const closed = openAuditLog(db.worker);
    await closed.close();
    await expect(handOverNext({ ...deps, audit: closed })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
    expect(vault.asked.length).toBe(before);
    expect(await statesOf(db, pushRequestId)).toEqual(['WAITING']);
    expect(await handOver()).toMatchObject({ kind: 'handedOver' });
  });

  test('keeps what was signed out of every error and entry', async () => {
    const { requestId } = await askPush(db, ms);
    const [row] = await db.owner.run(
      'test.signed',
      ({ raw }) =>
        raw<{ assertion: string; body: string }[]>`select assertion, body from records.push_outbox`,
    );
    await handOver();
    const [log] = await db.owner.run(
      'test.log',
      ({ raw }) => raw<{ text: string }[]>`
      select string_agg(convert_from(body, 'UTF8'), ' ') as text from audit.written`,
    );
    expect(log?.text).toContain(requestId);
    expect(log?.text).not.toContain(row?.assertion);
    expect(log?.text).not.toContain('000000000012345');
  });
});

async function drain(): Promise<unknown[]> {
  const outcome = await handOver();
  return outcome === undefined ? [] : [outcome, ...(await drain())];
}

async function dueOf(pushRequestId: string): Promise<number> {
  const [row] = await db.owner.run(
    'test.due',
    ({ raw }) => raw<{ ms: bigint }[]>`
    select (extract(epoch from due_at) * 1000)::bigint as ms from records.push_outbox
    where push_request_id = ${pushRequestId}::uuid`,
  );
  return Number(row?.ms);
}
