import { INTERMEDIARY_JOURNAL_BYTES_MAX } from '../../kernel/limits.js';
import type { MessageKind } from '../../protocol/intermediary/message.js';
import type { Reason } from '../../protocol/intermediary/answer.js';
import type { MessageStatus } from '../../protocol/intermediary/status.js';
import { LineFile } from './store/file.js';

/** 操作記録: what somebody did or was refused. No name, no number of a person who was asked about, no item. */
export interface LogEntry {
  /** From 1, without a gap. */
  readonly no: number;
  readonly at: string;
  readonly personId: string;
  readonly unitCode: string;
  readonly kind: MessageKind | 'read.provisionRecords' | 'read.pendingProvisions';
  /** Of what came as a message. */
  readonly messageId?: string;
  readonly status: MessageStatus;
  readonly reason?: Reason;
}

/** The log of one body: only appended to, each entry on the disk before its answer goes out. */
export class OperationLog {
  readonly #file: LineFile;
  readonly #counts: Map<string, number>;
  #last: number;

  private constructor(file: LineFile, counts: Map<string, number>, last: number) {
    this.#file = file;
    this.#counts = counts;
    this.#last = last;
  }

  /** @throws KuramoriError INTEGRITY_FAILURE when it is damaged */
  static async open(path: string): Promise<OperationLog> {
    const counts = new Map<string, number>();
    let last = 0;
    const file = await LineFile.open(path, INTERMEDIARY_JOURNAL_BYTES_MAX, (line) => {
      const entry = line as LogEntry;
      count(counts, entry);
      last = entry.no;
    });
    return new OperationLog(file, counts, last);
  }

  /** @throws KuramoriError TOO_MANY_REQUESTS when the log is full, INTERNAL */
  async append(entry: Omit<LogEntry, 'no'>): Promise<void> {
    const numbered: LogEntry = { no: this.#last + 1, ...entry };
    await this.#file.append(numbered);
    this.#last = numbered.no;
    count(this.#counts, numbered);
  }

  /** How often each kind of message came to each status, as `kind/STATUS`. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function count(counts: Map<string, number>, { kind, status }: LogEntry): void {
  const key = `${kind}/${status}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
