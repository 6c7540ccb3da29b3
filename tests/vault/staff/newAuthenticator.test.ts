import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNewAuthenticator } from '../../../src/vault/staff/newAuthenticator.js';
import { FLAG, SoftAuthenticator } from '../../support/authenticator.js';

const RP_ID = 'tax.city.example.jp';
const PARTY = { id: RP_ID, origins: new Set([`https://${RP_ID}`]) };
const own = new SoftAuthenticator({ rpId: RP_ID, origin: `https://${RP_ID}` });
const read = (data: Buffer) => readNewAuthenticator(data.toString('base64url'), PARTY);

function ruleFor(data: Buffer): string {
  try {
    read(data);
    return 'read';
  } catch (error) {
    const { code, facts } = error as { code: string; facts: { rule: string } };
    return code === 'BAD_INPUT' ? facts.rule : `not a refusal: ${String(error)}`;
  }
}

describe('a new key of an authenticator', () => {
  test.each(['ES256', 'EdDSA'] as const)('is read as it described itself: %s', (algorithm) => {
    const made = new SoftAuthenticator({ algorithm, rpId: RP_ID, origin: '', backupEligible: true, step: 0 });
    made.backedUp = true;
    expect(read(made.made())).toEqual({
      publicJwk: made.jwk,
      webauthnId: made.id.toString('base64url'),
      counter: 0n,
      backupEligible: true,
      backedUp: true,
    });
  });

  test('counts from wherever it is, and may say more about itself', () => {
    expect(read(own.made({ counter: 0xffff_ffff })).counter).toBe(4_294_967_295n);
    const behind = Buffer.from('a16b6372656450726f7465637402', 'hex');
    const extended = own.made({ set: FLAG.extensions }, own.id, own.coseKey(), behind);
    expect(read(extended).webauthnId).toBe(own.id.toString('base64url'));
  });

  test('has an id of 16 to 1,023 bytes', () => {
    for (const bytes of [16, 1_023]) expect(ruleFor(own.made({}, Buffer.alloc(bytes, 1)))).toBe('read');
    for (const bytes of [0, 15, 1_024]) expect(ruleFor(own.made({}, Buffer.alloc(bytes, 1)))).toBe('form');
  });
});

describe('a new key is refused', () => {
  const key = own.coseKey();
  const x = 10;
  const replaced = (at: number, hex: string) =>
    Buffer.concat([key.subarray(0, at), Buffer.from(hex, 'hex'), key.subarray(at + hex.length / 2)]);
  test.each<[string, Buffer, string]>([
    ['when nothing is said', Buffer.alloc(0), 'form'],
    ['when it is cut', own.made().subarray(0, 54), 'form'],
    ['when its key is cut', own.made().subarray(0, -1), 'key'],
    ['when its key is not there', own.made({}, own.id, Buffer.alloc(0)), 'algorithm'],
    ['with something behind it', own.made({}, own.id, key, Buffer.alloc(1)), 'form'],
    [
      'when it is larger than any',
      own.made({ set: FLAG.extensions }, own.id, key, Buffer.alloc(2_000)),
      'form',
    ],
    ['when it holds no key', own.made({}, own.id, key).fill(FLAG.present | FLAG.verified, 32, 33), 'form'],
    ['for another relying party', own.made({ rpId: 'city.example.jp' }), 'relyingParty'],
    ['made with nobody there', own.made({ unset: FLAG.present }), 'userVerification'],
    ['made with nobody verified', own.made({ unset: FLAG.verified }), 'userVerification'],
    ['when it is backed up and may not be', own.made({ set: FLAG.backedUp }), 'form'],
    ['of RSA', own.made({}, own.id, Buffer.from('a40103033901002059010', 'hex')), 'algorithm'],
    ['of ES384', own.made({}, own.id, replaced(3, '03382220')), 'algorithm'],
    ['of another curve', own.made({}, own.id, replaced(6, '02')), 'algorithm'],
    ['in a compressed form', own.made({}, own.id, replaced(42, '22f5')), 'algorithm'],
    ['with a point that is on no curve', own.made({}, own.id, replaced(x, '00'.repeat(32))), 'key'],
  ])('%s', (_name, data, rule) => {
    expect(ruleFor(data)).toBe(rule);
  });

  test('in another spelling of base64url', () => {
    const text = own.made().toString('base64url');
    for (const other of [`${text}=`, `${text} `, text.replace(/.$/, 'é')])
      expect(() => readNewAuthenticator(other, PARTY)).toThrow(
        expect.objectContaining({ code: 'BAD_INPUT', facts: { rule: 'form' } }),
      );
  });

  test('by a vault without a relying party, which says so', () => {
    expect(() => readNewAuthenticator(own.made().toString('base64url'), undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });

  test('or read, whatever it holds', () => {
    const sound = own.made();
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.uint8Array({ maxLength: 80 }), (at, bytes) => {
        const data = Buffer.concat([sound.subarray(0, at), bytes]);
        return /^(read|form|relyingParty|userVerification|algorithm|key)$/.test(ruleFor(data));
      }),
    );
  });
});
