import { describe, expect, test } from 'vitest';
import {
  draftDigest,
  draftOf,
  manifestBytes,
  readManifest,
  type Manifest,
  type TransferManifest,
} from '../../../src/protocol/transfer/manifest.js';
import { outerRecordBytes, readOuterRecord } from '../../../src/protocol/transfer/outerRecord.js';
import { manifestOf, outerRecord } from './support.js';

describe('a manifest', () => {
  test('is read from its canonical bytes and from no others (RFC 8785)', () => {
    const manifest = manifestOf();
    const bytes = manifestBytes(manifest);
    expect(Buffer.from(bytes).toString()).toMatch(/^\{"approvals":\[.*"unpaid":130000\}.*\}$/);
    expect(readManifest(bytes)).toEqual(manifest);
    const text = Buffer.from(bytes).toString();
    for (const other of [` ${text}`, text.replace('{', '{ '), `\ufeff${text}`, text.slice(0, -1), '1', ''])
      expect(readManifest(Buffer.from(other))).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ['an unknown member', { note: 'x' }],
    [
      'a path that leaves its folder',
      { files: [{ name: '../x', bytes: 1, rows: 0, sha256: 'a'.repeat(64) }] },
    ],
    ['an absolute path', { files: [{ name: '/x', bytes: 1, rows: 0, sha256: 'a'.repeat(64) }] }],
    ['a package number of another kind', { packageId: '0193b1d0-0000-4000-8000-000000000001' }],
    ['totals of a result', { content: 'RESULT' }],
    ['no legal basis', { basis: [] }],
    ['a series that begins at 0', { seriesNo: 0 }],
  ])('with %s is none', (_, change) => {
    const changed = {
      ...(JSON.parse(Buffer.from(manifestBytes(manifestOf())).toString()) as object),
      ...change,
    };
    const bytes = Buffer.from(JSON.stringify(changed));
    expect(readManifest(bytes)).toBeUndefined();
    expect(() => manifestBytes(changed as unknown as Manifest)).toThrow();
  });

  test('has a draft whose digest any change of what was approved changes (handbook 13 §4)', () => {
    const manifest = manifestOf();
    const approved = draftDigest(draftOf(manifest));
    const changes: Partial<TransferManifest>[] = [
      { recipient: { ...manifest.recipient, keyFingerprints: ['b'.repeat(64)] } },
      { profile: { ...manifest.profile, includesIndividualNumber: true } },
      { basis: ['another'] },
      { cases: 2 },
      { totals: { ...manifest.totals, unpaid: 129_999n } },
      { asOf: '2026-10-01T00:00:00Z' },
      { retention: { returnBy: null, eraseBy: '2027-12-31' } },
    ];
    for (const change of changes) expect(draftDigest(draftOf({ ...manifest, ...change }))).not.toBe(approved);
    expect(draftDigest(draftOf({ ...manifest, seriesNo: 9, createdAt: '2026-11-22T00:00:00Z' }))).toBe(
      approved,
    );
  });

  test('leaves the file of individual numbers, which the vault adds, out of its draft', () => {
    const manifest = manifestOf();
    const file = { name: '11_individual_number.csv', bytes: 1, rows: 1, sha256: 'c'.repeat(64) };
    expect(draftDigest(draftOf({ ...manifest, files: [...manifest.files, file] }))).toBe(
      draftDigest(draftOf(manifest)),
    );
  });
});

describe('an outer record', () => {
  test('is read from its canonical bytes', () => {
    const bytes = outerRecordBytes(outerRecord());
    expect(readOuterRecord(bytes)).toEqual(outerRecord());
    expect(readOuterRecord(Buffer.concat([bytes, Buffer.from('\n')]))).toBeUndefined();
  });

  test('takes no flash memory for a medium (handbook 13 §6)', () => {
    for (const medium of ['FLASH_USB', 'SD', 'SSD'])
      expect(() => outerRecordBytes({ ...outerRecord(), mediumPolicy: [medium as 'DVD_R'] })).toThrow();
  });
});
