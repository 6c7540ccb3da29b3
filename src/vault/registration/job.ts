import { createHash, timingSafeEqual } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { RegistrationFile } from '../approval/content.js';
import type { VaultContext } from '../context.js';
import { registerMany, type Registered } from '../record/registerMany.js';
import { REGISTERED_AGAIN, resumeRegistered } from '../retention/task.js';
import { assertEntries, countLines, isLastOfAll, parseLines, type ParsedLines } from './lines.js';
import { chunkRecord, endRecord, intentRecord, type RegistrationActor } from './log.js';
import {
  chunkOutcome,
  NOTHING_COUNTED,
  sumOf,
  type ChunkOutcome,
  type RegistrationCounts,
} from './outcome.js';
import {
  holdRegistration,
  permitRegistration,
  useRegistration,
  type Registrant,
  type RegistrationPermit,
} from './permit.js';

/** A chunk that was read and is a part of the file. */
interface ReadChunk {
  readonly digest: Buffer;
  readonly firstLineNo: number;
}

/**
 * 一括登録 of one file. The vault is given the file twice: once to see that it is the one that was approved, before any
 * number of it is registered; then chunk by chunk, each of them one that was seen. What is kept of the file meanwhile
 * is a digest for each chunk.
 */
export class RegistrationJob {
  readonly #context: VaultContext;
  readonly #registrant: Registrant;
  readonly #operator: string;
  readonly #jobId: string;
  readonly #hash = createHash('sha256');
  readonly #chunks: ReadChunk[] = [];
  #lines = 0;
  #entries = 0;
  #lastOfAll = false;
  #approved: { readonly file: RegistrationFile; readonly actor: RegistrationActor } | undefined;
  readonly #done = new Map<number, RegistrationCounts>();

  private constructor(context: VaultContext, registrant: Registrant, operator: string, jobId: string) {
    this.#context = context;
    this.#registrant = registrant;
    this.#operator = operator;
    this.#jobId = jobId;
  }

  /** @throws KuramoriError as `permitRegistration`: nothing need be read of a file that nobody may register */
  static async begin(
    context: VaultContext,
    registrant: Registrant,
    { operator, jobId }: { readonly operator: string; readonly jobId: string },
  ): Promise<RegistrationJob> {
    await permitRegistration(context, registrant, undefined);
    return new RegistrationJob(context, registrant, operator, jobId);
  }

  /**
   * Reads a chunk, the next of the file, without registering anything.
   * @throws KuramoriError CONFLICT, FILE_REJECTED
   */
  read(chunk: Uint8Array): void {
    if (this.#approved !== undefined || this.#lastOfAll || chunk.length === 0) throw outOfOrder();
    const firstLineNo = this.#lines + 1;
    const { lines, entries } = countLines(chunk, firstLineNo);
    assertEntries(this.#entries + entries);
    this.#hash.update(chunk);
    this.#chunks.push({ digest: digestOf(chunk), firstLineNo });
    this.#lines += lines;
    this.#entries += entries;
    this.#lastOfAll = isLastOfAll(chunk);
  }

  /**
   * The whole file was read: it must be the one that was approved. The log has the intent when this resolves.
   * @returns lines with numbers
   * @throws KuramoriError DUAL_CONTROL_REQUIRED `otherContent`, and as `permitRegistration`; AUDIT_UNAVAILABLE
   */
  async approve(): Promise<number> {
    if (this.#approved !== undefined) throw outOfOrder();
    const file = { fileDigest: `sha256:${this.#hash.copy().digest('hex')}`, count: this.#entries };
    const { person, approval } = await permitRegistration(this.#context, this.#registrant, file);
    const actor = {
      jobId: this.#jobId,
      approvalId: this.#registrant.approvalId,
      operator: this.#operator,
      person,
      purpose: approval.summary.purpose,
      fileDigest: file.fileDigest,
    };
    await this.#context.audit.append(intentRecord(this.#context, actor, file.count));
    this.#approved = { file, actor };
    return file.count;
  }

  /**
   * Registers a chunk; in any order, also several at once. Again, it registers nothing new.
   * @param index of the chunk, from 0
   * @throws KuramoriError CONFLICT when the file was changed since it was read; as `permitRegistration`
   */
  async register(index: number, chunk: Uint8Array): Promise<ChunkOutcome> {
    const { file, actor } = this.#approvedFile();
    const { firstLineNo } = this.#assertSame(index, chunk);
    await permitRegistration(this.#context, this.#registrant, file);
    const parsed = parseLines(chunk, firstLineNo);
    try {
      const outcome = await this.#registerParsed(parsed, file, actor);
      this.#done.set(index, outcome.counts);
      return outcome;
    } finally {
      for (const { number } of parsed.accepted) number.dispose();
    }
  }

  /**
   * Every chunk was registered: the approval is used up.
   * @throws KuramoriError CONFLICT while a chunk is missing; DUAL_CONTROL_REQUIRED
   */
  async end(): Promise<RegistrationCounts> {
    const { file, actor } = this.#approvedFile();
    if (this.#done.size !== this.#chunks.length) throw outOfOrder();
    const permit: RegistrationPermit = await permitRegistration(this.#context, this.#registrant, file);
    const counts = [...this.#done.values()].reduce(sumOf, NOTHING_COUNTED);
    await this.#context.database.transaction('vault.registration.end', async (tx) => {
      await useRegistration(tx, this.#context, this.#registrant, { approval: permit.approval, file });
      await this.#context.audit.appendIn(tx, endRecord(this.#context, actor, counts.registered));
    });
    return counts;
  }

  #registerParsed(
    parsed: ParsedLines,
    file: RegistrationFile,
    actor: RegistrationActor,
  ): Promise<ChunkOutcome> {
    const context = this.#context;
    return registerMany(context, parsed.accepted, {
      begins: (tx) => holdRegistration(tx, context, this.#registrant, file),
      completes: async (tx, registered) => {
        const outcome = chunkOutcome(parsed, registered);
        await this.#resumeKnown(tx, registered, actor);
        await context.audit.appendIn(tx, chunkRecord(context, actor, outcome));
        return outcome;
      },
    });
  }

  /** What is registered again is needed again. */
  async #resumeKnown(
    tx: Session,
    registered: readonly Registered[],
    actor: RegistrationActor,
  ): Promise<void> {
    const refs = registered.filter(({ as }) => as === 'known').map(({ ref }) => ref);
    if (refs.length === 0) return;
    const { purpose, approvalId: caseRef, person } = actor;
    const stated = { by: person.personId, at: this.#context.clock.now() };
    await resumeRegistered(
      tx,
      { refs: [...new Set(refs)], purpose, caseRef, reason: REGISTERED_AGAIN },
      stated,
    );
  }

  #approvedFile() {
    if (this.#approved === undefined) throw outOfOrder();
    return this.#approved;
  }

  /** What is registered is what was read and approved, byte for byte. */
  #assertSame(index: number, chunk: Uint8Array): ReadChunk {
    const read = this.#chunks[index];
    if (read !== undefined && timingSafeEqual(read.digest, digestOf(chunk))) return read;
    throw new KuramoriError(
      'CONFLICT',
      'The file was changed while it was registered. Put the approved file back and start again.',
    );
  }
}

function digestOf(chunk: Uint8Array): Buffer {
  return createHash('sha256').update(chunk).digest();
}

function outOfOrder(): KuramoriError {
  return new KuramoriError('CONFLICT', 'This is not the next step of the registration. Start it again.');
}
