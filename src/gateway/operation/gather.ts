import type { Database, Session } from '../../kernel/database/database.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { GATHERED_ALONE_MS, GATHERED_READS_MAX, GATHERED_UNDER_WAY_MAX } from '../../kernel/limits.js';
import type { BindValues, PreparedStatement } from '../plan/bind.js';
import { gatheredParameter, gatheredText } from './gather.sql.js';

/** The root's slots as the statement brought them. */
export type RootRow = readonly unknown[];

interface Waiting {
  readonly parameters: readonly unknown[];
  readonly deadlineMs: number;
  readonly resolve: (row: RootRow) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads for several requests at once. Starting a statement (its snapshot, locks, plan state, the way there and back)
 * costs more than a short plan's work. Requests for the same plan that come while one of its statements is under way,
 * or within the same turn of the event loop, are read by one statement: a row of places in, a row of slots out, for
 * each. Nothing waits when nothing is under way, and what one request brings never meets another's row. A second
 * statement begins beside one that takes long: beside a short one it would only take the core that the log and the
 * answers of those before need.
 */
export class GatheredReads {
  readonly #database: Database;
  readonly #plans = new WeakMap<PreparedStatement, PlanReads>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Runs a plan's statement.
   * @param deadlineMs on the clock of `performance.now()`, for all that it waits behind; default none
   * @throws KuramoriError TIMEOUT after it; as `Session.run`
   */
  read(
    statement: PreparedStatement | undefined,
    binds: BindValues,
    deadlineMs = Number.POSITIVE_INFINITY,
  ): Promise<RootRow> {
    if (statement === undefined) return Promise.resolve([]);
    let reads = this.#plans.get(statement);
    if (reads === undefined) {
      reads = new PlanReads(this.#database, statement);
      this.#plans.set(statement, reads);
    }
    return inTime(reads.read(statement.bind(binds), deadlineMs), deadlineMs);
  }
}

/**
 * Runs a plan's statement in a session of the caller's, such as a transaction.
 * @throws KuramoriError as `Session.run`
 */
export async function readIn(
  session: Session,
  statement: PreparedStatement | undefined,
  binds: BindValues,
): Promise<RootRow> {
  return statement === undefined ? [] : readAlone(session, statement, statement.bind(binds));
}

async function readAlone(
  session: Session,
  statement: PreparedStatement,
  parameters: readonly unknown[],
): Promise<RootRow> {
  const rows = await session.run('operation.read', ({ raw }) =>
    raw.unsafe<{ v: RootRow }[]>(statement.text, [...parameters] as never[], { prepare: true }),
  );
  return rows[0]?.v ?? [];
}

class PlanReads {
  readonly #database: Database;
  readonly #statement: PreparedStatement;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #latestAtMs = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  /** The statement for many; undefined until the first time it would have been of use. */
  #many: Promise<string | undefined> | undefined;
  /** Known once the statement has been described: it is run for each request by itself. */
  #isForOne = false;

  constructor(database: Database, statement: PreparedStatement) {
    this.#database = database;
    this.#statement = statement;
  }

