import type { Session } from '../../kernel/database/database.js';
import { createKeyRow, type KeyWrapping } from './creation.js';
import type { KeyClass } from './key.js';
import { insertKey, lockKey, moveKey, readRegister } from './store.js';

/**
 * Makes version 1 of every class that has no key yet, active.
 * @param at ISO instant
 */
export async function createFirstKeys(
  tx: Session,
  wrapping: KeyWrapping,
  classes: readonly KeyClass[],
  at: string,
): Promise<void> {
  // Of a class that once had keys none is ever made here: what went missing must be noticed.
  const { minVersions } = await readRegister(tx);
  for (const keyClass of classes.filter((each) => !minVersions.has(each))) {
    await insertKey(tx, createKeyRow(wrapping, keyClass, 1, at));
    await moveKey(tx, await lockKey(tx, keyClass, 1), 'active', at);
  }
}
