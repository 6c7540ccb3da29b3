import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { pino } from 'pino';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { registerEvidenceCommand } from '../../src/cli/evidence.js';
import { evidenceAdministration } from '../../src/vault/evidence/administration.js';
import { EVIDENCE_KIND_NAMES } from '../../src/vault/evidence/kinds.js';
import { listenForAdministration } from '../../src/vault/http/admin.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { temporaryFolder } from '../vault/keys/support/vault.js';
import { testService } from '../vault/operation/support/vault.js';
import { has, pdfsig } from '../vault/evidence/support/verify.js';

const vault = await testService();
const home = temporaryFolder();
const socket = join(home, 'run', 'vault.sock');
const listener = await listenForAdministration(
  socket,
  evidenceAdministration(vault.context),
  pino({ level: 'silent' }),
);
afterAll(() => listener.close());
afterEach(() => vi.restoreAllMocks());

/** What a command writes to standard output. */
async function typed(...words: readonly string[]): Promise<string> {
  const program = new Command('kuramori').exitOverride();
  registerEvidenceCommand(program, (command, input = {}) =>
    callAdministration(socket, command, input, 'operator-1'),
  );
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await program.parseAsync(['evidence', ...words], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return out;
}
const entryFile = (entry: object) => {
  const path = join(home, 'entry.json');
  writeFileSync(path, JSON.stringify(entry));
  return path;
};

describe('an evidence', () => {
  test('is written month by month, with the digest that sha256sum prints', async () => {
    const out = join(home, 'csv');
    const said = await typed('export', 'access', '--from', '2026-10-15', '--to', '2026-11-30', '--out', out);
    const names = ['access_2026-10-15_2026-10-31_001.csv', 'access_2026-11-01_2026-11-30_001.csv'];
    expect(readdirSync(out).toSorted()).toEqual(names);
    const digests = names.map((name) =>
      createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex'),
    );
    for (const [at, name] of names.entries()) {
      expect(said).toContain(`sha256:${digests[at]}  ${name}  `);
      expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
    }
  });

  test('is written as a document', async () => {
    const out = join(home, 'pdf');
    await typed(
      'export',
      'authority',
      '--from',
      '2026-11-22',
      '--to',
      '2026-11-22',
      '--format',
      'pdf',
      '--out',
      out,
    );
    const pdf = readFileSync(join(out, 'authority_2026-11-22_2026-11-22_001.pdf'));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    if (has('pdfsig')) expect(pdfsig(pdf)).toContain('Signature is Valid.');
  });

  test('of each kind has its words in the help', async () => {
    for (const kind of EVIDENCE_KIND_NAMES)
      await typed('export', kind, '--from', '2026-11-22', '--to', '2026-11-22', '--out', join(home, 'all'));
    expect(readdirSync(join(home, 'all'))).toHaveLength(EVIDENCE_KIND_NAMES.length);
  });

  test.each([
    [['export', 'everything', '--from', '2026-11-01', '--to', '2026-11-02']],
    [['export', 'use', '--from', '2026-13-01', '--to', '2026-11-02', '--out', 'never']],
    [['enter', 'person', 'x']],
    [['enter', 'incident', '/nowhere']],
  ])('is not asked for by %j', async (words) => {
    await expect(typed(...words)).rejects.toThrow();
  });
});

test('an incident is entered, listed and reported', async () => {
  const holidays = entryFile({ holidays: [{ day: '2026-11-23', name: '勤労感謝の日' }] });
  expect(await typed('enter', 'holidays', holidays)).toContain('"entered": 1');
  expect(await typed('incidents')).toBe('No incident is open.\n');
  const entry = entryFile({ by: 'OFFICER-1', learnedOn: '2026-11-18', said: { overview: '媒体の紛失' } });
  const { incidentId } = JSON.parse(await typed('enter', 'incident', entry)) as { incidentId: string };
  expect(await typed('incidents')).toBe(
    `${incidentId}  報告前  知った日 2026-11-18  速報 2026-11-22  確報 2026-12-17  quickDue\n`,
  );
  expect(await typed('report', incidentId, 'quick')).toContain('1．概要\n媒体の紛失');
});

test('the certificate of documents is printed as PEM', async () => {
  expect(await typed('signer')).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n$/);
});

test('a certificate of erasure that is not there is not found', async () => {
  await expect(typed('certificate', 'EC-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

describe('a CSV of the gateway', () => {
  const period = ['--from', '2026-11-01', '--to', '2026-11-22'];
  const words = ['--kind', 'USE', ...period, '--first', '1', '--last', '9'];

  test('is witnessed by its digest alone, on a signed paper', async () => {
    const [csv, out] = [join(home, 'use.csv'), join(home, 'use.pdf')];
    writeFileSync(csv, 'a part');
    const said = await typed('witness', csv, ...words, '--out', out);
    const digests = [csv, out].map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'));
    expect(said).toBe(`sha256:${digests[0]}  ${csv}\nsha256:${digests[1]}  ${out}\n`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    if (has('pdfsig')) expect(pdfsig(readFileSync(out))).toContain('Signature is Valid');
  });

  test('that is none is not witnessed', async () => {
    const empty = join(home, 'empty.csv');
    writeFileSync(empty, '');
    for (const csv of [empty, join(home, 'nowhere.csv')])
      await expect(typed('witness', csv, ...words, '--out', join(home, 'none.pdf'))).rejects.toMatchObject({
        code: 'BAD_INPUT',
      });
  });
});
