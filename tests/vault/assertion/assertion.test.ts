import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newTerminalKey, revealRequest, signAssertion } from '../../../src/client/index.js';
import { TOKEN_BYTES_MAX } from '../../../src/kernel/limits.js';
import {
  isVaultOperation,
  operationForm,
  VAULT_OPERATION_FORMS,
  type VaultOperation,
} from '../../../src/kernel/vaultOperations.js';
import { readAssertion, subjectsText } from '../../../src/vault/assertion/assertion.js';
import {
  claimsAt,
  headerOf,
  MUNICIPALITY,
  newTestKey,
  REF,
  signed,
  THUMBPRINT,
  type Claims,
} from './support/sign.js';

const NOW = '2026-11-02T00:00:00Z';
const KID = 'CR-1';
const key = newTestKey();
const OPERATIONS = Object.keys(VAULT_OPERATION_FORMS) as VaultOperation[];
const read = (own: Claims = {}, header: unknown = headerOf(KID)) =>
  readAssertion(signed(header, claimsAt(NOW, own), key));

function ruleFor(token: string): string {
  try {
    readAssertion(token);
    return 'read';
  } catch (error) {
    const { code, rule } = error as { code: string; rule: string };
    return code === 'UNAUTHENTICATED' ? rule : `not a refusal: ${String(error)}`;
  }
}
const rule = (own: Claims, header: unknown = headerOf(KID)) =>
  ruleFor(signed(header, claimsAt(NOW, own), key));

describe('an assertion of handbook 15 §5', () => {
  test('is taken apart into its claims', () => {
    const jti = 'AAAAAAAAAAAAAAAAAAAAAA';
    expect(read({ jti, approvals: ['AP-1', 'AP-2'], stepUp: 'SU-1' })).toMatchObject({
      credentialId: KID,
      terminalId: 'T-0417',
      personId: 'P-1029',
      audience: `vault:${MUNICIPALITY}`,
      issuedAt: 1_793_577_600,
      expiresAt: 1_793_577_660,
      jti,
      op: 'hold',
      ref: REF,
      refsDigest: undefined,
      count: 1,
      purpose: 'DELINQUENCY',
      basis: 'BASIS-24',
      caseId: 'C-2026-0098',
      sealTo: undefined,
      approvals: ['AP-1', 'AP-2'],
      stepUp: 'SU-1',
    });
    expect(read()).toMatchObject({ approvals: [], stepUp: undefined });
  });

  test('is what the client package signs, for every operation', async () => {
    const terminal = await newTerminalKey();
    const context = {
      credentialId: KID,
      terminalId: 'T-0417',
      personId: 'P-1029',
      municipality: MUNICIPALITY,
      purpose: 'REFUND',
      basis: 'BASIS-24',
      caseId: 'C-1',
    };
    const anchor = { keys: [{ kty: 'OKP', ...newTestKey().publicJwk, kid: 'certificate-1' }] };
    const reveal = await revealRequest(terminal, { ...context, ref: REF, stepUp: 'SU-1', anchor });
    expect(readAssertion(reveal.assertion)).toMatchObject({ op: 'reveal', jti: reveal.jti, count: 1 });
    for (const op of OPERATIONS.filter((each) => !operationForm(each).sealed)) {
      const subject = operationForm(op).named === 'one' ? { ref: REF } : {};
      const { assertion } = await signAssertion(terminal, { ...context, ...subject, op }, {});
      expect(readAssertion(assertion).op).toBe(op);
    }
    const several = await signAssertion(terminal, { ...context, op: 'erase', refs: [REF] }, {});
    expect(readAssertion(several.assertion)).toMatchObject({ count: 1, ref: undefined });
  });

  test('is of an operation of ours, and of nothing that every object has', () => {
    for (const op of ['toString', '__proto__', '', 7, undefined]) expect(isVaultOperation(op)).toBe(false);
    expect(rule({ op: 'toString' })).toBe('claims');
  });

  test('is about one reference, the digest of several, or nothing', () => {
    const digest = `sha256:${THUMBPRINT}`;
    expect(subjectsText(read())).toBe(REF);
    expect(subjectsText(read({ op: 'erase', ref: undefined, refsDigest: digest, count: 3 }))).toBe(digest);
    expect(subjectsText(read({ op: 'stepUp', ref: undefined, count: 0 }))).toBe('');
  });
});

