import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_BODY_VERSION, decodeBody, encodeBody, isCanonical } from '../../src/audit/body.js';
import { encodeBodyV1 } from '../../src/audit/body.v1.js';
import type { AuditEntry } from '../../src/audit/record.js';
import { anyRecord } from './arbitrary.js';
import { canonicalJson } from './canonical.js';
import { entryOf, recordOf } from './records.js';

describe('the body of an audit record', () => {
  it('is canonical JSON that says once what neighbouring entries share', () => {
    const record = recordOf({
      caseRef: 'C-7',
      entries: [
        entryOf(),
        entryOf({ coordinate: 'Addressee.name', subjects: ['000000012345'] }),
        entryOf({ coordinate: 'Levy.amount', decision: 'mask', reason: 'ledger:read' }),
        entryOf({ coordinate: 'Query.levies', subjects: [], raised: true }),
      ],
    });
    expect(encodeBody(record)).toBe(
      '{"actorId":"S000123","at":"2026-11-22T03:41:50.123Z","caseRef":"C-7","clientApp":"counter",' +
        '"coordinates":"Addressee.levies .name Levy.amount Query.levies","department":"収納課",' +
        `"documentHash":"${record.documentHash}","entries":[` +
        '{"count":2,"decision":"allow","rows":3,"subjects":0},' +
        '{"count":1,"decision":"mask","reason":"ledger:read","rows":3,"subjects":0},' +
        '{"count":1,"decision":"allow","raised":true,"rows":3}],' +
        '"kind":"query","operationName":"LevyList","purpose":"COLLECTION",' +
        '"requestId":"0199b2c4-7c1e-7d30-8a55-1f0e6a9d4c01","roles":["collectionClerk"],' +
        '"sessionId":"d2f5a8b0c3e14f67",' +
        '"strength":"password+totp","subjects":[["000000012345"]],"terminal":"T-0042","v":2}',
    );
  });

  it.each<[string, Partial<AuditEntry>]>([
    ['decision', { decision: 'mask' }],
    ['reason', { reason: 'ledger:read' }],
    ['number of rows', { rows: 4 }],
    ['people', { subjects: ['9'] }],
    ['people, of whom there are none', { subjects: [] }],
    ['mark that something is to be looked at', { raised: true }],
  ])('keeps neighbours apart that differ in their %s', (_, changes) => {
    const entries = [entryOf(), entryOf({ coordinate: 'Addressee.name', ...changes }), entryOf()];
    const runs = (JSON.parse(encodeBody(recordOf({ entries }))) as { entries: { count: number }[] }).entries;
    expect(runs.map(({ count }) => count)).toEqual([1, 1, 1]);
    expect(decodeBody(encodeBody(recordOf({ entries })))).toEqual(recordOf({ entries }));
  });

  it('takes less than half the room of an object for each entry', () => {
    const types = ['Query', 'Addressee', 'LevyLine', 'Allocation', 'Receipt'];
    const entries = Array.from({ length: 26 }, (_each, at) =>
      entryOf({ coordinate: `${types[Math.floor(at / 6)]}.field${at}`, rows: Math.floor(at / 9) }),
    );
    const record = recordOf({ entries });
    expect(Buffer.byteLength(encodeBody(record))).toBeLessThan(Buffer.byteLength(encodeBodyV1(record)) / 2);
  });

  it('is what a plain RFC 8785 serialiser writes', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        for (const text of [encodeBody(record), encodeBodyV1(record)]) {
          expect(canonicalJson(JSON.parse(text))).toBe(text);
        }
      }),
    );
  });

  it.each([
    ['now', encodeBody],
    ['by the first release', encodeBodyV1],
  ] as const)('gives the record back that was written %s', (_, encode) => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = encode(record);
        expect(decodeBody(text)).toEqual(record);
        expect(isCanonical(text, record)).toBe(true);
        expect(isCanonical(`${text} `, record)).toBe(false);
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
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: 1, maxLength: 8 }), (drawn) => {
        const shared = [['1', '2'], ['3'], []];
        const once = drawn.map(([list, rows]) => entryOf({ subjects: shared[list]!, rows }));
        const copied = once.map((entry) => ({ ...entry, subjects: [...entry.subjects] }));
        expect(encodeBody(recordOf({ entries: copied }))).toBe(encodeBody(recordOf({ entries: once })));
        expect(encodeBodyV1(recordOf({ entries: copied }))).toBe(encodeBodyV1(recordOf({ entries: once })));
      }),
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '{"v":3,"coordinates":"A.b","entries":[],"subjects":[]}',
    '{"v":2,"entries":[],"subjects":[]}',
    '{"v":1,"entries":[]}',
    '{"v":1,"subjects":[]}',
    `{"v":${AUDIT_BODY_VERSION},"coordinates":"A.b","entries":[]}`,
    `{"v":${AUDIT_BODY_VERSION},"coordinates":"A.b","subjects":[]}`,
    `{"v":${AUDIT_BODY_VERSION}}`,
    `{"v":${AUDIT_BODY_VERSION},"entries":[]}`,
    '{"v":1,"entries":',
  ])('is not read from %s', (text) => {
    expect(decodeBody(text)).toBeUndefined();
  });

  it.each([encodeBody, encodeBodyV1])(
    'reads an entry that names a list which is not there as one without subjects',
    (encode) => {
      const text = encode(recordOf()).replace('"subjects":0', '"subjects":9');
      expect(decodeBody(text)?.entries[0]?.subjects).toEqual([]);
    },
  );

  it('reads as many entries as it has coordinates, whatever its counts say', () => {
    const text = encodeBody(recordOf({ entries: [entryOf(), entryOf()] }));
    for (const count of ['"count":1', '"count":0', '"count":900000000', '"no":2']) {
      const read = decodeBody(text.replace('"count":2', count));
      expect(read?.entries.map(({ coordinate }) => coordinate)).toEqual([
        'Addressee.levies',
        'Addressee.levies',
      ]);
    }
  });
});