  read(parameters: readonly unknown[], deadlineMs: number): Promise<RootRow> {
    if (parameters.length === 0 || this.#isForOne) return this.#alone(parameters);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ parameters, deadlineMs, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || !this.#mayBegin()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#mayBegin()) {
        const batch = this.#nextBatch();
        if (batch.length === 0) continue;
        this.#underWay += 1;
        this.#latestAtMs = performance.now();
        void this.#run(batch).finally(() => {
          this.#underWay -= 1;
          if (this.#waiting.length > 0) this.#schedule();
        });
      }
    });
  }

  /** Whether a statement may begin now. Where one may begin later beside another, it is asked again then. */
  #mayBegin(): boolean {
    if (this.#underWay === 0) return true;
    if (this.#underWay >= GATHERED_UNDER_WAY_MAX) return false;
    const leftMs = this.#latestAtMs + GATHERED_ALONE_MS - performance.now();
    if (leftMs <= 0) return true;
    if (this.#timer === undefined) this.#askAgainIn(leftMs);
    return false;
  }

  #askAgainIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length > 0) this.#schedule();
    }, ms);
  }

  /** Nobody waits any more for what comes too late: it is not read. */
  #nextBatch(): Waiting[] {
    const nowMs = performance.now();
    const batch = this.#waiting.splice(0, GATHERED_READS_MAX);
    const late = batch.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    for (const { reject } of late) reject(tooLate());
    return late.length === 0 ? batch : batch.filter(({ deadlineMs }) => deadlineMs > nowMs);
  }

  /** Settles everyone; never rejects. */
  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const text = batch.length > 1 ? await this.#textForMany() : undefined;
      if (text === undefined) return await this.#each(batch);
      const rows = await this.#together(text, batch);
      batch.forEach((waiting, index) => waiting.resolve(rows[index] ?? []));
    } catch (failure) {
      if (isOfOneRequest(failure)) return this.#each(batch);
      for (const waiting of batch) waiting.reject(failure);
    }
  }

  /** Each by itself: what one request brought cannot fail another. */
  async #each(batch: readonly Waiting[]): Promise<void> {
    await Promise.all(
      batch.map(({ parameters, resolve, reject }) => this.#alone(parameters).then(resolve, reject)),
    );
  }

  #alone(parameters: readonly unknown[]): Promise<RootRow> {
    return readAlone(this.#database, this.#statement, parameters);
  }

  /** @throws KuramoriError INTERNAL when rows do not stand beside the requests they were read for */
  async #together(text: string, batch: readonly Waiting[]): Promise<readonly RootRow[]> {
    const parameter = gatheredParameter(batch.map(({ parameters }) => parameters));
    const rows = await this.#database.run('operation.readMany', ({ raw }) =>
      raw.unsafe<{ v: readonly (readonly [number, RootRow])[] }[]>(text, [parameter], { prepare: true }),
    );
    const answers = rows[0]?.v ?? [];
    if (answers.length !== batch.length || answers.some(([number], index) => number !== index))
      throw new KuramoriError('INTERNAL', 'Rows came back in another order than they were asked for.');
    return answers.map(([, row]) => row);
  }

  #textForMany(): Promise<string | undefined> {
    this.#many ??= this.#described();
    return this.#many;
  }

  async #described(): Promise<string | undefined> {
    try {
      const text = await gatheredText(this.#database, this.#statement);
      this.#isForOne = text === undefined;
      return text;
    } catch (failure) {
      this.#many = undefined;
      throw failure;
    }
  }
}

/** Rows that come after the deadline are for nobody. @throws KuramoriError TIMEOUT */
async function inTime<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  if (deadlineMs === Number.POSITIVE_INFINITY) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // In steps: timers of the same length share a list.
    const leftMs = Math.max(0, deadlineMs - performance.now());
    timer = setTimeout(
      () => {
        reject(tooLate());
      },
      Math.ceil(leftMs / TIMER_STEP_MS) * TIMER_STEP_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const TIMER_STEP_MS = 100;

function tooLate(): KuramoriError {
  return new KuramoriError('TIMEOUT', 'The request was not answered in time. Try again in a moment.');
}

/** Data exceptions and program limits: what one request brought. A statement that is wrong in itself is a defect. */
const SQLSTATE_OF_VALUES = /^(21|22|54)/;

/** Whether a failure is one request's own: a value that the statement cannot take, or too much to read. */
function isOfOneRequest(failure: unknown): boolean {
  if (isKuramoriError(failure, 'TIMEOUT')) return true;
  return (
    isKuramoriError(failure, 'DATABASE_ERROR') && SQLSTATE_OF_VALUES.test(String(failure.facts['sqlstate']))
  );
}
