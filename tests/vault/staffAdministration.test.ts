import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { systemClock, today } from '../../src/kernel/clock.js';
import { plainDate } from '../../src/kernel/dates.js';
import { VaultSeal } from '../../src/vault/seal/seal.js';
import { fileKeyService, createKeyFile } from '../../src/vault/seal/file.js';
import { staffAdministration } from '../../src/vault/staffAdministration.js';
import { findActor } from '../../src/vault/staff/staff.store.js';
import { SoftAuthenticator } from '../support/authenticator.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';
import { folder } from './http/support.js';

const db = await testVaultDatabases();
const municipality = '992011';
const RP_ID = 'tax.city.example.jp';
const seal = await VaultSeal.load({ database: db.vault, clock: systemClock, municipality });
const key = `${folder()}/root.key`;
await createKeyFile(key);
await seal.initialise(fileKeyService(key));
await seal.open(fileKeyService(key));
const handlers = staffAdministration({
  database: db.vault,
  audit: openAuditLog(db.vault),
  clock: systemClock,
  seal,
  municipality,
  relyingParty: { id: RP_ID, origins: new Set([`https://${RP_ID}`]) },
});
const enter = (command: string, entry: Record<string, unknown>) =>
  handlers[`staff.${command}`]!(entry, 'hanako');
const day = today(systemClock);
const person = (personId: string, role: string) => ({
  personId,
  unit: 'tax-1',
  role,
  employmentFrom: '2020-04-01',
  trainedOn: day,
  secrecyAcceptedOn: day,
});

const logged = () =>
  db.owner.vault.run(
    'tests.entries',
    ({ raw }) => raw<{ coordinate: string; reason: string; actor_id: string; kind: string }[]>`
      select coordinate, reason, actor_id, kind from audit.entry order by sequence desc limit 1`,
  );

describe('the vault’s own register', () => {
  test('is fed over the socket, each entry with its record', async () => {
    expect(await enter('person', person('P-1', 'handler'))).toEqual({ created: true, withdrawnGrants: [] });
    expect(await logged()).toEqual([
      {
        coordinate: 'Vault.staff.person',
        reason: 'of:P-1',
        actor_id: 'operator:hanako',
        kind: 'staffChange',
      },
    ]);
    await enter('person', person('P-2', 'unitOfficer'));
    await enter('person', person('P-3', 'chiefOfficer'));
    await enter('person', person('AUDITOR-1', 'auditOfficer'));
    expect(await enter('terminal', { terminalId: 'T-1', zone: 'workZone', unit: 'tax-1' })).toBeNull();
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(
      await enter('credential', {
        personId: 'P-1',
        terminalId: 'T-1',
        publicJwk: publicKey.export({ format: 'jwk' }),
      }),
    ).toEqual({
      credentialId: expect.stringMatching(/^CR-/) as string,
      validTo: expect.stringMatching(/Z$/) as string,
    });
  });

  test('takes the key of an authenticator as it described itself, and withdraws one key by its id', async () => {
    const holder = { personId: 'P-1', terminalId: 'T-1' };
    const authenticator = new SoftAuthenticator({ rpId: RP_ID, origin: '' });
    const authenticatorData = authenticator.made().toString('base64url');
    const { credentialId } = (await enter('credential', { ...holder, authenticatorData })) as {
      credentialId: string;
    };
    expect(await logged()).toMatchObject([{ coordinate: 'Vault.staff.credential', reason: 'of:P-1' }]);
    const { credential } = (await findActor(db.vault, credentialId))!;
    expect(credential).toMatchObject({
      publicJwk: authenticator.jwk,
      authenticator: { counter: 1n, backupEligible: false, backedUp: false },
      revokedAt: undefined,
    });
    expect(await enter('revokeCredential', { credentialId })).toBeNull();
    expect(await logged()).toMatchObject([
      { coordinate: 'Vault.staff.revokeCredential', reason: `of:${credentialId}` },
    ]);
    expect((await findActor(db.vault, credentialId))?.credential.revokedAt).toBeDefined();
    await expect(enter('revokeCredential', { credentialId: 'CR-none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('takes no key of both kinds, of neither, or for somebody else’s front ends', async () => {
    const holder = { personId: 'P-1', terminalId: 'T-1' };
    const { jwk: publicJwk } = new SoftAuthenticator({ algorithm: 'EdDSA', rpId: RP_ID, origin: '' });
    const elsewhere = new SoftAuthenticator({ rpId: 'city.example.jp', origin: '' });
    const made = (authenticator: SoftAuthenticator) => authenticator.made().toString('base64url');
    const own = made(new SoftAuthenticator({ rpId: RP_ID, origin: '' }));
    for (const entry of [
      holder,
      { ...holder, publicJwk, authenticatorData: own },
      { ...holder, authenticatorData: made(elsewhere) },
      { ...holder, authenticatorData: 7 },
    ])
      await expect(enter('credential', entry)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('gives a second factor once, and keeps it sealed', async () => {
    const { secret, uri } = (await enter('factor', { personId: 'P-1' })) as { secret: string; uri: string };
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toContain(secret);
    expect(await enter('unlock', { personId: 'P-1' })).toBeNull();
    expect(JSON.stringify(await logged())).not.toContain(secret);
  });

  test('takes a grant from two people', async () => {
    const asked = {
      personId: 'P-1',
      purpose: 'COLLECTION',
      operations: ['reveal'],
      validFrom: day,
      validTo: plainDate(day).add({ months: 6 }).toString(),
      requestedBy: 'P-2',
    };
    const { grantId } = (await enter('grant', asked)) as { grantId: string };
    await expect(enter('approve', { grantId, by: 'P-2' })).rejects.toMatchObject({
      code: 'DUAL_CONTROL_REQUIRED',
    });
    expect(await enter('approve', { grantId, by: 'P-3' })).toBeNull();
    expect(await enter('confirm', { grantId, by: 'P-2' })).toBeNull();
    expect(await enter('withdraw', { grantId, by: 'P-2' })).toBeNull();
  });

  test('withdraws people and terminals at once', async () => {
    expect(await enter('revoke', { personId: 'P-1' })).toMatchObject({
      credentials: [expect.stringMatching(/^CR-/)],
    });
    expect(await enter('revokeTerminal', { terminalId: 'T-1' })).toBeNull();
  });

  test('leaves no record of what was refused, and repeats nothing of it', async () => {
    const before = await logged();
    for (const [command, entry] of [
      ['person', { ...person('P-9', 'everything') }],
      ['person', { ...person('P-9', 'handler'), password: 'hunter2' }],
      ['grant', { personId: 'P-1', operations: ['list'] }],
      ['approve', { grantId: 'all', by: 'P-3' }],
    ] as const)
      await expect(enter(command, entry)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.not.stringMatching(/hunter2|everything|list|all/) as string,
      });
    await expect(enter('revoke', { personId: 'P-77' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await logged()).toEqual(before);
  });
});
