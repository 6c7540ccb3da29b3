import { describe, expect, it } from 'vitest';
import { registerRequest } from '../../../src/client/index.js';
import { keyAdministration } from '../../../src/vault/keyAdministration.js';
import type { ToldRotation } from '../../../src/vault/keyList.js';
import { readRegister } from '../../../src/vault/keys/store.js';
import { codeOf, done } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';

const vault = await testService();
const clerk = await vault.person('P-1029');
const { context } = vault;
const handlers = keyAdministration(context, () => undefined);
const ask = (command: string, input: Record<string, unknown>) =>
  handlers[`keys.${command}`]!(input, 'hanako');
const compromised = (keyClass: string, version: number, cause = '記憶装置の紛失') =>
  ask('compromised', { keyClass, version, cause }) as Promise<ToldRotation | null>;
const rotateToEnd = async (keyClass: string) => {
  let state = 'running';
  while (state === 'running') ({ state } = (await ask('continue', { keyClass })) as ToldRotation);
};
const register = async () =>
  vault.run(await registerRequest(clerk.key, { ...clerk.context, number: '123456789018' }));
const stateOf = async (keyId: string) =>
  (await readRegister(context.database)).keys.find((key) => key.keyId === keyId)?.state;
const lastEntry = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.entry',
    ({ raw }) => raw`
    select coordinate, decision, reason, raised from audit.entry order by sequence desc limit 1`,
  );
  return row;
};

describe('a key that others may know', () => {
  it('is replaced at once when it is in use; it opens until all that lies under it is moved', async () => {
    const { ref } = done(await register());
    const rotation = await compromised('subject', 1);
    expect(rotation).toMatchObject({ keyClass: 'subject', toVersion: 2, state: 'running', total: 1 });
    expect(await stateOf('subject-1')).toBe('compromised');
    expect(await lastEntry()).toEqual({
      coordinate: 'Vault.compromisedKey',
      decision: 'allow',
      reason: 'subject-1:記憶装置の紛失',
      raised: true,
    });
    await expect(compromised('subject', 2)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(done(await register())).toEqual({ ref });
    await rotateToEnd('subject');
    await ask('retire', { keyClass: 'subject', version: 1 });
  });

  it('is noted while what lies under it is being moved, and that goes on', async () => {
    expect(await ask('rotate', { keyClass: 'subject' })).toMatchObject({ toVersion: 3, state: 'running' });
    expect(await compromised('subject', 2)).toMatchObject({ toVersion: 3, state: 'running', total: 1 });
    expect(await stateOf('subject-2')).toBe('compromised');
    const { ref } = done(await register());
    await rotateToEnd('subject');
    expect(done(await register())).toEqual({ ref });
  });

  it('takes nothing any more that terminals seal to it', async () => {
    expect(await compromised('input', 1)).toMatchObject({ toVersion: 2, state: 'done' });
    expect(codeOf(await register())).toBe('BAD_INPUT sealedTo');
    await ask('prepare', { keyClass: 'input' });
    const opening = context.seal.keyRing.uncompromised('input').map(({ keyId }) => keyId);
    expect(opening).toEqual(['input-2']);
  });

  it('is noted as well when it only opens, or waits', async () => {
    await ask('rotate', { keyClass: 'factor' });
    await rotateToEnd('factor');
    expect(await compromised('factor', 1)).toBeNull();
    await ask('prepare', { keyClass: 'factor' });
    expect(await compromised('factor', 3)).toBeNull();
    expect([await stateOf('factor-1'), await stateOf('factor-3')]).toEqual(['compromised', 'compromised']);
  });

  it('is not noted twice, nor unknown, nor without a cause', async () => {
    await expect(compromised('factor', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(compromised('factor', 9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(compromised('factor', 2, ' ')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await lastEntry()).toMatchObject({ coordinate: 'Vault.compromisedKey', decision: 'refuse' });
    expect(await stateOf('factor-2')).toBe('active');
  });
});
