import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { ageOpened, ageSealed } from '../../../../src/protocol/transfer/container/age.js';
import { readPieces } from '../../../../src/protocol/transfer/container/disk.js';
import { timesOpen } from '../../../support/openFiles.js';
import { temporaryFolder } from '../../../vault/keys/support/vault.js';

/** So large that nobody reads it to its end ahead of who wants its first pieces. */
const BYTES = 8 * 1024 * 1024;
/** What is held is not collected: nothing but its end closes its file. */
const held: unknown[] = [];
const folder = temporaryFolder();
const secret = await generateX25519Identity();
const identity = { identity: secret, recipient: await identityToRecipient(secret) };
const other = await generateX25519Identity();
const stranger = { identity: other, recipient: await identityToRecipient(other) };
const plain = join(folder, 'plain');
const sealed = join(folder, 'sealed');
const broken = join(folder, 'broken');
writeFileSync(plain, randomBytes(BYTES));
const ciphertext = await collected(ageSealed([identity.recipient], readPieces(plain)));
writeFileSync(sealed, ciphertext);
writeFileSync(broken, Buffer.from(ciphertext).fill(0, BYTES / 2));

let copies = 0;

/** A copy that no other test opens. */
function ownCopy(path: string): string {
  const copy = join(folder, `copy-${++copies}`);
  copyFileSync(path, copy);
  return copy;
}

async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('the file behind a stream is closed', () => {
  test.each([
    ['seals', plain, (pieces: AsyncIterable<Uint8Array>) => ageSealed([identity.recipient], pieces)],
    ['opens', sealed, (pieces: AsyncIterable<Uint8Array>) => ageOpened(identity, pieces)],
  ])('when whoever %s it ends early', async (_, original, begun) => {
    const path = ownCopy(original);
    const source = readPieces(path);
    held.push(source);
    const pieces = begun(source);
    // The first pieces come before the file is opened.
    while (timesOpen(path) === 0) expect(await pieces.next()).toMatchObject({ done: false });
    expect(timesOpen(path)).toBe(1);
    await pieces.return(undefined);
    await expect.poll(() => timesOpen(path)).toBe(0);
  });

  test.each([
    ['sealed to others', sealed, stranger],
    ['broken on its way', broken, identity],
    ['no age file', plain, identity],
  ])('when it is %s', async (_, original, own) => {
    const path = ownCopy(original);
    let whileReading = 0;
    const source = async function* () {
      for await (const piece of readPieces(path)) {
        whileReading = timesOpen(path);
        yield piece;
      }
    };
    const pieces = source();
    held.push(pieces);
    await expect(collected(ageOpened(own, pieces))).rejects.toThrow();
    expect(whileReading).toBe(1);
    await expect.poll(() => timesOpen(path)).toBe(0);
  });
});
