import { generateKeyPairSync } from 'node:crypto';
import { CompactSign, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  newReaderKey,
  newTerminalKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  signAssertion,
  verifyPublishedKeys,
  type RevealRequest,
} from '../../../src/client/index.js';
import {
  LOOKUPS_PERSON_HOUR,
  REFUSALS_PERSON_HOUR_MAX,
  REFUSALS_PERSON_HOUR_RAISED,
  UNKNOWN_KEYS_PER_MINUTE_RAISED,
} from '../../../src/kernel/limits.js';
import { decodeBody } from '../../../src/audit/body.js';
import { verifySequence } from '../../../src/audit/verify.js';
import type { Answer } from '../../../src/vault/client/wire.js';
import { sealTo } from '../../../src/vault/cipher/jwe.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { createVersion } from '../../../src/vault/keys/versions.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { enrolCredential } from '../../../src/vault/staff/credential.js';
import { BODY, claimsAt, headerOf, signed } from '../assertion/support/sign.js';
import { BASIS, PURPOSE, testService, type TestPerson } from './support/vault.js';

/** Numbers of handbook 10 §3.2: patterned, nobody's. */
const [FIRST, SECOND, THIRD] = ['123456789018', '135792468015', '202020202000'] as const;

const vault = await testService();
const clerk = await vault.person('P-1029');

const register = async (person: TestPerson, number: string, attributes = {}) =>
  vault.run(await registerRequest(person.key, { ...person.context, number, attributes }));
const refOf = (answer: Answer) => (done(answer) as { ref: string }).ref;
const done = (answer: Answer): unknown => {
  if (answer.outcome === 'refused') throw new Error(`refused: ${answer.error.code}`);
  return answer.result;
};
const codeOf = (answer: Answer) => (answer.outcome === 'refused' ? answer.error.code : 'done');
const lastRecords = async (count: number) => {
  const rows = await vault.databases.owner.vault.run(
    'test.records',
    ({ raw }) => raw<{ body: Buffer }[]>`
    select body from audit.written order by record_no desc limit ${count}`,
  );
  return rows.map(({ body }) => decodeBody(body.toString('utf8'))).toReversed();
};

describe('a number', () => {
  it('is registered once, found again, and shown to the reader alone', async () => {
    const ref = refOf(await register(clerk, '１２３４－５６７８－９０１８'));
    expect(ref).toMatch(/^vr_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(refOf(await register(clerk, FIRST))).toBe(ref);
    const stepUp = await vault.stepUp(clerk);
    const search = await numberSearchRequest(clerk.key, {
      ...clerk.context,
      stepUp,
      number: FIRST,
    });
    expect(done(await vault.run(search))).toEqual({ ref });
    const reveal = await revealRequest(clerk.key, { ...clerk.context, ref, stepUp });
    const { individualNumber } = done(await vault.run(reveal)) as { individualNumber: string };
    expect(individualNumber).not.toContain(FIRST);
    expect(decodeProtectedHeader(individualNumber)).toMatchObject({ typ: 'number+jwe', cty: 'JWT' });
    expect(await reveal.open(individualNumber)).toBe(FIRST);
  });

  it('that is not registered is answered in the same shape', async () => {
    const stepUp = await vault.stepUp(clerk);
    const details = { ...clerk.context, stepUp, number: THIRD };
    expect(done(await vault.run(await numberSearchRequest(clerk.key, details)))).toEqual({ ref: null });
  });

  it('that is no valid number is refused without an echo', async () => {
    const answer = await register(clerk, '123456789012');
    expect(answer).toMatchObject({
      outcome: 'refused',
      error: { code: 'BAD_INPUT', facts: { rule: 'INVALID_CHECK_DIGIT' } },
    });
    expect(JSON.stringify(answer)).not.toContain('123456789012');
  });

  it('gets one reference, however many register it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(clerk, SECOND)));
    expect(new Set(answers.map(refOf)).size).toBe(1);
    const rows = await vault.databases.owner.shred.run(
      'test.shred',
      ({ raw }) => raw`select from shred.key where vault_ref not in (${refOf(answers[0] as Answer)})`,
    );
    const numbers = await vault.databases.owner.vault.run(
      'test.numbers',
      ({ raw }) => raw`select from vault.number where state = 'active'`,
    );
    // No shred key is left of those that were too late.
    expect(rows.length + 1).toBe(numbers.length);
  });
});

