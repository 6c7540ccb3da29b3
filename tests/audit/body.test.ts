import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_BODY_VERSION, decodeBody, encodeBody } from '../../src/audit/body.js';
import { anyRecord } from './arbitrary.js';
import { canonicalJson } from './canonical.js';
import { entryOf, recordOf } from './records.js';

describe('the body of an audit record', () => {
  it('is canonical JSON with each list of subjects once', () => {
    const record = recordOf({
      caseRef: 'C-7',
      entries: [
        entryOf(),
        entryOf({ coordinate: 'Levy.amount', decision: 'mask', reason: 'ledger:read' }),
        entryOf({ coordinate: 'Query.levies', subjects: [], raised: true }),
      ],
    });
    expect(encodeBody(record)).toBe(
      '{"actorId":"S000123","at":"2026-11-22T03:41:50.123Z","caseRef":"C-7","clientApp":"counter","department":"収納課",' +
        `"documentHash":"${record.documentHash}","entries":[` +
        '{"coordinate":"Addressee.levies","decision":"allow","rows":3,"subjects":0},' +
        '{"coordinate":"Levy.amount","decision":"mask","reason":"ledger:read","rows":3,"subjects":0},' +
        '{"coordinate":"Query.levies","decision":"allow","raised":true,"rows":3}],' +
        '"kind":"query","operationName":"LevyList","purpose":"COLLECTION",' +
        '"requestId":"0199b2c4-7c1e-7d30-8a55-1f0e6a9d4c01","roles":["collectionClerk"],' +
        '"sessionId":"d2f5a8b0c3e14f67",' +
        '"strength":"password+totp","subjects":[["000000012345"]],"terminal":"T-0042","v":1}',
    );
  });

  it('is what a plain RFC 8785 serialiser writes', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = encodeBody(record);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('gives the record back', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decodeBody(encodeBody(record))).toEqual(record);
      }),
    );
  });

  it('is held against a serialiser that orders keys as RFC 8785 §3.2.3 does', () => {
    const sample = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '\ud83d\ude00': 'Smiley',
      '\u0080': 'Control',
      '\u00f6': 'O',
    };
    expect(Object.values(JSON.parse(canonicalJson(sample)) as Record<string, string>).length).toBe(7);
    expect(canonicalJson(sample)).toMatch(/CR.*One.*Control.*O".*Euro.*Smiley.*Dalet/s);
  });

  it('does not depend on whether equal lists of subjects are one array', () => {
    const shared = ['1', '2'];
    const once = recordOf({ entries: [entryOf({ subjects: shared }), entryOf({ subjects: shared })] });
    const twice = recordOf({
      entries: [entryOf({ subjects: ['1', '2'] }), entryOf({ subjects: ['1', '2'] })],
    });
    expect(encodeBody(once)).toBe(encodeBody(twice));
  });

  it.each([
    '',
    'null',
    '[]',
    '{"v":2,"entries":[],"subjects":[]}',
    `{"v":${AUDIT_BODY_VERSION}}`,
    `{"v":${AUDIT_BODY_VERSION},"entries":[]}`,
    '{"v":1,"entries":',
  ])('is not read from %s', (text) => {
    expect(decodeBody(text)).toBeUndefined();
  });

  it('reads an entry that names a list which is not there as one without subjects', () => {
    const text = encodeBody(recordOf()).replace('"subjects":0', '"subjects":9');
    expect(decodeBody(text)?.entries[0]?.subjects).toEqual([]);
  });
});
