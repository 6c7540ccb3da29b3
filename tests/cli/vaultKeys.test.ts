import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { pino } from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { KEY_CLASSES } from '../../schema/vault/key.js';
import { openAuditLog } from '../../src/audit/log.js';
import { registerKeyCommands, ROTATE_EXIT, type AskVault } from '../../src/cli/vaultKeys.js';
import { destructionContent } from '../../src/vault/approval/content.js';
import { approve } from '../../src/vault/approval/decide.js';
import { openApproval, requestApproval } from '../../src/vault/approval/request.js';
import { openClockGuard } from '../../src/vault/clock.js';
import { listenForAdministration } from '../../src/vault/http/admin.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { keyAdministration } from '../../src/vault/keyAdministration.js';
import { openTestVault, temporaryFolder, write } from '../vault/keys/support/vault.js';
import { enter, entry } from '../vault/staff/support/register.js';

const vault = await openTestVault();
const { clock } = vault;
const { database } = vault.context;
const clockGuard = await openClockGuard(database, clock, () => clock.now().epochMilliseconds);
const handlers = keyAdministration(
  { ...vault.context, audit: openAuditLog(database), clockGuard },
  () => undefined,
);
const socket = join(temporaryFolder(), 'run', 'vault.sock');
let sealedAs = 'passphrase';
const reprotected: unknown[] = [];
const listener = await listenForAdministration(
  socket,
  {
    ...handlers,
    status: () => Promise.resolve({ method: sealedAs }),
    reprotect: (input) => {
      reprotected.push(input);
      return Promise.resolve();
    },
  },
  pino({ level: 'silent' }),
);
afterAll(() => listener.close());
const ask: AskVault = (command, input = {}) => callAdministration(socket, command, input, 'hanako');
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64url');

await enter(
  vault.databases.owner.vault,
  clock.now().toString(),
  entry('P-K1', { role: 'keyCustodian', unit: 'joho' }),
  entry('P-CHIEF', { role: 'chiefOfficer', unit: 'soumu' }),
);
await write(vault.context, Array<string>(1_001).fill('123456789018'));

interface Typed {
  readonly said: string;
  readonly code: number | undefined;
}

/** Types one command. @param interruptAt the command over the socket, and which one of it, before which Ctrl-C comes */
async function type(
  args: readonly string[],
  { isTTY = false, lines = '', interruptAt = 0 } = {},
): Promise<Typed> {
  const out = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
  let said = '';
  out.on('data', (piece: Buffer) => (said += piece.toString()));
  let code: number | undefined;
  const signals = new EventEmitter();
  let continued = 0;
  const asked: AskVault = (command, input) => {
    if (command === 'keys.continue' && ++continued === interruptAt) signals.emit('SIGINT');
    return ask(command, input);
  };
  const input = new PassThrough();
  input.end(lines);
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerKeyCommands(program, asked, {
    out: out as unknown as NodeJS.WriteStream,
    input,
    setExitCode: (given) => (code = given),
    signals,
  });
  await program.parseAsync(['node', 'kuramori', ...args]);
  expect(signals.listenerCount('SIGINT')).toBe(0);
  return { said, code };
}

async function approved(keyClass: string, version: number): Promise<string> {
  const acting = (by: string) => ({ by, at: clock.now() });
  return database.transaction('tests.approval', async (tx) => {
    const summary = { count: 1, purpose: 'COLLECTION', basis: 'b', reason: '期限', sample: [] };
    const content = destructionContent(keyClass, version);
    const id = await requestApproval(tx, { kind: 'destroyKey', content, summary }, acting('P-K1'));
    await openApproval(tx, id, acting('P-CHIEF'));
    await approve(tx, id, acting('P-CHIEF'));
    return id;
  });
}

describe('kuramori vault keys', () => {
  test('shows each key on a line with its days in Japan', async () => {
    const { said } = await type(['keys']);
    expect(said).toMatch(/^key +state +created +activated +deactivated +destroyed +uses\n/);
    expect(said).toMatch(/^subject-1 +active +2026-11-22  2026-11-22 +- +- +\d+$/m);
    expect(said.trimEnd().split('\n')).toHaveLength(KEY_CLASSES.length + 1);
  });
});

