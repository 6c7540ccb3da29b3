import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndividualNumberReader } from '../../../src/protocol/transfer/individualNumberFile.js';
import { thrown } from './support.js';

const HEADING = 'caseNo,addresseeNo,individualNumber\n';
const FILE = `${HEADING}A-1,0000000123,111122223338\nA-2,0000000124,111122223346\n`;

function read(text: string, size = text.length) {
  const reader = new IndividualNumberReader();
  const bytes = Buffer.from(text);
  const rows = [];
  for (let at = 0; at < bytes.length; at += size) rows.push(...reader.push(bytes.subarray(at, at + size)));
  reader.end();
  return { rows, count: reader.rows };
}

describe('the file of individual numbers', () => {
  test('tells its cases and their count, however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (size) => {
        expect(read(FILE, size)).toEqual({ rows: [{ caseNo: 'A-1' }, { caseNo: 'A-2' }], count: 2 });
      }),
    );
  });

  test.each([
    ['another heading', FILE.replace('caseNo', 'caseno')],
    ['eleven digits', FILE.replace('111122223338', '11112222333')],
    ['a letter among the digits', FILE.replace('111122223338', '11112222333X')],
    ['digits of another script', FILE.replace('111122223338', '１１１１２２２２３３３８')],
    ['a column too few', FILE.replace('A-1,', '')],
    ['a column too many', FILE.replace('A-1,', 'A-1,x,')],
    ['no case', FILE.replace('A-1', '')],
    ['quotes', FILE.replace('A-1', '"A-1"')],
    ['CR LF', FILE.replaceAll('\n', '\r\n')],
    ['a line too long', FILE.replace('A-1', 'A'.repeat(60))],
    ['no end', FILE.slice(0, -1)],
    ['nothing', ''],
  ])('with %s is refused by place alone', (_, text) => {
    const { code, message } = thrown(() => read(text));
    expect(code).toBe('FILE_REJECTED');
    expect(message).not.toMatch(/1111|A-1/);
  });
});
