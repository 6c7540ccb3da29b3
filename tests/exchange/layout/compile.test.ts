import { describe, expect, test } from 'vitest';
import { compileLayout } from '../../../src/exchange/layout/compile.js';
import { readDescriptor, type LayoutSource } from '../../../src/exchange/layout/descriptor.js';
import { decodeLine, encodeLine } from '../../../src/exchange/layout/ocrLine.js';
import { assertVersionsApart } from '../../../src/exchange/layout/sound.js';
import { LAYOUTS } from '../../../src/exchange/layouts/registry.js';
import { OCR_LINE } from '../../../src/exchange/layouts/ocrLine.js';
import { RECEIPT_PLAIN } from '../../../src/exchange/layouts/receiptPlain.js';
import { CODE_LISTS } from './support.js';

type Field = LayoutSource['records']['data']['fields'][number];

/** The reference layout with its data fields changed. */
function withFields(change: (fields: Field[]) => Field[]): LayoutSource {
  const { records } = RECEIPT_PLAIN;
  return { ...RECEIPT_PLAIN, records: { ...records, data: { fields: change([...records.data.fields]) } } };
}

const edit = (name: string, changed: Partial<Field>) =>
  withFields((fields) => fields.map((field) => (field.name === name ? { ...field, ...changed } : field)));

describe('a descriptor is refused', () => {
  test.each<[string, LayoutSource, string]>([
    ['when fields overlap', edit('taxItemCode', { length: 4 }), 'data.levyFiscalYear'],
    ['when a gap is left', edit('reserved', { at: 110, length: 11 }), 'data.reserved'],
    ['when lengths do not add up', edit('reserved', { length: 11 }), 'data'],
    ['when a name is given twice', edit('noticeNo', { name: 'ocrLine' }), 'data.ocrLine'],
    ['when a field that its kind needs is missing', edit('paidOn', { name: 'paidAt' }), 'data.paidOn'],
    ['when a date is not as wide as a date', edit('noticeNo', { type: 'date8' }), 'data.noticeNo'],
    ['when a code list is not at hand', edit('channel', { codeList: 'nothing' }), 'data.channel.codeList'],
    ['when a constant has no value', edit('noticeNo', { type: 'const' }), 'data.noticeNo.value'],
    [
      'when a check digit has no such method',
      edit('channel', { checkDigit: { method: 'mod12', over: [1, 2] } }),
      'data.channel.checkDigit',
    ],
    [
      'when a check digit goes over itself',
      edit('channel', { checkDigit: { method: 'mod10w3', over: [1, 54] } }),
      'data.channel.checkDigit',
    ],
    ['when what is unique is not a field', { ...RECEIPT_PLAIN, unique: [['slipNo']] }, 'unique.slipNo'],
    [
      'when a total has no place in the trailer',
      { ...RECEIPT_PLAIN, totals: [{ trailerField: 'sum', is: 'count(data)' }] },
      'totals.sum',
    ],
    ['when it ends before it begins', { ...RECEIPT_PLAIN, validTo: '2020-01-01' }, 'validTo'],
    [
      'when two kinds share a mark',
      { ...RECEIPT_PLAIN, recordKind: { at: 1, length: 1, map: { '1': 'header', '2': 'header' } } },
      'recordKind.map',
    ],
  ])('%s', (_, source, place) => {
    expect(() => compileLayout(source, CODE_LISTS)).toThrow(
      expect.objectContaining({ code: 'LAYOUT_INVALID', facts: { places: [place] } }),
    );
  });

  test.each([
    ['billedAmount ==', 'ends too early'],
    ['(1 == 1', 'unbalanced'],
    ['paidAmount > 1', 'does not have'],
    ['1 ; 2', 'not of its language'],
    ['1 == 1 2', 'after its end'],
    [Array(150).fill('1').join('+'), 'more steps'],
  ])('when a check cannot be read: %s', (expr, sentence) => {
    const source: LayoutSource = {
      ...RECEIPT_PLAIN,
      checks: [{ id: 'R', when: 'data', expr, severity: 'error' }],
    };
    expect(() => compileLayout(source, CODE_LISTS)).toThrow(new RegExp(sentence));
  });

  test('when a total is neither a count nor a sum', () => {
    const source: LayoutSource = {
      ...RECEIPT_PLAIN,
      totals: [{ trailerField: 'count', is: 'max(taxAmount)' }],
    };
    expect(() => compileLayout(source, CODE_LISTS)).toThrow(
      expect.objectContaining({ code: 'LAYOUT_INVALID' }),
    );
  });

  test('when it is not a descriptor, without repeating what it held', () => {
    const poison = { ...RECEIPT_PLAIN, physical: { form: 'SENTINEL' } };
    expect(() => readDescriptor(poison)).toThrow(expect.objectContaining({ code: 'LAYOUT_INVALID' }));
    expect(() => readDescriptor(poison)).not.toThrow(/SENTINEL/);
  });

  test('when another version of it is in force on the same days', () => {
    const next = { ...RECEIPT_PLAIN, version: 2, validFrom: '2027-04-01' };
    const both = [RECEIPT_PLAIN, next].map((source) => readDescriptor(source));
    expect(() => assertVersionsApart(both)).toThrow(expect.objectContaining({ code: 'LAYOUT_INVALID' }));
    const ended = readDescriptor({ ...RECEIPT_PLAIN, validTo: '2027-03-31' });
    expect(() => assertVersionsApart([ended, readDescriptor(next)])).not.toThrow();
  });
});

test('the layouts that ship are sound', () => {
  for (const source of LAYOUTS) expect(compileLayout(source, CODE_LISTS).descriptor.id).toBe(source.id);
});

describe('the OCR line', () => {
  const layout = compileLayout(OCR_LINE, CODE_LISTS);
  const fields = {
    municipalityCode: '139999',
    taxItemCode: '001',
    levyFiscalYear: 2026,
    instalmentNo: 3,
    noticeNo: '0000004711',
    billedAmount: 12_300n,
    assessmentYear: 2026,
    returnNo: 0,
  };

  test('is read back as it was written', () => {
    const line = encodeLine(layout, fields);
    expect(line).toMatch(/^139999001202603000000471100000012300202600\d\d$/);
    expect(decodeLine(layout, line)).toMatchObject(fields);
  });

  test('says nothing when any one digit was typed wrong or two neighbours were swapped', () => {
    const line = encodeLine(layout, fields);
    for (let at = 0; at < line.length; at++) {
      for (let digit = 0; digit < 10; digit++) {
        const typed = line.slice(0, at) + digit + line.slice(at + 1);
        if (typed !== line) expect(decodeLine(layout, typed)).toBeUndefined();
      }
      const swapped = line.slice(0, at) + (line[at + 1] ?? '') + (line[at] ?? '') + line.slice(at + 2);
      if (swapped !== line) expect(decodeLine(layout, swapped)).toBeUndefined();
    }
  });
});
