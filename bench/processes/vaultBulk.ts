import { readVaultConfiguration } from '../../src/config/vault.js';
import { systemClock, today } from '../../src/kernel/clock.js';
import { REGISTRATION_CHUNK_LINES_MAX } from '../../src/kernel/limits.js';
import { openRecord } from '../../src/vault/cipher/envelope.js';
import type { VaultContext } from '../../src/vault/context.js';
import { contextOf, shredKeyOf, shredKeysOf, type NumberRow } from '../../src/vault/keys/recordRow.js';
import { runRotation, startRotation } from '../../src/vault/keys/rotation/rotate.js';
import { storedNumber } from '../../src/vault/number/stored.js';
import { registerMany } from '../../src/vault/record/registerMany.js';
import { parseLines } from '../../src/vault/registration/lines.js';
import { chunkRecord, type RegistrationActor } from '../../src/vault/registration/log.js';
import { chunkOutcome } from '../../src/vault/registration/outcome.js';
import { startVault } from '../../src/vault/start.js';
import { processState } from '../../src/vault/startup.js';
import { atOnce, takeOrders } from '../support/orders.js';
import { patternedNumbers } from '../support/patternedNumbers.js';
import { assertMeasured, timed } from '../support/rounds.js';
import { OPERATOR } from '../support/vaultHouse.js';

export type VaultBulkOrder =
  /** Registers so many patterned numbers, from the one at a place on. */
  | { readonly kind: 'register'; readonly from: number; readonly count: number }
  /** Moves every record under a new subject key. */
  | { readonly kind: 'rewrap' }
  /** Opens every record, which must be the first so many patterned numbers, each once, under the newest key. */
  | { readonly kind: 'check'; readonly count: number };

export interface VaultBulkReport {
  readonly ms: number;
  /** Numbers or rows. */
  readonly done: number;
  /** The most memory that the process has had so far, in bytes. */
  readonly peakRss: number;
  /** What it holds after a collection, in bytes. */
  readonly held: number;
}

/** Two, so that one seals while the other waits for the database: the machine has two cores. */
const CHUNKS_AT_ONCE = 2;
const CHECKED_AT_ONCE = 2_000;
const BYTES_PER_KIBIBYTE = 1_024;

/** A vault as `kuramori vault` runs it, whose work without a network is measured within the process. */
process.umask(0o077);
const configuration = readVaultConfiguration(process.env);
const vault = await startVault(configuration, processState(configuration, process.env['NODE_OPTIONS'] ?? ''));
const { context } = vault;

async function register(from: number, count: number): Promise<VaultBulkReport> {
  const chunks = chunksOf(from, count);
  const actor = registrant(`file-${from}`);
  const ms = await timed(() =>
    atOnce(CHUNKS_AT_ONCE, chunks, async (chunk, at) => {
      const registered = await registerChunk(chunk, 1 + at * REGISTRATION_CHUNK_LINES_MAX, actor);
      const all = Math.min(REGISTRATION_CHUNK_LINES_MAX, count - at * REGISTRATION_CHUNK_LINES_MAX);
      assertMeasured(registered === all, 'Not every number of a chunk was registered.');
    }),
  );
  return { ms, done: count, ...memory() };
}

/** A chunk as bulk registration takes one, from its bytes to its outcome. @returns how many were registered */
async function registerChunk(chunk: Buffer, firstLineNo: number, actor: RegistrationActor): Promise<number> {
  const parsed = parseLines(chunk, firstLineNo);
  try {
    const { counts } = await registerMany(context, parsed.accepted, {
      completes: async (tx, registered) => {
        const outcome = chunkOutcome(parsed, registered);
        await context.audit.appendIn(tx, chunkRecord(context, actor, outcome));
        return outcome;
      },
    });
    return counts.registered;
  } finally {
    for (const { number } of parsed.accepted) number.dispose();
  }
}

