import { describe, expect, test } from 'vitest';
import {
  registerRequest,
  sealToVault,
  signAssertion,
  type OperationContext,
  type RevealRequest,
} from '../../src/client/index.js';
import { bodyDigestOf } from '../../src/vault/assertion/digest.js';
import { BASIS } from './processes/vault.js';
import * as forge from './stolen/forge.js';
import { FIRST, nobody, stolenGateway } from './stolen/scene.js';
import type { Carried } from './stolen/thief.js';

const scene = await stolenGateway();
const { thief, log, clerk, insider, vaultKeys, revealOf, keys, expectRefused, expectNoNumber } = scene;
const { signed, registered, ref, anotherRef, herStepUp, hisStepUp, looked, shown, sealed } = scene.passed;
const KID = clerk.context.credentialId;
const reseal = () => ({ readerKey: { ...keys.reader.publicJwk } });

type Forgery = readonly [string, (withheld: RevealRequest) => Carried | Promise<Carried>, string];

describe('an assertion that is held back and changed', () => {
  const withBody = (body: Carried['body']) => (withheld: RevealRequest) => ({ ...withheld, body });
  test.each<Forgery>([
    ['the thief’s reader key in the body', withBody(reseal()), 'binding'],
    ['one member more in the body', (w) => ({ ...w, body: { ...w.body, also: reseal() } }), 'binding'],
    ['the body of another operation of hers', withBody(looked.body), 'binding'],
    ['no body', withBody({}), 'binding'],
  ])('%s is refused, and she is warned of', async (_, forgery, reason) => {
    const withheld = await revealOf(ref);
    const entry = { coordinate: 'Vault.reveal', reason, actor: 'P-1029', raised: true };
    await expectRefused(await forgery(withheld), 'UNAUTHENTICATED', entry);
    // Nothing was used up by it: hers still works, for her.
    const { result } = await thief.deliver(withheld);
    expect(await withheld.open(result['individualNumber'] as string)).toBe(FIRST);
  });

  const claims = (own: Record<string, unknown>) => (withheld: RevealRequest) => ({
    ...withheld,
    assertion: forge.changed(withheld.assertion, { claims: own }),
  });
  const header = (own: Record<string, unknown>) => (withheld: RevealRequest) => ({
    ...withheld,
    assertion: forge.changed(withheld.assertion, { header: own }),
  });
  const made = (make: (assertion: string) => string) => (withheld: RevealRequest) => ({
    ...withheld,
    assertion: make(withheld.assertion),
  });
  const mine = { jwk: keys.signing.publicKey.export({ format: 'jwk' }) };
  const pem = scene.clerkPublic.export({ type: 'spki', format: 'pem' }).toString();

  test.each<Forgery>([
    ['another reference', claims({ ref: anotherRef }), 'signature'],
    ['another operation', claims({ op: 'status', sealTo: undefined }), 'signature'],
    ['another operation with what is only a reveal’s', claims({ op: 'attachToDocument' }), 'claims'],
    ['another purpose', claims({ purpose: 'DELINQUENCY' }), 'signature'],
    ['another basis', claims({ basis: `${BASIS}-2` }), 'signature'],
    ['another case', claims({ case: 'C-2026-0002' }), 'signature'],
    ['another person', claims({ sub: 'person:P-2050' }), 'signature'],
    ['another terminal', claims({ iss: 'terminal:T-P-2050' }), 'signature'],
    ['another vault', claims({ aud: 'vault:242012' }), 'signature'],
    ['an end an hour later', claims({ exp: Math.floor(Date.now() / 1000) + 3_600 }), 'signature'],
    ['another step-up', claims({ stepUp: hisStepUp.id }), 'signature'],
    ['a fresh number of its own', claims({ jti: Buffer.alloc(16, 7).toString('base64url') }), 'signature'],
    ['two subjects', claims({ count: 2 }), 'claims'],
    ['an approval', claims({ approvals: ['AP-1'] }), 'signature'],
    ['a claim that nobody knows', claims({ admin: true }), 'claims'],
    [
      'the thief’s reader key, named and digested as it should be',
      (w) => ({
        assertion: forge.changed(w.assertion, {
          claims: { sealTo: keys.reader.thumbprint, bodyDigest: bodyDigestOf(reseal()) },
        }),
        body: reseal(),
      }),
      'signature',
    ],
    ['the name of another’s key', header({ kid: insider.context.credentialId }), 'signature'],
    ['a path for the name of the key', header({ kid: '../../../../dev/null' }), 'key'],
    ['an address for the name of the key', header({ kid: 'https://127.0.0.1/jwks.json' }), 'key'],
    ['SQL for the name of the key', header({ kid: "'or/**/1=1--" }), 'key'],
    ['the name of the vault’s own key', header({ kid: 'certificate-1' }), 'key'],
    ['keys to be fetched by jku', header({ jku: 'https://127.0.0.1/jwks.json' }), 'header'],
    ['keys to be fetched by x5u', header({ x5u: 'https://127.0.0.1/certificate.pem' }), 'header'],
    ['a certificate that is brought along', header({ x5c: [Buffer.alloc(32).toString('base64')] }), 'header'],
    ['something critical', header({ crit: ['exp'] }), 'header'],
    ['another kind of token', header({ typ: 'at+jwt' }), 'type'],
    [
      'a key that is brought along, and its signature',
      made((a) => forge.signedWith(a, keys.signing.privateKey, { header: mine })),
      'header',
    ],
    [
      'the thief’s signature under her name',
      made((a) => forge.signedWith(a, keys.signing.privateKey)),
      'signature',
    ],
    [
      'the thief’s signature under the thief’s name',
      made((a) =>
        forge.signedWith(a, keys.signing.privateKey, { header: { kid: 'CR-000000000000000000000000' } }),
      ),
      'key',
    ],
    [
      'the signature of the gateway’s TLS key',
      made((a) => forge.signedWith(a, keys.tls, { header: { alg: 'ES256' } })),
      'algorithm',
    ],
    ['no signature and alg none', made((a) => forge.unsigned(a, 'none')), 'algorithm'],
    ['no signature and alg nOnE', made((a) => forge.unsigned(a, 'nOnE')), 'algorithm'],
    ['no signature and the alg as it was', made((a) => forge.unsigned(a, 'EdDSA')), 'algorithm'],
    ['alg none over the signature', header({ alg: 'none' }), 'algorithm'],
    ['HS256 under her public key', made((a) => forge.withMac(a, 'HS256', pem)), 'malformed'],
    [
      'HS512 under her public key, its bytes',
      made((a) => forge.withMac(a, 'HS512', Buffer.from(clerk.key.publicJwk.x, 'base64url'))),
      'algorithm',
    ],
    ['HS512 under her public key, PEM', made((a) => forge.withMac(a, 'HS512', pem)), 'algorithm'],
    [
      'HS512 under her public key, JWK',
      made((a) => forge.withMac(a, 'HS512', JSON.stringify(clerk.key.publicJwk))),
      'algorithm',
    ],
    [
      'the signature of another assertion of hers',
      made((a) => forge.underSignatureOf(a, looked.assertion)),
      'signature',
    ],
    ['the same bytes in another spelling', made(forge.respelled), 'malformed'],
    [
      'a member twice in the header',
      made((a) => forge.retold(a, { header: `{"alg":"none","alg":"EdDSA","typ":"op+jwt","kid":"${KID}"}` })),
      'duplicateMember',
    ],
    [
      'a member twice in the claims',
      made((a) => {
        const text = JSON.stringify(forge.claimsOf(a));
        return forge.retold(a, { claims: `${text.slice(0, -1)},"ref":"${anotherRef}"}` });
      }),
      'duplicateMember',
    ],
    ['what the vault signed itself', () => ({ assertion: signed, body: shown.body }), 'type'],
    [
      'another person’s assertion under her signature',
      async (w) => {
        const his = await signAssertion(insider.key, { ...insider.context, op: 'status', ref }, {});
        return { assertion: forge.underSignatureOf(his.assertion, w.assertion), body: his.body };
      },
      'signature',
    ],
  ])('%s: nobody is believed', async (_, forgery, reason) => {
    await expectRefused(await forgery(await revealOf(ref)), 'UNAUTHENTICATED', nobody(reason));
  });

  test('and delivered when its minute is over is refused', async () => {
    const late = await revealOf(ref, { now: () => Date.now() - 61_000 });
    await expectRefused(late, 'UNAUTHENTICATED', nobody('time'));
  });
});
describe('what passed before', () => {
  const replayed = { reason: 'replay-shown', actor: 'P-1029', raised: true };
  test.each([
    ['a reveal', shown, 'Vault.reveal'],
    ['a search', looked, 'Vault.resolve'],
    ['a step-up', herStepUp.request, 'Vault.stepUp'],
  ])('%s is not answered a second time', async (_, carried, coordinate) => {
    await expectRefused(carried, 'REPLAY_DETECTED', { ...replayed, coordinate });
  });

  test('a registration is told again, and does nothing', async () => {
    const { value: told, entries } = await log.during(() => thief.deliver(registered));
    await expectNoNumber(told);
    expect(told).toMatchObject({ outcome: 'done', result: { ref }, replayed: true });
    expect(entries).toMatchObject([{ coordinate: 'Vault.register', reason: 'repeated', actor: 'P-1029' }]);
  });

  test('sixteen at once are one: hers', async () => {
    const withheld = await revealOf(ref);
    const { value, entries } = await log.during(
      () => Promise.all(Array.from({ length: 16 }, () => thief.deliver(withheld))),
      17,
    );
    for (const told of value) await expectNoNumber(told);
    const answered = value.filter(({ outcome }) => outcome === 'done');
    expect(answered).toHaveLength(1);
    expect(await withheld.open(answered[0]!.result['individualNumber'] as string)).toBe(FIRST);
    expect(entries.map(({ reason }) => reason).toSorted()).toEqual([
      'done',
      'intent',
      ...Array.from({ length: 15 }, () => 'replay-shown'),
    ]);
  });

  test('what was sealed to her opens with no key of the gateway', () => {
    expect(scene.openable(sealed, [keys.tls, keys.agreement])).toEqual([]);
  });
});

