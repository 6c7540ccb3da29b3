import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TarFault, tarHeader, TarReader } from '../../../../src/protocol/transfer/container/tar.js';
import { tarOf } from './support.js';

const ENTRIES = [
  ['01_taxpayer.csv', 'a'],
  ['attachments/a.pdf', 'b'.repeat(512)],
  ['empty', ''],
  ['manifest.json', '{}'],
] as const;

describe('an archive', () => {
  test.runIf(spawnSync('tar', ['--version']).status === 0)('is one that tar lists', () => {
    const listed = execFileSync('tar', ['--utc', '-tvf', '-'], { input: tarOf(ENTRIES), encoding: 'utf8' });
    expect(listed.split('\n')[0]).toMatch(/^-rw------- 0\/0 +1 1970-01-01 00:00 01_taxpayer\.csv$/);
    expect(listed.trimEnd().split('\n')).toHaveLength(ENTRIES.length);
  });

  test('is read however its bytes are cut', () => {
    const bytes = tarOf(ENTRIES);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (cuts) => {
        expect(read(bytes, cuts)).toEqual(ENTRIES);
      }),
      { numRuns: 50 },
    );
  });

  const header = tarHeader('a', 0);
  const changed = (at: number, text: string) => {
    const other = Buffer.from(header);
    other.write(text, at, 'latin1');
    const sum = [...other.fill(' ', 148, 156)].reduce((total, byte) => total + byte, 0);
    other.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return Buffer.concat([other, Buffer.alloc(1024)]);
  };

  test.each<[string, Buffer]>([
    ['a symbolic link', changed(156, '2')],
    ['a folder', changed(156, '5')],
    ['an extended header', changed(156, 'x')],
    ['a long name of GNU', changed(156, 'L')],
    ['a target of a link', changed(157, 'b')],
    ['another mode', changed(100, '0000777')],
    ['an owner', changed(108, '0001750')],
    ['a time', changed(136, '00000000001')],
    ['a prefix to the name', changed(345, 'folder')],
    ['bytes after the name', changed(2, 'hidden')],
    ['a size in another spelling', changed(124, '          0')],
    ['a size in base 256', changed(124, '\u0080')],
    ['a false sum', Buffer.concat([Buffer.from(header).fill('9', 148, 149), Buffer.alloc(1024)])],
    ['a name twice', tarOf([ENTRIES[0], ENTRIES[0]])],
    ['names out of order', tarOf([ENTRIES[1], ENTRIES[0]])],
    ['no end', tarOf(ENTRIES).subarray(0, -512)],
    ['half a block', tarOf(ENTRIES).subarray(0, -1)],
    ['nothing in it', Buffer.alloc(0)],
    ['something after its end', Buffer.concat([tarOf(ENTRIES), Buffer.alloc(512)])],
    ['a block of nothing inside', Buffer.concat([tarHeader('a', 0), Buffer.alloc(512), tarOf([['b', '']])])],
    ['padding that says something', Buffer.from(tarOf([['a', 'x']])).fill('y', 513, 514)],
  ])('with %s is refused', (_, bytes) => {
    expect(() => read(bytes, [1_000])).toThrow(TarFault);
  });
});

/** Names and contents of an archive. */
function read(bytes: Buffer, cuts: readonly number[]): [string, string][] {
  const reader = new TarReader();
  const files: [string, string][] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + cuts[turn % cuts.length]!;
    for (const event of reader.push(bytes.subarray(at, end))) {
      if (event.kind === 'begin') files.push([event.name, '']);
      if (event.kind === 'data') files.at(-1)![1] += Buffer.from(event.bytes).toString();
    }
    at = end;
  }
  reader.end();
  return files;
}
