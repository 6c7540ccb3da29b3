import { setTimeout as sleep } from 'node:timers/promises';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { BenchHouse } from './house.js';

const LOOK_MS = 50;
const ENTERED_MS_MAX = 60_000;

/**
 * Waits until the audit log has entered into its indexes what a round appended: the gateway does that when it is quiet,
 * and the next to be measured must not pay for it.
 */
export async function enteredLog(house: BenchHouse, database: string): Promise<void> {
  const owner = house.open(database, 'owner', 1);
  try {
    const deadline = performance.now() + ENTERED_MS_MAX;
    for (;;) {
      const [row] = await owner.run(
        'bench.entered',
        ({ raw }) => raw<{ behind: bigint }[]>`
        select h.next_record - i.next_record as behind from audit.head h cross join audit.indexed i`,
      );
      if (row?.behind === 0n) return;
      if (performance.now() > deadline) {
        throw new KuramoriError('INTERNAL', 'The audit log does not come to enter what was appended.');
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await owner.close();
  }
}
