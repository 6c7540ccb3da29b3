import { beforeAll, describe, expect, it } from 'vitest';
import { importJWK, SignJWT } from 'jose';
import { findCredential } from '../../src/access/credential/credential.store.js';
import { isPassword } from '../../src/access/credential/password.js';
import { unseal } from '../../src/access/credential/sealing.js';
import { base32 } from '../../src/kernel/token/totp.js';
import { listStaff } from '../../src/access/register/staff.store.js';
import { BUILT_IN_ROLES } from '../../src/access/roles.js';
import { buildDemonstration } from '../../src/demonstration/build.js';
import { registerDemonstrationStaff, type DemonstrationCredentials } from '../../src/demonstration/staff.js';
import { dayInJapan, plainDate, Temporal } from '../../src/kernel/dates.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();
const NOW = Temporal.Instant.from('2026-11-01T00:00:00Z');
const ring = (id: string, byte: number) => ({
  current: { id, key: new Uint8Array(32).fill(byte) },
  former: [],
});
const keys = {
  pepper: ring('pepper-1', 1),
  credentialKey: ring('credential-1', 2),
  argon2: { memoryKib: 64, passes: 1, lanes: 1 },
  clock: { now: () => NOW },
};
let made: DemonstrationCredentials;

beforeAll(async () => {
  await buildDemonstration(db.owner, { people: 120, seed: 1, referenceDate: plainDate('2026-11-01') });
  made = await registerDemonstrationStaff(db.owner, keys);
});

describe('the staff of the demonstration', () => {
  it('hold every built-in role: people all but the transfer job, which is a service account', () => {
    const roles = new Set([...made.staff.map(({ role }) => role), 'transferJob']);
    expect([...roles].toSorted()).toEqual(Object.keys(BUILT_IN_ROLES).toSorted());
  });

  it('are active from today with their role, in several departments and two branches', async () => {
    const staff = await listStaff(db.owner, { limit: 100 }, dayInJapan(NOW).toString());
    expect(staff).toHaveLength(made.staff.length);
    for (const { staffId, role, department } of made.staff) {
      expect(staff.find((one) => one.staffId === staffId)).toMatchObject({
        state: 'active',
        roles: [role],
        department,
      });
    }
    const branches = await db.owner.run(
      'test',
      ({ raw }) => raw`
      select distinct branch_code from access.department d join access.posting p on p.department = d.code
      where branch_code is not null`,
    );
    expect(branches).toHaveLength(2);
  });

  it('sign in with the password and the second factor that were handed out, and with no other', async () => {
    for (const { staffId, password, totpSecret } of made.staff) {
      const verifier = await findCredential(db.owner, staffId, 'password');
      const sealed = await findCredential(db.owner, staffId, 'totp');
      expect(await isPassword(password, verifier, keys.pepper, keys.argon2)).toBe(true);
      expect(await isPassword(`${password}x`, verifier, keys.pepper, keys.argon2)).toBe(false);
      expect(sealed && base32(unseal(sealed, staffId, keys.credentialKey))).toBe(totpSecret);
    }
  });

  it('have secrets that no seed gives: another registration hands out others', async () => {
    const other = await testDatabase();
    const again = await registerDemonstrationStaff(other.owner, keys);
    const secrets = [...made.staff, ...again.staff].flatMap(({ password, totpSecret }) => [
      password,
      totpSecret,
    ]);
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('include all who are named in the records', async () => {
    const strangers = await db.owner.run(
      'test',
      ({ raw }) => raw`
      select actor_id from records.change where actor_id <> 'system'
      union select officer_id from records.delinquency_case
      union select staff_id from records.protection_staff union select recorded_by from records.contact_record
      except select staff_id from access.staff`,
    );
    expect(strangers).toHaveLength(0);
  });

  it('give the transfer job a key that signs what its registered key proves', async () => {
    const { clientId, privateJwk } = made.serviceAccount;
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(await importJWK(privateJwk, 'EdDSA'));
    const [row] = await db.owner.run(
      'test',
      ({ raw }) => raw<{ public_jwk: { kid: string; x: string; d?: string } }[]>`
      select public_jwk from access.service_key where client_id = ${clientId}`,
    );
    expect(token.split('.')).toHaveLength(3);
    expect(row?.public_jwk).toMatchObject({ kid: privateJwk.kid, x: privateJwk['x'] });
    expect(row?.public_jwk.d).toBeUndefined();
  });

  it('are registered once only', async () => {
    await expect(registerDemonstrationStaff(db.owner, keys)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
