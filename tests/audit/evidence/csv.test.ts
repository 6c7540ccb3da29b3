import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CSV_BOM, csvLine, safeCell } from '../../../src/audit/evidence/csv.js';
import { evidencePart } from '../../../src/audit/evidence/evidence.js';
import { EVIDENCE_CELL_CHARS_MAX, EVIDENCE_PART_BYTES_MAX } from '../../../src/kernel/limits.js';
import { anyCharacter } from '../../support/anyCharacter.js';

/** RFC 4180, read back the long way. */
function cellsOf(line: string): string[] {
  expect(line.endsWith('\r\n')).toBe(true);
  const cells: string[] = [];
  let [cell, quoted] = ['', false];
  for (let at = 0; at < line.length - 2; at += 1) {
    const char = line[at]!;
    if (quoted && char === '"' && line[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  return [...cells, cell];
}

describe('a cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+81', "'+81"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝HYPERLINK("x")', '\'＝HYPERLINK("x")'],
    ['　=1', "'　=1"],
    ['\t=1', "' =1"],
    ['\u200b=1', "'=1"],
    ['a\r\nb', 'a b'],
    ['納税課', '納税課'],
    ['a=b', 'a=b'],
    ['2026-11-22', '2026-11-22'],
  ])('%j is shown as %j', (text, shown) => {
    expect(safeCell(text)).toBe(shown);
  });

  test('never begins as a formula does, and is one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const cell = safeCell(text);
        expect(cell).not.toMatch(/^[\s　]*[=+\-@＝＋－＠]/u);
        expect(cell).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

describe('a line', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        const cells = texts.map(safeCell);
        expect(cellsOf(csvLine(cells))).toEqual(cells);
      }),
    );
  });
});

describe('a part', () => {
  const form = {
    title: '',
    source: '',
    columns: [
      { heading: '通番', width: 1 },
      { heading: '理由, 他', width: 1 },
    ],
  };

  test('begins with a BOM and its headings, and its digest is that of its bytes', () => {
    const part = evidencePart(form, { lines: [{ key: 1n, cells: ['1', '=x'] }], next: 1n });
    expect(part.csv).toBe(`${CSV_BOM}通番,"理由, 他"\r\n1,'=x\r\n`);
    const bytes = Buffer.from(part.csv, 'utf8');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(part.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(part).toMatchObject({ rows: [['1', "'=x"]], next: 1n });
  });

  test('that would be too large ends at the line before, and the next goes on from there', () => {
    const lines = Array.from({ length: 500 }, (_, n) => ({
      key: BigInt(n + 1),
      cells: ['1', '長'.repeat(1_000)],
    }));
    const part = evidencePart(form, { lines, next: undefined });
    expect(Buffer.byteLength(part.csv)).toBeLessThanOrEqual(EVIDENCE_PART_BYTES_MAX);
    expect(part.rows.length).toBeGreaterThan(200);
    expect(part.next).toBe(BigInt(part.rows.length));
    expect(part.csv.match(/\r\n/g)).toHaveLength(part.rows.length + 1);
  });

  test('shortens a cell that no spreadsheet program would take', () => {
    const part = evidencePart(form, {
      lines: [{ key: 1n, cells: ['1', 'x'.repeat(40_000)] }],
      next: undefined,
    });
    expect(part.rows[0]?.[1]).toHaveLength(EVIDENCE_CELL_CHARS_MAX + 1);
  });
});
