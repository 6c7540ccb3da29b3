import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TOKEN_BYTES_MAX } from '../../../src/kernel/limits.js';
import { parseJws } from '../../../src/kernel/token/jws.js';
import { parseOperation } from '../../../src/kernel/token/operation.js';
import { carried, SoftAuthenticator } from '../../support/authenticator.js';
import { headerOf, newTestKey, signed } from '../../vault/assertion/support/sign.js';

const authenticator = new SoftAuthenticator({ rpId: 'localhost', origin: 'http://localhost:4000' });
const CLAIMS = { op: 'hold', count: 1, case: '番号' };
const TOKEN = authenticator.assertion('CR-1', CLAIMS);

function ruleFor(token: string): string {
  try {
    return `read ${parseOperation(token).by}`;
  } catch (error) {
    const { code, rule } = error as { code: string; rule: string };
    return code === 'UNAUTHENTICATED' ? rule : `not a refusal: ${String(error)}`;
  }
}
const changed = (at: number, part: string) => TOKEN.split('.').with(at, part).join('.');

describe('the assertion of an operation', () => {
  test('is a JWS, or what an authenticator signed', () => {
    const jws = signed(headerOf('CR-2'), CLAIMS, newTestKey());
    expect(parseOperation(jws)).toMatchObject({ by: 'jws', kid: 'CR-2', claims: CLAIMS });
    expect(parseOperation(TOKEN)).toMatchObject({ by: 'webauthn', kid: 'CR-1', claims: CLAIMS });
  });

  test('has its payload as second part in either form', () => {
    for (const token of [signed(headerOf('CR-2'), CLAIMS, newTestKey()), TOKEN])
      expect(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())).toEqual(CLAIMS);
  });

  test('of an authenticator is never read as a JWS, nor the other way round', () => {
    expect(() => parseJws(TOKEN, ['op+jwt'])).toThrow(expect.objectContaining({ rule: 'malformed' }));
    const jws = signed(headerOf('CR-2'), CLAIMS, newTestKey());
    const [, payload, signature] = jws.split('.') as [string, string, string];
    expect(ruleFor(`op+webauthn.${payload}.${signature}`)).toBe('malformed');
    expect(ruleFor(TOKEN.slice('op+webauthn.'.length))).toBe('malformed');
  });
});

describe('the form of what an authenticator signed', () => {
  const data = authenticator.get(Buffer.alloc(32));
  test.each<[string, string, string]>([
    ['a part too few', TOKEN.split('.').slice(0, 5).join('.'), 'malformed'],
    ['a part too many', `${TOKEN}.AA`, 'malformed'],
    ['a line feed behind it', `${TOKEN}\n`, 'malformed'],
    ['another name of the form', TOKEN.replace('op+webauthn', 'OP+WEBAUTHN'), 'malformed'],
    ['no key', changed(2, ''), 'malformed'],
    ['a key of other letters', changed(2, 'CR~1'), 'malformed'],
    ['a key whose id is too long', changed(2, 'C'.repeat(201)), 'malformed'],
    ['authenticator data that are too short', changed(3, 'A'.repeat(49)), 'malformed'],
    ['authenticator data with extensions', changed(3, 'A'.repeat(52)), 'malformed'],
    ['authenticator data in another spelling', changed(3, `${'A'.repeat(49)}B`), 'malformed'],
    ['no client data', changed(4, ''), 'malformed'],
    ['client data that are too large', changed(4, 'A'.repeat(1_367)), 'malformed'],
    ['no signature', changed(5, ''), 'malformed'],
    ['a signature that is too large', changed(5, 'A'.repeat(97)), 'malformed'],
    ['claims that are no JSON', carried('{', 'CR-1', data), 'malformed'],
    ['claims that are no object', carried('[]', 'CR-1', data), 'malformed'],
    ['claims with a member twice', carried('{"op":"hold","op":"hold"}', 'CR-1', data), 'duplicateMember'],
    ['claims with blanks', carried('{"count": 1}', 'CR-1', data), 'malformed'],
    ['claims in another order', carried('{"op":"hold","count":1}', 'CR-1', data), 'malformed'],
    ['a number in another spelling', carried('{"count":1.0}', 'CR-1', data), 'malformed'],
    ['a text in another spelling', carried('{"op":"\\u0068old"}', 'CR-1', data), 'malformed'],
    ['half a character', carried('{"op":"\\ud800"}', 'CR-1', data), 'malformed'],
    [
      'claims nested without end',
      carried(`{"a":${'['.repeat(99)}${']'.repeat(99)}}`, 'CR-1', data),
      'malformed',
    ],
    ['more than any token may have', carried(`"${'a'.repeat(TOKEN_BYTES_MAX)}"`, 'CR-1', data), 'oversized'],
  ])('is refused with %s', (_name, token, rule) => {
    expect(ruleFor(token)).toBe(rule);
  });

  test('is read or refused, whatever comes', () => {
    const parts = TOKEN.split('.');
    fc.assert(
      fc.property(fc.nat(5), fc.oneof(fc.string(), fc.base64String(), fc.constant('A')), (at, part) =>
        /^(read (jws|webauthn)|malformed|algorithm|duplicateMember|oversized|type|header|key)$/.test(
          ruleFor(parts.with(at, part).join('.')),
        ),
      ),
    );
  });
});
