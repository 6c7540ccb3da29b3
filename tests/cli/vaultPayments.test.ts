import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerPaymentCommands } from '../../src/cli/vaultPayments.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import type {
  HandedPaymentFile,
  ToldPaymentFiles,
} from '../../src/vault/refund/paymentFile/administration.js';
import { temporaryFolder } from '../vault/keys/support/vault.js';

const HANDED: HandedPaymentFile = {
  fileNo: 7,
  payOn: '2026-11-27',
  count: 2,
  totalYen: '46800',
  sha256: `sha256:${'a'.repeat(64)}`,
  madeBy: 'P-2001',
  madeAt: '2026-11-22T03:41:50.123Z',
  file: Buffer.from('the bytes of a file\r\n').toString('base64'),
};
const folder = temporaryFolder();
const NEW = ['--pay-on', '2026-11-27', '--person', 'P-2001', '--approval', 'AP-1'];

async function type(args: readonly string[], answer: unknown = HANDED) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  registerPaymentCommands(
    program,
    (command, input) => {
      asked.push([command, ...(input === undefined ? [] : [input])]);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    { write: (text: string) => (said += text) !== '' },
  );
  await program.parseAsync([...args], { from: 'user' });
  return { asked, said };
}

describe('kuramori vault payment-file', () => {
  test('writes the file for its account alone, whole, and says what it holds', async () => {
    const out = join(folder, 'one.txt');
    const { asked, said } = await type(['payment-file', '--out', out, ...NEW]);
    expect(asked).toEqual([
      ['payment.file', { payOn: '2026-11-27', personId: 'P-2001', approvalId: 'AP-1' }],
    ]);
    expect(said).toBe(`${HANDED.sha256}  ${out}  file 7, 2026-11-27, 2 payments, 46800 yen\n`);
    expect(readFileSync(out, 'latin1')).toBe('the bytes of a file\r\n');
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['one.txt']);
  });

  test('replaces no file, and asks for none then', async () => {
    const out = join(folder, 'there.txt');
    writeFileSync(out, 'another');
    await expect(type(['payment-file', '--out', out, ...NEW])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(out, 'utf8')).toBe('another');
  });

  test('writes anew what a command that was killed has left, however open that is', async () => {
    const out = join(folder, 'killed.txt');
    writeFileSync(`${out}.part`, 'half', { mode: 0o666 });
    await type(['payment-file', '--out', out, '--again', '7']);
    expect(readFileSync(out, 'latin1')).toBe('the bytes of a file\r\n');
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(existsSync(`${out}.part`)).toBe(false);
  });

  test('writes nothing when the vault refuses', async () => {
    const out = join(folder, 'refused.txt');
    const refused = new KuramoriError('DUAL_CONTROL_REQUIRED', 'No approval stands for this.');
    await expect(type(['payment-file', '--out', out, ...NEW], refused)).rejects.toBe(refused);
    expect(existsSync(out)).toBe(false);
  });

  test('gives a file once more by its number, and takes no half order', async () => {
    const out = join(folder, 'again.txt');
    const { asked } = await type(['payment-file', '--out', out, '--again', '7']);
    expect(asked).toEqual([['payment.again', { fileNo: 7 }]]);
    for (const [at, order] of [[], NEW.slice(2), [...NEW, '--again', '7'], ['--again', '0']].entries())
      await expect(
        type(['payment-file', '--out', join(folder, `half-${at}`), ...order]),
      ).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

test('kuramori vault payment-files lists what was made, what a restore has lost, and why none is made', async () => {
  const { file: _file, ...told } = HANDED;
  const rebuilds = [
    { rebuildId: 'RB-1', rebuiltAt: '2026-11-22T04:00:00.000Z', decidedBy: 'OFFICER-1' },
  ] satisfies ToldPaymentFiles['rebuilds'];
  const files = [{ ...told, fileNo: 8, lost: 'open' }, told];
  const { said } = await type(['payment-files'], { files, rebuilds });
  expect(said.split('\n')).toEqual([
    'The journal was made anew at 2026-11-22T04:00:00.000Z, as OFFICER-1 decided: no file is made until two other ' +
      'officers have compared with the bank.',
    'file  pay on      payments  yen    made by  made at                   lost  digest',
    `8     2026-11-27  2         46800  P-2001   2026-11-22T03:41:50.123Z  open  ${HANDED.sha256}`,
    `7     2026-11-27  2         46800  P-2001   2026-11-22T03:41:50.123Z        ${HANDED.sha256}`,
    '',
  ]);
});

test.each([
  ['paid', 'File 8 is paid.\n'],
  ['notPaid', 'File 8 is not paid; its refunds wait for a file again.\n'],
])('kuramori vault payment-compared enters that a lost file is %s', async (outcome, expected) => {
  const by = ['--person', 'P-2001', '--approval', 'AP-1'];
  const { asked, said } = await type(['payment-compared', '8', '--outcome', outcome, ...by], null);
  const order = { fileNo: 8, outcome, personId: 'P-2001', approvalId: 'AP-1' };
  expect([asked, said]).toEqual([[['payment.compared', order]], expected]);
});

test('kuramori vault payment-journal-compared enters what two officers have confirmed', async () => {
  const by = ['--person', 'P-0100', '--approval', 'AP-1'];
  expect(await type(['payment-journal-compared', ...by], null)).toEqual({
    asked: [['payment.journalCompared', { personId: 'P-0100', approvalId: 'AP-1' }]],
    said: 'Files are made again.\n',
  });
});

test('kuramori vault payment-consignor enters the account of the municipality', async () => {
  const entry = join(folder, 'consignor.json');
  writeFileSync(entry, JSON.stringify({ by: 'OFFICER-1' }));
  const { asked } = await type(['payment-consignor', entry], null);
  expect(asked).toEqual([['payment.consignor', { by: 'OFFICER-1' }]]);
});
