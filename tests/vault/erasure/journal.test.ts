import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERASURE_JOURNAL_LINE_BYTES_MAX, FILE_CHUNK_BYTES } from '../../../src/kernel/limits.js';
import { ErasureJournal, type RecordedEntry } from '../../../src/vault/erasure/journal.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { readJournal, withJournal } from './support/journal.js';
import { MUNICIPALITY, temporaryFolder } from './support/vault.js';

const folder = temporaryFolder();
let files = 0;

function entry(certificateId: string, refs = [newVaultRef()]): RecordedEntry {
  return {
    kind: 'erasure',
    certificateId,
    refs,
    reason: '改行\nのある理由',
    requestedBy: 'P-1',
    approvedBy: 'P-2',
    startedAt: '2026-11-02T00:10:00Z',
    particulars: {
      fileName: '収滞納管理ファイル',
      basis: '番号法第20条',
      purpose: 'DELINQUENCY',
      approvalId: 'AP-1',
      requestedAt: '2026-11-02T00:00:00Z',
      approvedAt: '2026-11-02T00:05:00Z',
      executedBy: 'P-1',
      keyIds: ['subject-1'],
      intentEntry: '41',
    },
  };
}

const certificate = (certificateId: string): RecordedEntry => ({
  kind: 'certificate',
  certificateId,
  signed: 'a.b.c',
  issuedAt: '2026-11-02T00:10:02Z',
});

const rebuilt = (rebuildId: string): RecordedEntry => ({
  kind: 'rebuilt',
  rebuildId,
  rebuiltAt: '2026-11-02T00:10:03.000Z',
  decidedBy: 'P-0100',
});

async function made(): Promise<string> {
  files += 1;
  const path = join(folder, `journal-${files}`);
  await ErasureJournal.create(path, MUNICIPALITY);
  return path;
}

