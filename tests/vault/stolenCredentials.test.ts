import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPrograms } from '../../src/cli/embedded/binaries.js';
import { numberSearchRequest, verifyPublishedKeys, type OperationContext } from '../../src/client/index.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { jsonOf, sealJwe, signJws, thumbprint } from '../client/support/jose.js';
import { testDatabase } from '../support/database.js';
import { ask, authority, type Asked, type AskOptions, type TestService } from './http/support.js';
import { UNREGISTERED } from './leak/numbers.js';
import { MUNICIPALITY } from './processes/vault.js';
import * as forge from './stolen/forge.js';
import { FIRST, numbersIn, stolenGateway } from './stolen/scene.js';

const scene = await stolenGateway();
const { vault, thief, log, insider, anchor, vaultKeys, keys, revealOf, expectNoNumber } = scene;
const { ref, signed, shown, hisStepUp } = scene.passed;
const { owner } = vault.databases;

describe('what the thief hands to her terminal', () => {
  const privateJwk = keys.signing.privateKey.export({ format: 'jwk' });
  const { x, y } = keys.reader.publicJwk;
  const forgedKey = {
    ...keys.reader.publicJwk,
    kid: thumbprint({ kty: 'EC', crv: 'P-256', x, y }),
    use: 'enc',
    alg: 'ECDH-ES',
  };
  const payload = jsonOf(signed.split('.')[1]!);
  const header = jsonOf(signed.split('.')[0]!);
  const list = { ...payload, keys: [forgedKey] };
  const encoded = Buffer.from(JSON.stringify(list)).toString('base64url');

  test.each<[string, string]>([
    ['signed with a key of the thief’s', signJws(header, list, privateJwk)],
    ['under the vault’s own signature', signed.replace(/\.[^.]+\./, `.${encoded}.`)],
    [
      'not signed at all',
      `${Buffer.from('{"alg":"none","typ":"input-keys+jwt"}').toString('base64url')}.${encoded}.`,
    ],
    [
      'with the key brought along',
      signJws({ ...header, jwk: { ...privateJwk, d: undefined } }, list, privateJwk),
    ],
  ])('a list of keys, %s, is not sealed to', async (_, forged) => {
    const verifying = verifyPublishedKeys(forged, anchor, { municipality: MUNICIPALITY });
    await expect(verifying).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
      facts: { rule: 'signature' },
    });
  });

  test('the list of yesterday is not sealed to', async () => {
    const now = () => Date.now() + 25 * 60 * 60_000;
    const verifying = verifyPublishedKeys(signed, anchor, { municipality: MUNICIPALITY, now });
    await expect(verifying).rejects.toMatchObject({ facts: { rule: 'time' } });
  });

  test.each<[string, (claims: Record<string, unknown>) => string]>([
    [
      'signed with a key of the thief’s',
      (claims) => signJws({ ...header, typ: 'number+jwt' }, claims, privateJwk),
    ],
    ['not signed', (claims) => JSON.stringify(claims)],
    ['that is something else the vault signed', () => signed],
  ])('a false number, %s, is not shown', async (_, token) => {
    const request = await revealOf(ref);
    const claims = {
      v: 1,
      ref,
      number: UNREGISTERED[0],
      jti: request.jti,
      iat: Math.floor(Date.now() / 1000),
    };
    const publicJwk = request.body['readerKey'] as never;
    const reader = { publicJwk, thumbprint: thumbprint(publicJwk) };
    const jwe = sealJwe(reader, token(claims), { cty: 'JWT' });
    await expect(request.open(jwe)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test('the answer to another question of hers is not shown', async () => {
    const [one, other] = [await revealOf(ref), await revealOf(ref)];
    const { result } = await thief.deliver(one);
    const jwe = result['individualNumber'] as string;
    expect(await one.open(jwe)).toBe(FIRST);
    await expect(other.open(jwe)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });
});

describe('the vault’s door', async () => {
  const stranger = await authority();
  const { credentials } = thief;
  const worker = stranger.worker;
  const { vault: ownFiles, worker: workerFiles } = vault.certificates;
  const pem = (files: typeof ownFiles) => ({ key: text(files.keyFile), cert: text(files.certificateFile) });
  const service = { url: vault.running.address } as TestService;
  const knock = (path: string, tls: object, options: AskOptions = {}) =>
    ask(service, path, { ca: vault.ca, ...tls }, options);
  const operation = JSON.stringify({ assertion: shown.assertion, body: shown.body, requestId: 'r-1' });

  test.each<[string, () => Promise<Asked>, string, string]>([
    ['without a certificate', () => knock('/v1/keys', {}), 'Vault.connection', 'noCertificate'],
    [
      'with one that another authority made out to the gateway',
      () => knock('/v1/keys', stranger.gateway),
      'Vault.connection',
      'certificateNotAccepted',
    ],
    [
      'with the worker’s of another authority',
      () => knock('/v1/keys', worker),
      'Vault.connection',
      'certificateNotAccepted',
    ],
    [
      'with the vault’s own',
      () => knock('/v1/keys', pem(ownFiles)),
      'Vault.connection',
      'certificateNotAccepted',
    ],
    [
      'from an address that is not the gateway’s',
      () => knock('/v1/keys', credentials, { localAddress: '127.0.0.9' }),
      'Vault.connection',
      'sourceNotAllowed',
    ],
  ])('stays shut for whoever knocks %s', async (_, knocking, coordinate, reason) => {
    const { value, entries } = await log.during(() =>
      knocking().then(
        () => 'let in',
        () => 'shut',
      ),
    );
    expect(value).toBe('shut');
    expect(entries).toMatchObject([
      { coordinate, reason, decision: 'refuse', actor: 'unknown', raised: true },
    ]);
  });

  test.each<[string, () => Promise<Asked>, number, string, string]>([
    [
      'another service of the house',
      () => knock('/v1/operations', pem(workerFiles), { body: operation }),
      401,
      'serviceUnknown',
      'unknown',
    ],
    [
      'the gateway, for what operators do',
      () => knock('/v1/staff.approve', credentials, { body: '{"grantId":"1","by":"CHIEF"}' }),
      404,
      'routeUnknown',
      'service:gateway',
    ],
    [
      'the gateway, for a private key',
      () => knock('/v1/keys/input-1', credentials),
      404,
      'routeUnknown',
      'service:gateway',
    ],
    [
      'a line break in the request’s name',
      () => knock('/v1/operations', credentials, { body: operation.replace('r-1', 'r\\n1') }),
      400,
      'requestMalformed',
      'service:gateway',
    ],
    [
      'an assertion twice',
      () => knock('/v1/operations', credentials, { body: operation.replace('{', '{"assertion":"a",') }),
      400,
      'requestMalformed',
      'service:gateway',
    ],
    [
      'two megabytes',
      () => knock('/v1/operations', credentials, { body: 'x'.repeat(2 ** 21) }),
      413,
      'requestTooLarge',
      'service:gateway',
    ],
  ])('behind the door %s learns nothing', async (_, knocking, status, reason, actor) => {
    const { value, entries } = await log.during(knocking);
    expect(value).toMatchObject({ status, json: { outcome: 'refused' } });
    expect(await numbersIn([Buffer.from(value.text)])).toEqual(new Set());
    expect(entries).toMatchObject([{ coordinate: 'Vault.request', decision: 'refuse', reason, actor }]);
  });
});

describe('what lies beside the vault', () => {
  test('the gateway’s password of its database opens nothing of the vault’s, even on the same server', async () => {
    const { username, password } = new URL((await testDatabase()).urls.gateway);
    for (const part of ['vault', 'shred'] as const) {
      const url = Object.assign(new URL(vault.databases.urls[part]), { username, password });
      const database = openDatabase({ url: url.toString(), application: 'tests', connections: 1 });
      const refused = { code: 'DATABASE_ERROR', facts: { sqlstate: '42501' } };
      const names = await owner[part].run(
        'tests.relations',
        ({ raw }) => raw<{ name: string }[]>`
        select format('%I.%I', n.nspname, c.relname) as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('vault', 'shred', 'audit') and c.relkind in ('r', 'p', 'v', 'm', 'S')`,
      );
      expect(names.length).toBeGreaterThan(0);
      for (const { name } of names)
        await expect(
          database.run('t', ({ raw }) => raw.unsafe(`select * from ${name}`)),
        ).rejects.toMatchObject(refused);
      const callable = await owner[part].run(
        'tests.functions',
        ({ raw }) => raw`
        select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('vault', 'shred', 'audit') and has_schema_privilege(${username}, n.oid, 'usage')
          and has_function_privilege(${username}, p.oid, 'execute')`,
      );
      expect([...callable]).toEqual([]);
      await database.close();
    }
  });

  test('the operators’ socket lies where no other account may go', async () => {
    const folder = dirname(vault.socket);
    expect([folder, vault.socket].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      '700',
      '600',
    ]);
    const { runAs } = await findPrograms();
    // Only root can become somebody else to try it.
    if (runAs === undefined) return;
    const tried = spawnSync('/bin/sh', ['-c', 'cd "$0" || test -S "$0/vault.sock" && echo in', folder], {
      ...runAs,
      cwd: '/',
      encoding: 'utf8',
    });
    expect(tried.stdout).toBe('');
    expect(tried.status).not.toBe(0);
  });
});

describe('budgets', () => {
  const usesOf = async (personId: string) => {
    const [row] = await owner.vault.run(
      'tests.uses',
      ({ raw }) => raw<{ uses: string; state: string }[]>`
      select (select string_agg(kind || ' ' || n, ', ' order by kind) from
        (select kind, count(*) as n from vault.budget_use where person_id = ${personId} group by kind) u) as uses,
        (select state from vault.number_grant where person_id = ${personId}) as state`,
    );
    return row;
  };

  test('of others are not spent by replays and forgeries', async () => {
    const before = await usesOf('P-1029');
    const withheld = await revealOf(ref);
    const forged = {
      ...withheld,
      assertion: forge.changed(withheld.assertion, { claims: { ref: scene.passed.anotherRef } }),
    };
    const { value, entries } = await log.during(
      () => Promise.all(Array.from({ length: 80 }, (_, at) => thief.deliver(at % 2 === 0 ? shown : forged))),
      80,
    );
    expect(new Set(value.map(({ code }) => code))).toEqual(new Set(['REPLAY_DETECTED', 'UNAUTHENTICATED']));
    expect(entries.filter(({ reason }) => reason === 'replay-shown')).toHaveLength(40);
    expect(await usesOf('P-1029')).toEqual(before);
    expect(await withheld.open((await thief.deliver(withheld)).result['individualNumber'] as string)).toBe(
      FIRST,
    );
  });

  test('end the search for numbers by trying them out, and then the right to search', async () => {
    const search = (own: Partial<OperationContext> = {}) =>
      numberSearchRequest(insider.key, {
        ...insider.context,
        stepUp: hisStepUp.id,
        ...own,
        number: UNREGISTERED[0]!,
        vaultKeys,
      });
    const tries = await Promise.all(Array.from({ length: 95 }, () => search()));
    const { value, entries } = await log.during(
      () => Promise.all(tries.map((each) => thief.deliver(each))),
      95,
    );
    for (const told of value) await expectNoNumber(told);
    const found = value.filter(({ outcome }) => outcome === 'done').map(({ result }) => result);
    expect(found).toEqual(Array.from({ length: 60 }, () => ({ ref: null })));
    expect(entries.filter(({ reason }) => reason === 'budget-person-hour').length).toBeGreaterThanOrEqual(30);
    expect(entries.filter(({ reason, raised }) => reason === 'budget-person-hour' && !raised)).toEqual([]);
    expect(await usesOf('P-2050')).toMatchObject({ state: 'suspended' });
    await scene.expectRefused(await search(), 'FORBIDDEN_PURPOSE', {
      reason: 'grant-suspended',
      actor: 'P-2050',
    });
  });
});

test('nothing that ever passed the gateway holds a number, in whatever spelling', async () => {
  expect(thief.taken.length).toBeGreaterThan(200);
  expect(await numbersIn(thief.taken)).toEqual(new Set());
  expect(await numbersIn([...thief.taken, Buffer.from(FIRST)])).toEqual(new Set(['0 digits']));
});

function text(path: string): string {
  return readFileSync(path, 'utf8');
}
