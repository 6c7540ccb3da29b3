import { describe, expect, test } from 'vitest';
import { OidcProvider, proofOf } from '../../../src/access/oidc/provider.js';
import type { OidcSettings } from '../../../src/access/identity.js';

const settings: OidcSettings = {
  issuer: 'https://idp.kuramori.test',
  clientId: 'c',
  clientSecret: 's',
  redirectUri: 'https://gateway.kuramori.test/oidc/callback',
  staffClaim: 'employee_number',
  scope: 'openid',
  secondFactor: { amr: ['mfa', 'otp'], acr: ['urn:two'] },
  insecureLoopback: false,
};

describe('what an ID token proves', () => {
  test.each([
    [{ employee_number: 'S1' }, false],
    [{ employee_number: 'S1', amr: ['pwd'] }, false],
    [{ employee_number: 'S1', amr: ['pwd', 'otp'] }, true],
    [{ employee_number: 'S1', amr: 'mfa' }, false],
    [{ employee_number: 'S1', acr: 'urn:two' }, true],
    [{ employee_number: 'S1', acr: ['urn:two'] }, false],
    [{ employee_number: 'S1', acr: 'urn:one' }, false],
  ])('%j: second factor %s', (claims, hasSecondFactor) => {
    expect(proofOf(claims, settings)).toEqual({ staffId: 'S1', hasSecondFactor });
  });

  test.each([{}, { employee_number: 7 }, { employee_number: ['S1'] }, { sub: 'S1' }])(
    '%j names nobody',
    (claims) => {
      expect(() => proofOf(claims, settings)).toThrow(expect.objectContaining({ rule: 'oidcProvider' }));
    },
  );
});

describe("the provider's address", () => {
  test.each([
    ['http://idp.kuramori.test', false],
    ['http://idp.kuramori.test', true],
    ['http://127.0.0.1:9', false],
    ['http://127.0.0.1.kuramori.test', true],
  ])('%s is refused (loopback allowed: %s)', (issuer, insecureLoopback) => {
    expect(() => new OidcProvider({ ...settings, issuer, insecureLoopback })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });

  test('that does not answer over HTTPS is told as such', async () => {
    const provider = new OidcProvider({ ...settings, issuer: 'https://127.0.0.1:1' });
    const challenge = { state: 's', nonce: 'n', codeVerifier: 'v' };
    await expect(provider.authorizationUrl(challenge)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('that does not answer is told as such, and asked again the next time', async () => {
    const provider = new OidcProvider({ ...settings, issuer: 'http://127.0.0.1:1', insecureLoopback: true });
    const challenge = { state: 's', nonce: 'n', codeVerifier: 'v' };
    await expect(provider.authorizationUrl(challenge)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(provider.redeem('?code=c', challenge)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