describe('somebody on the inside who signs for the thief', () => {
  const asHim = { ...insider.context, stepUp: hisStepUp.id };
  const his = (own: Partial<OperationContext> & Record<string, unknown> = {}) => ({ ...asHim, ...own });
  const reveal = (own: Partial<OperationContext>) =>
    signAssertion(insider.key, { ...his(own), op: 'reveal', ref, sealTo: keys.reader.thumbprint }, reseal());
  const search = (own: Record<string, unknown>, number: unknown) =>
    signAssertion(insider.key, { ...his(own), op: 'resolve' }, { number: number as string });
  const jtiOf = ({ assertion }: Carried) => forge.claimsOf(assertion)['jti'] as string;

  test.each<[string, () => Promise<Carried>, string, Record<string, unknown>]>([
    [
      'cannot see a number that he has no grant to see',
      () => reveal({}),
      'FORBIDDEN_PURPOSE',
      { coordinate: 'Vault.reveal', reason: 'grant-operation', actor: 'P-2050' },
    ],
    [
      'cannot use her step-up',
      () => reveal({ stepUp: herStepUp.id }),
      'STEP_UP_REQUIRED',
      { coordinate: 'Vault.reveal', reason: 'step-up-binding', actor: 'P-2050', raised: true },
    ],
    [
      'cannot use his own for another purpose',
      () => reveal({ purpose: 'DELINQUENCY' }),
      'STEP_UP_REQUIRED',
      { reason: 'step-up-purpose', actor: 'P-2050' },
    ],
    ['cannot sign in her name', () => reveal({ personId: 'P-1029' }), 'UNAUTHENTICATED', nobody('binding')],
    [
      'cannot sign for her terminal',
      () => reveal({ terminalId: 'T-P-1029' }),
      'UNAUTHENTICATED',
      nobody('binding'),
    ],
    [
      'cannot sign under the name of her key',
      () => reveal({ credentialId: KID }),
      'UNAUTHENTICATED',
      nobody('signature'),
    ],
    [
      'cannot sign for another vault',
      () => reveal({ municipality: '242012' }),
      'UNAUTHENTICATED',
      nobody('audience'),
    ],
    [
      'cannot sign ahead',
      () => reveal({ now: () => Date.now() + 600_000 }),
      'UNAUTHENTICATED',
      nobody('time'),
    ],
    [
      'cannot search for what she sealed when she registered it',
      () => search({}, registered.body['number']),
      'UNAUTHENTICATED',
      { coordinate: 'Vault.resolve', reason: 'binding', actor: 'P-2050', raised: true },
    ],
    [
      'cannot search for it under the number of her assertion either',
      () => search({ jti: jtiOf(registered) }, registered.body['number']),
      'REPLAY_DETECTED',
      { coordinate: 'Vault.resolve', reason: 'replay-other', actor: 'P-2050', raised: true },
    ],
    [
      'cannot step up with her code',
      () =>
        signAssertion(
          insider.key,
          { ...insider.context, op: 'stepUp' },
          { factor: herStepUp.request.body['factor']! },
        ),
      'UNAUTHENTICATED',
      { coordinate: 'Vault.stepUp', reason: 'binding', actor: 'P-2050', raised: true },
    ],
    [
      'cannot pass a code for a number',
      async () => {
        const jti = Buffer.alloc(16, 9).toString('base64url');
        return search({ jti }, await sealToVault(vaultKeys, { kind: 'totp', value: '123456', jti }));
      },
      'BAD_INPUT',
      { coordinate: 'Vault.resolve', reason: 'BAD_INPUT', actor: 'P-2050' },
    ],
    [
      'cannot ask for what is not offered',
      () => signAssertion(insider.key, { ...his(), op: 'attachToDocument', ref }, {}),
      'FORBIDDEN_PURPOSE',
      { coordinate: 'Vault.attachToDocument', reason: 'grant-operation', actor: 'P-2050' },
    ],
  ])('%s', async (_, carried, code, entry) => {
    await expectRefused(await carried(), code, { ...entry });
  });

  test('cannot sign for longer than a minute or two', async () => {
    const short = await reveal({});
    const key = insider.key.privateKey;
    const iat = Math.floor(Date.now() / 1000);
    const text = forge.changed(short.assertion, { claims: { iat, exp: iat + 3_600 } });
    const input = text.slice(0, text.lastIndexOf('.'));
    const signature = Buffer.from(await crypto.subtle.sign('Ed25519', key, Buffer.from(input))).toString(
      'base64url',
    );
    await expectRefused({ ...short, assertion: `${input}.${signature}` }, 'UNAUTHENTICATED', nobody('time'));
  });

  test('learns of a reference that it is there, and no more', async () => {
    const asked = await signAssertion(insider.key, { ...his(), op: 'status', ref }, {});
    const { value: told, entries } = await log.during(() => thief.deliver(asked));
    await expectNoNumber(told);
    expect(told.result).toMatchObject({ states: [{ ref, state: 'active' }] });
    expect(entries).toMatchObject([{ reason: 'intent' }, { reason: 'done', actor: 'P-2050' }]);
  });

  test('spends what she sealed and the gateway held back, in his own name: a reference comes out', async () => {
    const withheld = await registerRequest(clerk.key, { ...clerk.context, number: FIRST, vaultKeys });
    const spent = await search({ jti: jtiOf(withheld) }, withheld.body['number']);
    const { value: told, entries } = await log.during(() => thief.deliver(spent));
    await expectNoNumber(told);
    expect(told.result).toEqual({ ref });
    expect(entries).toMatchObject([{ reason: 'intent' }, { reason: 'done', actor: 'P-2050' }]);
    const entry = { coordinate: 'Vault.register', reason: 'replay-other', actor: 'P-1029', raised: true };
    await expectRefused(withheld, 'REPLAY_DETECTED', entry);
  });
});
