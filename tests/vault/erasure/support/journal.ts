import { ErasureJournal } from '../../../../src/vault/erasure/journal.js';
import type { JournalLine } from '../../../../src/vault/erasure/journal.line.js';
import { MUNICIPALITY } from './vault.js';

/** Opens the journal at a path for the length of some work. */
export async function withJournal<T>(
  path: string,
  work: (journal: ErasureJournal) => Promise<T>,
): Promise<T> {
  const journal = await ErasureJournal.open(path, MUNICIPALITY);
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** Every line of a journal. */
export function readJournal(path: string): Promise<readonly JournalLine[]> {
  return withJournal(path, async (journal) => {
    const lines: JournalLine[] = [];
    for await (const line of journal.lines(MUNICIPALITY)) lines.push(line);
    return lines;
  });
}