describe('a case that may be a number', () => {
  it('is refused before anybody is known, and stands nowhere', async () => {
    // No front end of ours would sign it.
    const now = vault.clock.now().toString();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const own = { publicJwk: publicKey.export({ format: 'jwk' }) };
    const { credentialId } = await vault.databases.vault.transaction('tests.enrol', (tx) =>
      enrolCredential(tx, { personId: 'P-1029', terminalId: 'T-0417', ...own }, vault.clock.now()),
    );
    const claims = claimsAt(now, { case: 'C-1234-5678-9018', purpose: PURPOSE, basis: BASIS });
    const assertion = signed(headerOf(credentialId), claims, { privateKey, ...own });
    const answer = await vault.run({ assertion, body: BODY });
    expect(answer).toMatchObject({ error: { code: 'BAD_INPUT', facts: { field: 'case' } } });
    expect(await lastRecords(1)).toMatchObject([
      { actorId: 'unknown', entries: [{ decision: 'refuse', reason: 'BAD_INPUT' }] },
    ]);
    expect(JSON.stringify([answer, await lastRecords(1)])).not.toContain('5678');
  });
});

describe('a registration', () => {
  it('is no way to try numbers: what is there already counts as a lookup', async () => {
    await register(clerk, FIRST);
    const guesser = await vault.person('P-6001', ['register'], 'T-0800');
    const codes = [];
    for (let guess = 0; guess <= LOOKUPS_PERSON_HOUR; guess += 1)
      codes.push(codeOf(await register(guesser, FIRST)));
    expect(codes.slice(0, LOOKUPS_PERSON_HOUR).every((code) => code === 'done')).toBe(true);
    expect(codes.at(-1)).toBe('BUDGET_EXCEEDED');
  });
});

describe('a reveal', () => {
  const prepared = async (person = clerk) => {
    const ref = refOf(await register(person, FIRST));
    return { ref, stepUp: await vault.stepUp(person) };
  };

  it('is never told a second time', async () => {
    const request = await revealRequest(clerk.key, { ...clerk.context, ...(await prepared()) });
    const answers = await Promise.all(Array.from({ length: 10 }, () => vault.run(request)));
    const codes = answers.map(codeOf).toSorted();
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'REPLAY_DETECTED')).toHaveLength(9);
  });

  it('needs a step-up for its purpose', async () => {
    const { ref } = await prepared();
    for (const stepUp of ['SU-AAAAAAAAAAAAAAAAAAAAAA']) {
      const request = await revealRequest(clerk.key, { ...clerk.context, ref, stepUp });
      expect(codeOf(await vault.run(request))).toBe('STEP_UP_REQUIRED');
    }
    const fresh = await prepared();
    vault.clock.move(5 * 60_000);
    const late = await revealRequest(clerk.key, { ...clerk.context, ...fresh });
    expect(codeOf(await vault.run(late))).toBe('STEP_UP_REQUIRED');
  });

  it('is sealed to no other key than the one that was signed', async () => {
    const { ref, stepUp } = await prepared();
    const [asserted, other] = [await newReaderKey(), await newReaderKey()];
    const details = { ...clerk.context, ref, stepUp, op: 'reveal' as const, sealTo: asserted.thumbprint };
    const swapped = await signAssertion(clerk.key, details, { readerKey: { ...other.publicJwk } });
    expect(codeOf(await vault.run(swapped))).toBe('UNAUTHENTICATED');
    // Whoever carries it cannot put another key in either: the body was signed.
    const honest = await signAssertion(clerk.key, details, { readerKey: { ...asserted.publicJwk } });
    const carried = { assertion: honest.assertion, body: { readerKey: { ...other.publicJwk } } };
    expect(codeOf(await vault.run(carried))).toBe('UNAUTHENTICATED');
  });

  it('asks for a grant, a purpose and a basis that are in force', async () => {
    const nobody = await vault.person('P-2001', []);
    const { ref } = await prepared();
    const withoutGrant = { ...nobody.context, ref, stepUp: await vault.stepUp(nobody) };
    expect(codeOf(await vault.run(await revealRequest(nobody.key, withoutGrant)))).toBe('FORBIDDEN_PURPOSE');
    const otherBasis = { ...clerk.context, ref, stepUp: await vault.stepUp(clerk), basis: 'BY-CUSTOM' };
    expect(codeOf(await vault.run(await revealRequest(clerk.key, otherBasis)))).toBe('FORBIDDEN_PURPOSE');
  });

  it('is refused to former staff at midnight in Japan, whatever was signed before', async () => {
    const leaver = await vault.person('P-3001', ['reveal', 'register'], 'T-0500');
    const { ref, stepUp } = await prepared(leaver);
    await vault.databases.owner.vault.run(
      'test.leave',
      ({ raw }) => raw`update vault.person set employment_to = '2026-11-21' where person_id = 'P-3001'`,
    );
    const request = await revealRequest(leaver.key, { ...leaver.context, ref, stepUp });
    expect(codeOf(await vault.run(request))).toBe('ACCOUNT_REVOKED');
  });

  it('spends no budget when the log cannot take its intent', async () => {
    const reader = await vault.person('P-4002', ['reveal', 'register'], 'T-0601');
    const details = { ...reader.context, ...(await prepared(reader)) };
    const reveals = async () => codeOf(await vault.run(await revealRequest(reader.key, details)));
    const run = (sql: string) => vault.databases.owner.vault.run('test.run', ({ raw }) => raw.unsafe(sql));
    const spent = async () =>
      (await run("select from vault.budget_use where person_id = 'P-4002' and kind = 'reveal'")).length;
    await run('alter table audit.block rename to block_away');
    await expect(reveals()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await run('alter table audit.block_away rename to block');
    expect(await spent()).toBe(0);
    expect(await reveals()).toBe('done');
    expect(await spent()).toBe(1);
  });

  it('stops at the budget, and exactly there', async () => {
    const reader = await vault.person('P-4001', ['reveal', 'register'], 'T-0600');
    const { ref, stepUp } = await prepared(reader);
    const requests = await Promise.all(
      Array.from({ length: 25 }, () => revealRequest(reader.key, { ...reader.context, ref, stepUp })),
    );
    const codes = (await Promise.all(requests.map((request) => vault.run(request)))).map(codeOf);
    expect(codes.filter((code) => code === 'done')).toHaveLength(20);
    expect(codes.filter((code) => code === 'BUDGET_EXCEEDED')).toHaveLength(5);
  });
});