describe('kuramori vault rotate', () => {
  test('tells in a dry run what would be done and changes nothing', async () => {
    expect(await type(['rotate', 'subject', '--dry-run'])).toEqual({
      said:
        'A rotation would make subject-2 the key in use and take 1001 steps.\n' +
        '1001 rows looked at; 0 do not open\n',
      code: ROTATE_EXIT.done,
    });
  });

  test('names in a dry run what does not open, and says so by its exit code', async () => {
    const [row] = await database.run(
      'tests.spoil',
      ({ raw }) => raw<{ ref: string }[]>`
        update vault.number set wrapped_dek = set_byte(wrapped_dek, 0, 255 - get_byte(wrapped_dek, 0))
        where vault_ref = (select max(vault_ref) from vault.number) returning vault_ref as ref`,
    );
    const { said, code } = await type(['rotate', 'subject', '--dry-run'], { isTTY: true });
    expect(said).toContain(`1001 rows looked at; 1 do not open\n${row?.ref}\n`);
    expect(said).toContain('1001/1001');
    expect(code).toBe(ROTATE_EXIT.faults);
    await database.run(
      'tests.mend',
      ({ raw }) => raw`
        update vault.number set wrapped_dek = set_byte(wrapped_dek, 0, 255 - get_byte(wrapped_dek, 0))
        where vault_ref = ${row?.ref ?? ''}`,
    );
  });

  test('is paused by Ctrl-C after the batch that is under way, and the same command goes on to the end', async () => {
    expect(await type(['rotate', 'subject'], { interruptAt: 1 })).toEqual({
      said: 'rotation to subject-2: paused, 500 of 1001 done; the same command goes on\n',
      code: ROTATE_EXIT.paused,
    });
    expect((await type(['keys'])).said).toContain('rotation to subject-2: paused, 500 of 1001 done\n');
    const { said, code } = await type(['rotate', 'subject'], { isTTY: true });
    expect(said).toContain('500/1001');
    expect(said).toContain('subject-2 is in use; 1001 steps done.\n');
    expect(code).toBe(ROTATE_EXIT.done);
  });

  test('knows its classes alone', async () => {
    await expect(type(['rotate', 'mystery'])).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});

describe('a version of a key', () => {
  test('is prepared, retired and destroyed', async () => {
    expect((await type(['prepare', 'input'])).said).toBe('input-2 waits for its rotation.\n');
    expect((await type(['retire', 'subject', '1'])).said).toBe(
      'subject-1 and all before it open nothing any more.\n',
    );
    expect((await type(['keys'])).said).toMatch(/^subject-1 +deactivated, retired /m);
    const by = ['--person', 'P-K1', '--approval'];
    await expect(type(['destroy', 'subject', '1', ...by, 'AP-none'])).rejects.toMatchObject({
      code: 'DUAL_CONTROL_REQUIRED',
    });
    const approval = await approved('subject', 1);
    expect((await type(['destroy', 'subject', '1', ...by, approval])).said).toBe('subject-1 is destroyed.\n');
    expect((await type(['keys'])).said).toMatch(/^subject-1 +destroyed +2026/m);
  });

  test.each(['0', '-1', '1.5', 'one', '9999999999'])('is not named %s', async (version) => {
    await expect(type(['retire', 'subject', '--', version])).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('is destroyed by a named person with a named approval', async () => {
    await expect(type(['destroy', 'subject', '1', '--person', 'P-K1'])).rejects.toMatchObject({
      code: 'commander.missingMandatoryOptionValue',
    });
  });
});

describe('kuramori vault reprotect', () => {
  const [present, next] = ['correct horse battery staple', '正しい馬の電池の留め金'];

  test('takes the present passphrase and the new one, a line each', async () => {
    const { said } = await type(['reprotect'], { lines: `${present}\n${next}\n` });
    expect(reprotected.pop()).toEqual({
      method: 'passphrase',
      passphrase: base64(present),
      nextPassphrase: base64(next),
    });
    expect(said).not.toContain('KURAMORI_VAULT_SEAL');
  });

  test('takes what the two methods need, and tells which setting changes', async () => {
    const { said } = await type(['reprotect', '--method', 'file', '--make-key'], { lines: `${present}\n` });
    expect(reprotected.pop()).toEqual({ method: 'file', passphrase: base64(present), makeKey: true });
    expect(said).toContain('Set KURAMORI_VAULT_SEAL to file and start the vault again.');
    sealedAs = 'file';
    await type(['reprotect', '--method', 'passphrase'], { lines: `${next}\n` });
    expect(reprotected.pop()).toEqual({ method: 'passphrase', nextPassphrase: base64(next) });
    await type(['reprotect', '--method', 'pkcs11']);
    expect(reprotected.pop()).toEqual({ method: 'pkcs11' });
    sealedAs = 'passphrase';
  });

  test('does nothing without a passphrase, or with a new one that is too short', async () => {
    for (const lines of ['', `${present}\n`, `${present}\nshort\n`])
      await expect(type(['reprotect'], { lines })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(reprotected).toEqual([]);
  });
});

test('keys that are due are told of, with what is to be done', async () => {
  clock.move({ hours: 24 * 340 });
  const { said } = await type(['keys']);
  expect(said).toContain('due: subject-2 seals until 2027-11-22; rotate its class\n');
  clock.move({ hours: 24 * 30 });
  expect((await type(['keys'])).said).toContain(
    'overdue: subject-2 seals until 2027-11-22; rotate its class',
  );
});

test('a key that others may know is noted, and replaced at once when it is in use', async () => {
  const { said, code } = await type(['compromised', 'subject', '2', '記憶装置の紛失']);
  expect(said).toContain('subject-2 is noted as compromised; the auditors see it.\n');
  expect(said).toContain('subject-3 is in use; 1001 steps done.\n');
  expect(code).toBe(ROTATE_EXIT.done);
  expect((await type(['keys'])).said).toMatch(/^subject-2 +compromised /m);
  const waiting = await type(['compromised', 'input', '1', '記憶装置の紛失']);
  expect(waiting.said).toContain('input-2 is in use; 0 steps done.\n');
  await type(['prepare', 'factor']);
  expect((await type(['compromised', 'factor', '2', '同上'])).said).not.toContain('in use');
});
