import { heading } from '../../../protocol/transfer/csv.js';
import { sha256Hex } from '../../../protocol/transfer/forms.js';
import { INDIVIDUAL_NUMBER_FILE, INDIVIDUAL_NUMBER_LAYOUT } from '../../../protocol/transfer/layout.js';
import type { DataFile } from '../../../protocol/transfer/container/build.js';
import { wipe } from '../../cipher/wipe.js';
import type { VaultContext } from '../../context.js';
import { INDIVIDUAL_NUMBER_DIGITS } from '../../../kernel/checkDigit.js';
import { eachNumber } from '../../record/opened.js';
import type { DraftCase } from '../draft/draft.store.js';
import type { NumberSubject } from './package.store.js';

/** 個人番号のファイル in memory, for one sealing. */
export interface NumbersFile {
  readonly file: DataFile;
  /** Overwrites it. */
  dispose(): void;
}

const HEADING = Buffer.from(heading(INDIVIDUAL_NUMBER_LAYOUT[INDIVIDUAL_NUMBER_FILE]), 'ascii');
const NEWLINE = 0x0a;

/**
 * Makes the file of individual numbers: digits go from their records into one buffer, never become a text, and never
 * touch the disk but inside the ciphertext.
 * @param cases of the draft, in the order of their numbers
 * @throws KuramoriError as `eachNumber`
 */
export async function numbersFile(
  context: Pick<VaultContext, 'database' | 'shred' | 'seal' | 'municipality'>,
  cases: readonly DraftCase[],
  subjects: readonly NumberSubject[],
): Promise<NumbersFile> {
  const refs = new Map(subjects.map(({ caseNo, ref }) => [caseNo, ref]));
  const starts = cases.map(({ caseNo, addresseeNo }) => Buffer.from(`${caseNo},${addresseeNo},`, 'ascii'));
  const rowBytes = starts.reduce((sum, start) => sum + start.length + INDIVIDUAL_NUMBER_DIGITS + 1, 0);
  // Not of the pool, which other parts of the process read.
  const bytes = Buffer.alloc(HEADING.length + rowBytes);
  bytes.set(HEADING);
  let at = HEADING.length;
  try {
    const asked = cases.map(({ caseNo }) => refs.get(caseNo)!);
    await eachNumber(context, asked, (digits, index) => {
      const start = starts[index]!;
      bytes.set(start, at);
      bytes.set(digits, at + start.length);
      at += start.length + INDIVIDUAL_NUMBER_DIGITS;
      bytes[at] = NEWLINE;
      at += 1;
    });
  } catch (error) {
    wipe(bytes);
    throw error;
  }
  const told = { name: INDIVIDUAL_NUMBER_FILE, bytes: bytes.length, rows: cases.length };
  const file = { ...told, sha256: sha256Hex(bytes), open: () => once(bytes) };
  return { file, dispose: () => wipe(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
