import type { Session } from '../kernel/database/database.js';
import { AUDIT_PARTITION_MARGIN_RECORDS } from '../kernel/limits.js';

const PARTITIONS_AHEAD = 2;

/** Sees to it that the head never reaches the end of the partitions. */
export class Partitions {
  readonly #session: Session;
  /** First record number known to have no partition. */
  #end = 0n;
  #nextRecord = 1n;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Makes partitions when the head is near the end of those known, and before the first append. */
  async cover(): Promise<void> {
    if (this.#end - this.#nextRecord >= AUDIT_PARTITION_MARGIN_RECORDS) return;
    const rows = await this.#session.run(
      'audit.ensurePartitions',
      ({ raw }) =>
        raw<{ end: bigint }[]>`select audit.ensure_partitions(${PARTITIONS_AHEAD}::integer) as "end"`,
    );
    for (const { end } of rows) this.#end = end;
  }

  /** Takes note of how far the log has come. */
  reached(recordNo: bigint): void {
    if (recordNo >= this.#nextRecord) this.#nextRecord = recordNo + 1n;
  }
}