describe('a gateway in other hands', () => {
  const FALSE = '234567890126';
  const asked = async () => {
    const ref = refOf(await register(clerk, FIRST));
    const request = await revealRequest(clerk.key, {
      ...clerk.context,
      ref,
      stepUp: await vault.stepUp(clerk),
    });
    const answer = done(await vault.run(request)) as { individualNumber: string };
    // All that it carries: the reader's public key, the reference and the assertion with its number.
    return { request, answer, ref, readerKey: request.body['readerKey'] };
  };
  const refusedBy = async ({ request }: { request: RevealRequest }, jwe: string) =>
    expect(request.open(jwe)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });

  it('cannot seal a false number to the reader', async () => {
    const carried = await asked();
    const { request, ref, readerKey, answer } = carried;
    const claims = { v: 1, ref, number: FALSE, jti: request.jti, iat: Math.floor(vault.clock.ms() / 1000) };
    const own = generateKeyPairSync('ed25519').privateKey;
    const forged = [
      Buffer.from(JSON.stringify(claims)),
      await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'number+jwt', kid: 'certificate-1' })
        .sign(own),
      // What the vault publishes for everybody is signed by the right key, and is no number.
      signedInputKeys(vault.context)().signed,
    ];
    for (const payload of forged)
      await refusedBy(carried, await sealTo(readerKey, 'number+jwe', Buffer.from(payload)));
    expect(await request.open(answer.individualNumber)).toBe(FIRST);
  });

  it('cannot answer with what the vault sealed in another answer', async () => {
    const [one, other] = [await asked(), await asked()];
    await refusedBy(one, other.answer.individualNumber);
    await refusedBy(other, one.answer.individualNumber);
  });

  it('cannot put a key of its own in the place of the vault’s', async () => {
    const { signed, keys } = signedInputKeys(vault.context)();
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = own.publicKey.export({ format: 'jwk' });
    const [header, payload = '', signature] = signed.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const swapped = Buffer.from(JSON.stringify({ ...claims, keys: [{ ...keys[0], x, y }] })).toString(
      'base64url',
    );
    const { municipality, now, anchor } = clerk.context;
    const expected = { municipality, ...(now === undefined ? {} : { now }) };
    await expect(
      verifyPublishedKeys(`${header}.${swapped}.${signature}`, anchor, expected),
    ).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE', facts: { rule: 'signature' } });
  });

  it('is found out after the certificate key was rotated as before', async () => {
    await createVersion(vault.context, 'certificate');
    const anchor = vault.context.seal.keyRing.verifying();
    const before = await asked();
    await startRotation(vault.context, 'certificate');
    const ref = before.ref;
    const details = { ...clerk.context, ref, stepUp: await vault.stepUp(clerk), anchor };
    const request = await revealRequest(clerk.key, details);
    const { individualNumber } = done(await vault.run(request)) as { individualNumber: string };
    expect(await request.open(individualNumber)).toBe(FIRST);
    expect(await before.request.open(before.answer.individualNumber)).toBe(FIRST);
    // A front end whose anchor was not renewed shows nothing rather than something unverified.
    const late = await revealRequest(clerk.key, { ...details, anchor: clerk.context.anchor });
    const answer = done(await vault.run(late)) as { individualNumber: string };
    await refusedBy({ request: late }, answer.individualNumber);
  });
});