describe('the shape of an assertion', () => {
  const several = { op: 'erase', ref: undefined, refsDigest: `sha256:${THUMBPRINT}` };
  test.each<[string, Claims, string]>([
    ['an unknown claim', { nbf: 1 }, 'claims'],
    ['a claim named as a member of every object', { constructor: 1 }, 'claims'],
    ['no issuer', { iss: undefined }, 'claims'],
    ['an issuer that is no terminal', { iss: 'person:T-0417' }, 'issuer'],
    ['an issuer without an id', { iss: 'terminal:' }, 'issuer'],
    ['a subject that is no person', { sub: 'terminal:P-1029' }, 'issuer'],
    ['a subject with a line feed', { sub: 'person:P-1029\n' }, 'claims'],
    ['a NUL in a claim', { case: 'C-\u0000' }, 'claims'],
    ['no audience', { aud: undefined }, 'claims'],
    ['several audiences', { aud: [`vault:${MUNICIPALITY}`] }, 'claims'],
    ['an audience that is no vault', { aud: 'gateway' }, 'claims'],
    ['a time with a fraction', { iat: 1.5 }, 'claims'],
    ['a time as text', { exp: '1793577660' }, 'claims'],
    ['a time before all times', { iat: -1 }, 'claims'],
    ['a time past all numbers', { exp: 1e300 }, 'claims'],
    ['a short jti', { jti: 'abc' }, 'claims'],
    ['a jti in a second spelling', { jti: 'AAAAAAAAAAAAAAAAAAAAAB' }, 'claims'],
    ['an unknown operation', { op: 'decrypt' }, 'claims'],
    ['an operation named as a member of every object', { op: 'toString' }, 'claims'],
    ['a reference without its form', { ref: 'vr_0123' }, 'claims'],
    ['a reference that is no text', { ref: 7 }, 'claims'],
    ['no reference where one is needed', { ref: undefined, count: 0 }, 'claims'],
    ['a digest where one reference is needed', { ref: undefined, refsDigest: several.refsDigest }, 'claims'],
    ['a reference and a digest', { op: 'erase', refsDigest: several.refsDigest }, 'claims'],
    ['a digest of another algorithm', { ...several, refsDigest: 'md5:abc' }, 'claims'],
    ['a reference in a search', { op: 'resolve' }, 'claims'],
    ['a digest in a search', { ...several, op: 'resolve', count: 1 }, 'claims'],
    ['a search that counts two', { op: 'resolve', ref: undefined, count: 2 }, 'claims'],
    ['a count that is not of the reference', { count: 2 }, 'claims'],
    ['a digest of none', { ...several, count: 0 }, 'claims'],
    ['a digest of too many', { ...several, count: 20_001 }, 'claims'],
    ['no count', { count: undefined }, 'claims'],
    ['an empty purpose', { purpose: '' }, 'claims'],
    ['a purpose of 201 characters', { purpose: 'A'.repeat(201) }, 'claims'],
    ['no basis', { basis: undefined }, 'claims'],
    ['a body digest without its form', { bodyDigest: THUMBPRINT }, 'claims'],
    ['a reveal without a reader', { op: 'reveal' }, 'claims'],
    ['a reader of what is not shown', { sealTo: THUMBPRINT }, 'claims'],
    ['no approvals, said', { approvals: [] }, 'claims'],
    ['an approval as text', { approvals: 'AP-1' }, 'claims'],
    ['an approval that is no text', { approvals: [1] }, 'claims'],
    ['an approval twice', { approvals: ['AP-1', 'AP-1'] }, 'claims'],
    ['too many approvals', { approvals: Array.from({ length: 11 }, (_, n) => `AP-${n}`) }, 'claims'],
    ['a step-up that is no text', { stepUp: null }, 'claims'],
  ])('is refused with %s', (_name, own, expected) => {
    expect(rule(own)).toBe(expected);
  });

  test('is refused for another kind of token, another algorithm and every stranger header', () => {
    const header = headerOf(KID);
    expect(rule({}, { ...header, typ: 'at+jwt' })).toBe('type');
    expect(rule({}, { ...header, typ: undefined })).toBe('type');
    for (const alg of ['none', 'None', 'nOnE', 'HS256', 'ES256', 'RS256', '']) {
      expect(rule({}, { ...header, alg })).toBe('algorithm');
    }
    for (const extra of ['jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64'])
      expect(rule({}, { ...header, [extra]: 'x' })).toBe('header');
    expect(rule({}, { ...header, kid: undefined })).toBe('key');
    expect(rule({}, { ...header, kid: 'CR-\u0000' })).toBe('key');
    expect(rule({}, { ...header, kid: 'C'.repeat(201) })).toBe('key');
  });

  test('is refused unsigned, cut, oversized, or signed with the bytes of a public key', () => {
    const token = signed(headerOf(KID), claimsAt(NOW), key);
    const [header, payload] = token.split('.') as [string, string];
    expect(ruleFor(`${header}.${payload}.`)).toBe('algorithm');
    expect(ruleFor(`${header}.${payload}`)).toBe('malformed');
    expect(ruleFor('')).toBe('malformed');
    expect(ruleFor('x'.repeat(TOKEN_BYTES_MAX + 1))).toBe('oversized');
    const hs256 = Buffer.from(JSON.stringify({ ...headerOf(KID), alg: 'HS256' })).toString('base64url');
    const mac = createHmac('sha256', JSON.stringify(key.publicJwk)).update(`${hs256}.${payload}`);
    expect(ruleFor(`${hs256}.${payload}.${mac.digest('base64url')}`)).toBe('malformed');
  });

  test('is refused when a member occurs twice, in the header or in the claims', () => {
    const claims = JSON.stringify(claimsAt(NOW));
    const twice = `${claims.slice(0, -1)},"sub":"person:P-9999"}`;
    expect(ruleFor(signed(headerOf(KID), twice, key))).toBe('duplicateMember');
    const header = `{"alg":"EdDSA","typ":"op+jwt","kid":"${KID}","kid":"CR-2"}`;
    expect(ruleFor(signed(header, claims, key))).toBe('duplicateMember');
  });

  test('never lets through a claim of another type, whichever and whatever it is', () => {
    const names = Object.keys(claimsAt(NOW));
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.oneof(fc.object(), fc.array(fc.string()), fc.boolean(), fc.constant(null)),
        (name, value) => ['claims', 'issuer'].includes(rule({ [name]: value })),
      ),
    );
  });

  test.each(['purpose', 'basis', 'case'])('is refused when its %s may be an individual number', (claim) => {
    for (const value of ['123456789018', 'C-1234-5678-9018', 'C-202020202000'])
      expect(rule({ [claim]: value })).toBe(
        `not a refusal: KuramoriError: The field ${claim} seems to hold an individual number. ` +
          'Take it out, and name the person by a reference.',
      );
    expect(rule({ [claim]: 'C-123456789012' })).toBe('read');
  });

  test('says nothing of what was wrong', () => {
    for (const own of [{ op: 'SECRETOP' }, { purpose: 'SECRET PURPOSE' }]) {
      expect(() => read(own)).toThrow(
        /^The credential is missing, wrong, expired or not accepted\. Sign in again\.$/,
      );
    }
  });
});