describe('the journal of erasures', () => {
  it('gives back what was appended, in the order of time, after it was closed', async () => {
    const path = await made();
    const entries = [entry('EC-1'), certificate('EC-1'), entry('EC-2', [newVaultRef(), newVaultRef()])];
    await withJournal(path, async (journal) => {
      await Promise.all(entries.map((one) => journal.append(one)));
    });
    expect((await readJournal(path)).slice(1)).toEqual(entries.map((one) => ({ v: 1, ...one })));
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  });

  it('is readable by its owner alone', async () => {
    expect(statSync(await made()).mode & 0o777).toBe(0o600);
  });

  it('writes each line once', async () => {
    const path = await made();
    const one = entry('EC-1');
    await withJournal(path, async (journal) => {
      expect(journal.has('erasure', 'EC-1')).toBe(false);
      await Promise.all([journal.append(one), journal.append(one)]);
      expect(journal.has('erasure', 'EC-1')).toBe(true);
      expect(journal.has('certificate', 'EC-1')).toBe(false);
    });
    await withJournal(path, (journal) => journal.append(one));
    expect(await readJournal(path)).toHaveLength(2);
  });

  it('writes each rebuilding once, by its name, though several are of one instant', async () => {
    const path = await made();
    const names = [1, 2].map((no) => `RB-${String(no).repeat(8)}-0000-4000-8000-000000000000`);
    await withJournal(path, async (journal) => {
      for (const name of [...names, ...names]) await journal.append(rebuilt(name));
    });
    expect((await readJournal(path)).slice(1)).toEqual(names.map((name) => ({ v: 1, ...rebuilt(name) })));
    await withJournal(path, (journal) => journal.append(rebuilt('RB-another')));
    await expect(readJournal(path)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE', facts: { line: 4 } });
  });

  it('drops what a crash left of the last line, wherever it was cut, and goes on', async () => {
    const whole = await made();
    await withJournal(whole, async (journal) => {
      await journal.append(entry('EC-1'));
      await journal.append(entry('EC-2'));
    });
    const bytes = readFileSync(whole);
    const [, second] = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: second!, max: bytes.length - 1 }), async (cut) => {
        files += 1;
        const path = join(folder, `torn-${files}`);
        writeFileSync(path, bytes.subarray(0, cut));
        await withJournal(path, async (journal) => {
          expect(journal.has('erasure', 'EC-2')).toBe(false);
          await journal.append(entry('EC-3'));
          await journal.append(entry('EC-4'));
        });
        const ids = (await readJournal(path)).flatMap((line) =>
          line.kind === 'erasure' ? [line.certificateId] : [],
        );
        expect(ids).toEqual(['EC-1', 'EC-3', 'EC-4']);
      }),
      { numRuns: 25 },
    );
  });

  it('is refused with any bit turned before the end of its last line', async () => {
    const path = await made();
    await withJournal(path, (journal) => journal.append(entry('EC-1')));
    const bytes = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 2 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const changed = Buffer.from(bytes);
          changed[at]! ^= 1 << bit;
          writeFileSync(path, changed);
          await expect(readJournal(path)).rejects.toMatchObject({
            code: expect.stringMatching(/^(INTEGRITY_FAILURE|CONFIGURATION_INVALID)$/) as string,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused when it is missing, another file, or of another municipality', async () => {
    const path = await made();
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const headless = join(folder, 'headless');
    await withJournal(path, (journal) => journal.append(entry('EC-1')));
    writeFileSync(headless, readFileSync(path, 'utf8').split('\n').slice(1).join('\n'));
    for (const [file, municipality] of [
      [join(folder, 'nowhere'), MUNICIPALITY],
      [empty, MUNICIPALITY],
      [headless, MUNICIPALITY],
      [path, '131016'],
    ] as const) {
      await expect(ErasureJournal.open(file, municipality)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });

  it('is refused when it holds what is no line of it', async () => {
    const path = await made();
    for (const line of ['{}', 'null', '17', '{"v":2}', '[]']) {
      const file = join(folder, `odd-${line.length}`);
      writeFileSync(file, `${readFileSync(path, 'utf8')}${line}\n`);
      await expect(ErasureJournal.open(file, MUNICIPALITY)).rejects.toMatchObject({
        code: 'INTEGRITY_FAILURE',
        facts: { line: 2 },
      });
    }
  });

  it('is refused when a line does not end', async () => {
    const path = await made();
    appendFileSync(path, Buffer.alloc(ERASURE_JOURNAL_LINE_BYTES_MAX + FILE_CHUNK_BYTES, 'a'));
    await expect(ErasureJournal.open(path, MUNICIPALITY)).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
    });
  });

  it('is never made anew over one that is there', async () => {
    const path = await made();
    await expect(ErasureJournal.create(path, MUNICIPALITY)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('does not write when another process has written', async () => {
    const path = await made();
    await withJournal(path, async (ours) => {
      await withJournal(path, (theirs) => theirs.append(entry('EC-1')));
      await expect(ours.append(entry('EC-2'))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    });
    expect(await readJournal(path)).toHaveLength(2);
  });

  it('says that it could not write, and takes the next line', async () => {
    const path = await made();
    const journal = await ErasureJournal.open(path, MUNICIPALITY);
    await expect(
      journal.append({
        ...entry('EC-1'),
        reason: 'a'.repeat(ERASURE_JOURNAL_LINE_BYTES_MAX),
      } as RecordedEntry),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await journal.append(entry('EC-2'));
    await journal.close();
    await expect(journal.append(entry('EC-3'))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await readJournal(path)).toHaveLength(2);
  });

  it('holds lines of 5,000 references, over the border of what is read at once', async () => {
    const path = await made();
    const refs = Array.from({ length: 5_000 }, newVaultRef);
    await withJournal(path, async (journal) => {
      for (let n = 0; n < 8; n++) await journal.append(entry(`EC-${n}`, refs));
    });
    expect(statSync(path).size).toBeGreaterThan(FILE_CHUNK_BYTES);
    const lines = await readJournal(path);
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toMatchObject({ certificateId: 'EC-7', refs });
  });
});
