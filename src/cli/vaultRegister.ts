import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import type { Command } from 'commander';
import { REGISTRATION_RESULT_HEADING } from '../exchange/load/numbers/resultLines.js';
import { KuramoriError } from '../kernel/errors.js';
import { callAdministration, uploadToAdministration } from '../vault/http/adminClient.js';
import { chunksOf } from '../vault/registration/chunks.js';
import { assertEntries, countLines } from '../vault/registration/lines.js';
import type { ChunkOutcome, LineOutcome, RegistrationCounts } from '../vault/registration/outcome.js';
import { operatorName } from './house/vaultSocket.js';

/** Exit codes; 1 is any other failure. `refusedLines`: all was done, and some lines were refused. */
export const REGISTER_EXIT = { registered: 0, refusedLines: 2 } as const;

/** Chunks on their way: while the database writes one, the next is sealed. */
const CHUNKS_AT_ONCE = 2;

interface RegisterFlags {
  readonly person?: string;
  readonly approval?: string;
  readonly result?: string;
  readonly digest?: true;
}

/** `kuramori vault register FILE`. @param socketOf where the vault is administered */
export function registerRegisterCommand(vault: Command, socketOf: () => string): void {
  vault
    .command('register <file>')
    .description(
      '一括登録: register a file of lines unifiedAddresseeNo,number, which two people have approved; run it again ' +
        'when it was interrupted',
    )
    .option('--digest', 'only show the digest and the count of the file, for the request of its approval')
    .option('--person <id>', 'who registers: the person who asked for the approval')
    .option('--approval <id>', 'the approval of a second person')
    .option('--result <file>', 'where the vault references go; FILE.result.csv when it is not said')
    .action((path: string, flags: RegisterFlags) =>
      flags.digest === true ? showDigest(path) : registerFile(path, flags, socketOf()),
    );
}

async function showDigest(path: string): Promise<void> {
  const hash = createHash('sha256');
  let [lines, count] = [0, 0];
  for await (const chunk of chunksOf(path)) {
    const counted = countLines(chunk, lines + 1);
    hash.update(chunk);
    chunk.fill(0);
    [lines, count] = [lines + counted.lines, count + counted.entries];
    // Nobody is to approve what the vault will refuse, nor to wait for the end of what has none.
    assertEntries(count);
  }
  process.stdout.write(`fileDigest  sha256:${hash.digest('hex')}\ncount       ${count}\n`);
}

async function registerFile(path: string, flags: RegisterFlags, socket: string): Promise<void> {
  const { person: personId, approval: approvalId } = flags;
  if (personId === undefined || approvalId === undefined)
    throw new KuramoriError('BAD_INPUT', 'Name --person and --approval.');
  const resultPath = flags.result ?? `${path}.result.csv`;
  if (existsSync(resultPath))
    throw new KuramoriError(
      'CONFLICT',
      'The result file is there already. Move it away, or name another by --result.',
    );
  const upload = new Upload(path, socket);
  await upload.begin({ personId, approvalId });
  const count = await upload.readThrough();
  const progress = await startProgress(count);
  try {
    await writeResult(resultPath, upload.register(), progress.report);
  } finally {
    progress.stop();
  }
  const counts = await upload.end();
  process.stdout.write(`${[...summaryLines(counts), `result      ${resultPath}`].join('\n')}\n`);
  process.exitCode =
    Object.keys(counts.refused).length > 0 ? REGISTER_EXIT.refusedLines : REGISTER_EXIT.registered;
}

/** The registration of one file, as the vault takes it: step by step over its socket. */
class Upload {
  readonly #path: string;
  readonly #socket: string;
  #job = '';

  constructor(path: string, socket: string) {
    this.#path = path;
    this.#socket = socket;
  }

  async begin(registrant: { readonly personId: string; readonly approvalId: string }): Promise<void> {
    ({ job: this.#job } = (await this.#ask('begin', registrant)) as { job: string });
  }

  /** @returns lines with numbers, of a file that is the approved one */
  async readThrough(): Promise<number> {
    for await (const chunk of chunksOf(this.#path)) await this.#send('read', chunk);
    return ((await this.#ask('approve', { job: this.#job })) as { count: number }).count;
  }

  /** What each chunk came to, in the order of the file. */
  async *register(): AsyncGenerator<ChunkOutcome> {
    const underWay: Promise<ChunkOutcome>[] = [];
    let index = 0;
    try {
      for await (const chunk of chunksOf(this.#path)) {
        const sent = this.#send('chunk', chunk, index) as Promise<ChunkOutcome>;
        // It may fail before its turn comes; it is told then.
        sent.catch(() => undefined);
        underWay.push(sent);
        index += 1;
        if (underWay.length >= CHUNKS_AT_ONCE) yield await (underWay.shift() as Promise<ChunkOutcome>);
      }
      while (underWay.length > 0) yield await (underWay.shift() as Promise<ChunkOutcome>);
    } finally {
      // After a failure the others end in their own way; the first failure is the one that is told.
      await Promise.allSettled(underWay);
    }
  }

  async end(): Promise<RegistrationCounts> {
    return (await this.#ask('end', { job: this.#job })) as RegistrationCounts;
  }

  #ask(step: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    return callAdministration(this.#socket, `register.${step}`, input, operatorName());
  }

  async #send(step: string, chunk: Buffer, index?: number): Promise<unknown> {
    const query = { job: this.#job, ...(index !== undefined && { index: String(index) }) };
    try {
      return await uploadToAdministration(this.#socket, `register.${step}`, query, chunk, operatorName());
    } finally {
      chunk.fill(0);
    }
  }
}

/** The result is whole or not there: it gets its name when its last line is on the disk. */
async function writeResult(
  path: string,
  chunks: AsyncIterable<ChunkOutcome>,
  report: (lines: number) => void,
): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.write(`${REGISTRATION_RESULT_HEADING}\n`);
    await writeChunks(file, chunks, report);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function writeChunks(
  file: FileHandle,
  chunks: AsyncIterable<ChunkOutcome>,
  report: (lines: number) => void,
): Promise<void> {
  for await (const { lines } of chunks) {
    await file.write(lines.map(resultLine).join(''));
    report(lines.length);
  }
}

function resultLine(line: LineOutcome): string {
  if (line.outcome === 'refused') return `${line.lineNo},refused,,,${line.rule}\n`;
  return `${line.lineNo},${line.outcome},${line.unifiedAddresseeNo},${line.ref},\n`;
}

function summaryLines({ registered, known, refused }: RegistrationCounts): readonly string[] {
  const rules = Object.entries(refused).map(([rule, lines]) => `refused     ${lines} (${rule})`);
  return [`registered  ${registered}`, `known       ${known}`, ...rules];
}

/** A bar where a person watches; elsewhere nothing: the summary tells all. */
async function startProgress(total: number): Promise<{
  readonly report: (lines: number) => void;
  readonly stop: () => void;
}> {
  if (!process.stdout.isTTY) return { report: () => undefined, stop: () => undefined };
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format: '登録 [{bar}] {percentage}% {value}/{total}', hideCursor: true });
  bar.start(total, 0);
  return { report: (lines) => bar.increment(lines), stop: () => bar.stop() };
}