describe('the log', () => {
  it('holds the intent before and the completion after, each naming the gateway’s entry', async () => {
    const ref = refOf(await register(clerk, FIRST));
    const stepUp = await vault.stepUp(clerk);
    const answer = await vault.run(
      await revealRequest(clerk.key, { ...clerk.context, ref, stepUp }),
      'R-log',
    );
    const [intent, completion] = await lastRecords(2);
    const shared = {
      kind: 'vaultOperation',
      requestId: 'R-log',
      actorId: 'P-1029',
      terminal: 'T-0417',
      counterpart: '4711',
      strength: 'signature+totp',
      purpose: 'REFUND',
      caseRef: 'C-2026-0001',
    };
    expect(intent).toMatchObject({
      ...shared,
      entries: [{ coordinate: 'Vault.reveal', reason: 'intent', rows: 0 }],
    });
    expect(completion).toMatchObject({
      ...shared,
      entries: [{ coordinate: 'Vault.reveal', reason: 'done', rows: 1, subjects: [ref] }],
    });
    expect(answer).toMatchObject({ outcome: 'done', entry: expect.stringMatching(/^\d+$/) as string });
  });

  it('holds every refusal with its rule, and never a claim that was not verified', async () => {
    const stranger = await newReaderKey();
    const forged = await signAssertion(
      clerk.key,
      { ...clerk.context, personId: 'P-9999', op: 'status', ref: `vr_${'0'.repeat(26)}` },
      { readerKey: { ...stranger.publicJwk } },
    );
    const answer = await vault.run(forged);
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    const [record] = await lastRecords(1);
    expect(record).toMatchObject({
      kind: 'refusal',
      actorId: 'unknown',
      terminal: 'unknown',
      entries: [{ decision: 'refuse', reason: 'binding', raised: true, subjects: [] }],
    });
  });

  it('raises a signature that does not fit the key it names, and says which key', async () => {
    const { context } = clerk;
    const forged = await signAssertion(
      await newTerminalKey(),
      { ...context, op: 'status', ref: `vr_${'0'.repeat(26)}` },
      {},
    );
    expect(codeOf(await vault.run(forged))).toBe('UNAUTHENTICATED');
    const [record] = await lastRecords(1);
    expect(record).toMatchObject({
      actorId: 'unknown',
      entries: [
        { coordinate: 'Vault.operation', decision: 'refuse', reason: 'signature', raised: true },
        { coordinate: 'Credential.forged', reason: `key:${context.credentialId}`, raised: true },
      ],
    });
  });

  it('raises keys that nobody enrolled when there are many in a minute', async () => {
    const ask = async () => {
      const stranger = { ...clerk.context, credentialId: 'CR-of-nobody', op: 'status' } as const;
      const asked = await signAssertion(clerk.key, { ...stranger, ref: `vr_${'0'.repeat(26)}` }, {});
      expect(codeOf(await vault.run(asked))).toBe('UNAUTHENTICATED');
      const [record] = await lastRecords(1);
      expect(record).toMatchObject({ entries: [{ reason: 'key' }] });
      return record?.entries[0]?.raised === true;
    };
    for (let n = 1; n < UNKNOWN_KEYS_PER_MINUTE_RAISED; n++) expect(await ask()).toBe(false);
    expect([await ask(), await ask()]).toEqual([true, true]);
    vault.clock.move(60_000);
    expect(await ask()).toBe(false);
  });

  it('names the grants that too many refusals have suspended', async () => {
    const prober = await vault.person('P-5001', ['reveal'], 'T-0700');
    const ref = `vr_${'0'.repeat(26)}`;
    const stepUp = 'SU-AAAAAAAAAAAAAAAAAAAAAA';
    for (let refusal = 0; refusal < REFUSALS_PERSON_HOUR_MAX; refusal += 1)
      await vault.run(await revealRequest(prober.key, { ...prober.context, ref, stepUp }));
    const [record] = await lastRecords(1);
    expect(record?.entries).toMatchObject([
      { coordinate: 'Vault.reveal', decision: 'refuse', reason: 'step-up-unknown', raised: true },
      { coordinate: 'Grant.suspend', reason: 'tooManyRefusals', rows: 1, raised: true },
    ]);
  });

  it('has a refusal that could not be counted, raised, and not in another name', async () => {
    const own = await vault.person('P-5002', ['reveal'], 'T-0701');
    const details = { ...own.context, ref: `vr_${'0'.repeat(26)}`, stepUp: 'SU-AAAAAAAAAAAAAAAAAAAAAA' };
    const run = (sql: string) => vault.databases.owner.vault.run('test.run', ({ raw }) => raw.unsafe(sql));
    await run('alter table vault.budget_use rename to budget_use_away');
    const answer = await vault.run(await revealRequest(own.key, details));
    await run('alter table vault.budget_use_away rename to budget_use');
    const [record] = await lastRecords(1);
    expect(codeOf(answer)).toBe('STEP_UP_REQUIRED');
    expect(record?.entries).toMatchObject([
      { coordinate: 'Vault.reveal', decision: 'refuse', reason: 'step-up-unknown', raised: true },
      { coordinate: 'Refusal.uncounted', reason: 'DATABASE_ERROR', raised: true },
    ]);
  });

  it('has a refusal under its own rule when it cannot be kept what the assertion came to', async () => {
    const own = await vault.person('P-5003', ['reveal'], 'T-0702');
    const details = { ...own.context, ref: `vr_${'0'.repeat(26)}`, stepUp: 'SU-AAAAAAAAAAAAAAAAAAAAAA' };
    const run = (sql: string) => vault.databases.owner.vault.run('test.run', ({ raw }) => raw.unsafe(sql));
    await run("alter table vault.used_assertion add constraint away check (outcome = 'unknown') not valid");
    const request = await revealRequest(own.key, details);
    const answer = await vault.run(request);
    await run('alter table vault.used_assertion drop constraint away');
    const [record] = await lastRecords(1);
    expect(codeOf(answer)).toBe('STEP_UP_REQUIRED');
    expect(record?.entries).toMatchObject([{ coordinate: 'Vault.reveal', reason: 'step-up-unknown' }]);
    expect(codeOf(await vault.run(request))).toBe('REPLAY_DETECTED');
  });

  it('raises a purpose that is not held from the fifth of a person within an hour on', async () => {
    const curious = await vault.person('P-5004', [], 'T-0703');
    const ask = async () => {
      expect(codeOf(await register(curious, FIRST))).toBe('FORBIDDEN_PURPOSE');
      return (await lastRecords(1))[0]?.entries[0]?.raised === true;
    };
    for (let n = 1; n < REFUSALS_PERSON_HOUR_RAISED; n++) expect(await ask()).toBe(false);
    expect([await ask(), await ask()]).toEqual([true, true]);
    vault.clock.move(60 * 60_000);
    expect(await ask()).toBe(false);
  });

  it('is without a gap and holds no number, in whatever spelling', async () => {
    expect((await verifySequence(vault.databases.owner.vault)).faults).toEqual([]);
    const rows = await vault.databases.owner.vault.run(
      'test.bodies',
      ({ raw }) => raw<{ body: Buffer }[]>`select body from audit.written`,
    );
    const text = rows.map(({ body }) => body.toString('utf8')).join('\n');
    for (const number of [FIRST, SECOND, THIRD]) {
      expect(text).not.toContain(number);
      expect(text).not.toContain(Buffer.from(number).toString('base64').slice(0, 14));
      expect(text).not.toContain(Buffer.from(number).toString('hex'));
    }
  });
});

describe('an operation', () => {
  it('that is repeated word for word is answered from what it came to', async () => {
    const request = await registerRequest(clerk.key, { ...clerk.context, number: FIRST });
    const first = await vault.run(request);
    expect(await vault.run(request)).toMatchObject({
      outcome: 'done',
      replayed: true,
      result: first.outcome === 'done' ? first.result : undefined,
    });
  });

  it('is refused, and raised, while the clock cannot be trusted', async () => {
    const request = await registerRequest(clerk.key, { ...clerk.context, number: FIRST });
    vault.clock.move(-10_000);
    expect(codeOf(await vault.run(request))).toBe('CLOCK_UNTRUSTED');
    const [record] = await lastRecords(1);
    vault.clock.move(10_000);
    vault.context.clockGuard.accept();
    expect(record?.entries).toMatchObject([{ reason: 'CLOCK_UNTRUSTED', raised: true }]);
  });

  it('is refused while the vault is sealed', async () => {
    const request = await registerRequest(clerk.key, { ...clerk.context, number: FIRST });
    vault.context.seal.seal();
    expect(codeOf(await vault.run(request))).toBe('VAULT_SEALED');
  });
});
