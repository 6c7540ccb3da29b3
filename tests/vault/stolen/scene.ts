import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import {
  newReaderKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
  type OperationContext,
  type RevealRequest,
} from '../../../src/client/index.js';
import { openJwe } from '../../client/support/jose.js';
import { REGISTERED, UNREGISTERED } from '../leak/numbers.js';
import { Search } from '../leak/search.js';
import { spellingsOf } from '../leak/spellings.js';
import { temporaryHome } from '../processes/process.js';
import { MUNICIPALITY, startVaultProcess, type VaultPerson, type VaultProcess } from '../processes/vault.js';
import { Thief, VaultLog, type Carried, type Told } from './thief.js';
import { afterwards } from '../../support/afterwards.js';

/** Her number, and another that she registered. */
export const [FIRST = '', SECOND = ''] = REGISTERED;

/** Entry of somebody whom nobody believes. */
export const nobody = (reason: string) => ({ coordinate: 'Vault.operation', reason, actor: 'unknown' });

/** A vault that has been at work for a while, and a gateway that is in other hands since it began. */
export async function stolenGateway() {
  const vault = await startVaultProcess(temporaryHome(), { KURAMORI_VAULT_SERVICES: 'gateway' });
  const thief = new Thief(vault);
  const log = new VaultLog(vault);
  afterwards(() => thief.close());
  const clerk = await vault.person('P-1029');
  const insider = await vault.person('P-2050', { operations: ['register', 'resolve', 'status'] });
  const { signed } = await thief.publishedKeys();
  const vaultKeys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
  const { anchor } = vault;

  const steppedUp = async (person: VaultPerson): Promise<{ id: string; request: Carried }> => {
    const request = await stepUpRequest(person.key, {
      ...person.context,
      totp: person.nextCode(),
      vaultKeys,
    });
    const { result } = await thief.deliver(request);
    return { id: result['stepUp'] as string, request };
  };
  const register = async (number: string) => {
    const request = await registerRequest(clerk.key, { ...clerk.context, number, vaultKeys });
    const { result } = await thief.deliver(request);
    return { request, ref: result['ref'] as string };
  };
  const { ref, request: registered } = await register(FIRST);
  const { ref: anotherRef } = await register(SECOND);
  const herStepUp = await steppedUp(clerk);
  const hisStepUp = await steppedUp(insider);
  const looked = await numberSearchRequest(clerk.key, {
    ...clerk.context,
    stepUp: herStepUp.id,
    number: SECOND,
    vaultKeys,
  });
  await thief.deliver(looked);
  const revealOf = (subject: string, own: Partial<OperationContext> = {}): Promise<RevealRequest> =>
    revealRequest(clerk.key, { ...clerk.context, stepUp: herStepUp.id, ...own, ref: subject, anchor });
  const shown = await revealOf(ref);
  const sealed = (await thief.deliver(shown)).result['individualNumber'] as string;

  return {
    vault,
    thief,
    log,
    anchor,
    vaultKeys,
    /** Honest, and signs what she means to do. */
    clerk,
    clerkPublic: createPublicKey({ key: { ...clerk.key.publicJwk }, format: 'jwk' }),
    /** Conspires with the thief: a key, a terminal and a grant of his own, but not to see numbers. */
    insider,
    steppedUp,
    /** A reveal that she has signed and the gateway holds back: nothing of it is used up. */
    revealOf,
    /** What passed while nobody knew: the thief has all of it. */
    passed: { signed, registered, ref, anotherRef, herStepUp, hisStepUp, looked, shown, sealed },
    /** Keys that the thief has, or makes. */
    keys: {
      tls: createPrivateKey(readFileSync(vault.certificates.gateway.keyFile)),
      signing: generateKeyPairSync('ed25519'),
      agreement: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      reader: await newReaderKey(),
    },
    ...proofs(vault, thief, log),
  };
}

const NUMBERS = new Search(
  [...REGISTERED, ...UNREGISTERED].flatMap((digits, at) =>
    spellingsOf(digits).map(({ name, bytes }) => ({ label: `${at} ${name}`, bytes })),
  ),
);

/** @returns what of the numbers lies in bytes, in whatever spelling */
export function numbersIn(bytes: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
  return NUMBERS.in(bytes);
}

function proofs(vault: VaultProcess, thief: Thief, log: VaultLog) {
  const tls = createPrivateKey(readFileSync(vault.certificates.gateway.keyFile));
  /** With which keys a sealed answer opens. */
  const openable = (jwe: string, keys: readonly KeyObject[] = [tls]): KeyObject[] =>
    keys.filter((key) => {
      try {
        return openJwe(jwe, key) !== undefined;
      } catch {
        return false;
      }
    });
  const expectNoNumber = async ({ text, result }: Told): Promise<void> => {
    expect(await numbersIn([Buffer.from(text)])).toEqual(new Set());
    const jwe = result['individualNumber'];
    if (jwe !== undefined) expect(openable(jwe as string)).toEqual([]);
  };
  /** Carries it; nothing must come out but the code, and the log must hold this refusal, after an intent at most. */
  const expectRefused = async (carried: Carried, code: string, entry: object): Promise<void> => {
    const { value: told, entries } = await log.during(() => thief.deliver(carried));
    await expectNoNumber(told);
    expect({ ...told, text: '' }).toEqual({
      text: '',
      outcome: 'refused',
      code,
      result: {},
      replayed: false,
    });
    // A signature that does not fit the key it names is an entry of its own, raised.
    const forged = entries.filter(({ coordinate }) => coordinate === 'Credential.forged');
    expect(forged.map(({ raised }) => raised)).toEqual(
      'reason' in entry && entry.reason === 'signature' ? [true] : [],
    );
    const [refusal, ...earlier] = entries.filter((each) => !forged.includes(each)).toReversed();
    expect(refusal).toMatchObject({ decision: 'refuse', ...entry });
    const { coordinate, actor } = refusal!;
    const intent = { coordinate, actor, decision: 'allow', reason: 'intent', raised: false };
    expect([[], [intent]]).toContainEqual(earlier);
  };
  return { openable, expectNoNumber, expectRefused };
}
