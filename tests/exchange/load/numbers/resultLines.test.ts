import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  referencesIn,
  REGISTRATION_RESULT_HEADING,
  type NumberReference,
} from '../../../../src/exchange/load/numbers/resultLines.js';
import { NUMBER_REFERENCES_CHUNK_MAX } from '../../../../src/kernel/limits.js';
import { newVaultRef } from '../../../../src/vault/number/vaultRef.js';

const REFS = Array.from({ length: 12 }, () => newVaultRef());

async function chunksOf(bytes: Buffer, size: number) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const chunks: (readonly NumberReference[])[] = [];
  for await (const chunk of referencesIn(pieces())) chunks.push(chunk);
  return chunks;
}

test('every reference is read once, in its order, however the bytes come, and no chunk holds one twice', async () => {
  const line = fc.tuple(fc.nat(11), fc.nat(11), fc.boolean());
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 40 }),
      fc.integer({ min: 1, max: 97 }),
      async (lines, size) => {
        const texts = lines.map(([person, ref, refused], at) => {
          const no = String(person).padStart(15, '0');
          return refused ? `${at},refused,,,ERASING` : `${at},known,${no},${REFS[ref]},`;
        });
        const text = [REGISTRATION_RESULT_HEADING, ...texts].map((each) => `${each}\n`).join('');
        const chunks = await chunksOf(Buffer.from(text), size);
        expect(chunks.flat()).toEqual(
          lines.flatMap(([person, ref, refused], at) =>
            refused
              ? []
              : [
                  {
                    lineNo: at + 2,
                    unifiedAddresseeNo: String(person).padStart(15, '0'),
                    vaultRef: REFS[ref],
                  },
                ],
          ),
        );
        for (const chunk of chunks) {
          expect(new Set(chunk.map(({ vaultRef }) => vaultRef)).size).toBe(chunk.length);
          expect(new Set(chunk.map(({ unifiedAddresseeNo }) => unifiedAddresseeNo)).size).toBe(chunk.length);
          expect(chunk.length).toBeLessThanOrEqual(NUMBER_REFERENCES_CHUNK_MAX);
        }
      },
    ),
    { numRuns: 60 },
  );
});