/** Lines `unifiedAddresseeNo,number`, as the file of the command has them. */
function chunksOf(from: number, count: number): readonly Buffer[] {
  const lines = patternedNumbers(from, count).map(
    (number, at) => `${String(from + at).padStart(15, '0')},${number}\n`,
  );
  return Array.from({ length: Math.ceil(count / REGISTRATION_CHUNK_LINES_MAX) }, (_, chunk) => {
    const first = chunk * REGISTRATION_CHUNK_LINES_MAX;
    return Buffer.from(lines.slice(first, first + REGISTRATION_CHUNK_LINES_MAX).join(''), 'ascii');
  });
}

function registrant(jobId: string): RegistrationActor {
  const employmentFrom = today(systemClock);
  return {
    jobId,
    approvalId: 'AP-BENCH',
    operator: OPERATOR,
    person: {
      personId: 'P-1',
      unit: 'nozei',
      unitUntil: undefined,
      role: 'handler',
      employmentFrom,
      employmentTo: undefined,
      trainedOn: employmentFrom,
      secrecyAcceptedOn: employmentFrom,
      revokedAt: undefined,
    },
    purpose: 'COLLECTION',
    fileDigest: `sha256:${'0'.repeat(64)}`,
  };
}

async function rewrap(): Promise<VaultBulkReport> {
  const started = await startRotation(context, 'subject');
  let done = 0;
  const ms = await timed(async () => {
    const ended = await runRotation(context, 'subject');
    assertMeasured(ended.state === 'done', 'The rotation did not end.');
    done = Number(ended.done);
  });
  assertMeasured(done === Number(started.total), 'The rotation did not move every row.');
  return { ms, done, ...memory() };
}

interface CheckedRow extends NumberRow {
  readonly unified: string;
}

/** Not part of any figure. @throws KuramoriError INTERNAL when a record is not what was registered */
async function check(count: number): Promise<VaultBulkReport> {
  const numbers = patternedNumbers(0, count);
  const newest = context.seal.keyRing.all('subject')[0]?.version;
  let checked = 0;
  const ms = await timed(async () => {
    for (let after = ''; ;) {
      const rows = await recordsAfter(context, after);
      const last = rows.at(-1);
      if (last === undefined) return;
      const shredKeys = await shredKeysOf(
        context.shred,
        rows.map(({ vaultRef }) => vaultRef),
      );
      for (const row of rows) {
        assertMeasured(row.kekVersion === newest, 'A record lies under an old key.');
        assertOpens(row, shredKeyOf(shredKeys, row.vaultRef), numbers[Number(row.unified)]);
      }
      checked += rows.length;
      after = last.vaultRef;
    }
  });
  assertMeasured(checked === count, 'There are not as many records as numbers were registered.');
  return { ms, done: checked, ...memory() };
}

function assertOpens(row: NumberRow, shredKey: Uint8Array, expected: string | undefined): void {
  const { seal, municipality } = context;
  const kek = seal.keyRing.of('subject', row.kekVersion);
  const number = storedNumber(openRecord(row, contextOf(row, municipality), kek, shredKey));
  const same = number.withPlaintext((digits) => Buffer.from(digits).toString('ascii') === expected);
  number.dispose();
  assertMeasured(same, 'A record holds another number than was registered.');
}

function recordsAfter({ database }: VaultContext, after: string): Promise<readonly CheckedRow[]> {
  return database.run(
    'bench.records',
    ({ raw }) => raw<CheckedRow[]>`
    select vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
      kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext,
      unified_addressee_no as unified
    from vault.number where vault_ref > ${after} order by vault_ref limit ${CHECKED_AT_ONCE}::integer`,
  );
}

function memory(): Pick<VaultBulkReport, 'peakRss' | 'held'> {
  const { maxRSS } = process.resourceUsage();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { peakRss: maxRSS * BYTES_PER_KIBIBYTE, held: heapUsed + external };
}

function obey(order: VaultBulkOrder): Promise<VaultBulkReport> {
  switch (order.kind) {
    case 'register':
      return register(order.from, order.count);
    case 'rewrap':
      return rewrap();
    case 'check':
      return check(order.count);
  }
}

takeOrders((order) => obey(order as VaultBulkOrder));
process.send?.({ ready: vault.address });
await new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve());
  process.once('disconnect', () => resolve());
});
await vault.stop();
if (process.connected) process.disconnect();
