import type { PaymentDelta } from '../../../src/protocol/transfer/deltas.js';
import { createHash, randomUUID } from 'node:crypto';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { readCsv, writeCsv } from '../../../src/protocol/transfer/csv.js';
import { TRANSFER_LAYOUT, type TransferFileName } from '../../../src/protocol/transfer/layout.js';
import { RESULT_LAYOUT, type ResultFileName, type ResultRow } from '../../../src/protocol/transfer/result.js';
import { LedgerTotals } from '../../../src/protocol/transfer/totals.js';
import type { TransferVault, VaultResult } from '../../../src/collection/transfer/vault.js';

const PATH = ['FROZEN', 'APPROVED', 'ASSEMBLED', 'SEALED', 'RELEASED', 'IN_CARRY', 'DELIVERED'] as const;

/** Results that it lists at once. */
const LISTED_MAX = 2;

type Answer = Awaited<ReturnType<TransferVault['acceptance']>>[number];

/** A vault that keeps what it is given, and says what the test wants the organization to say. */
export class KeptVault implements TransferVault {
  readonly files = new Map<string, string>();
  readonly messages: PaymentDelta[] = [];
  readonly reconciledDigests: string[] = [];
  readonly packageId = '019aa000-0000-7000-8000-000000000001';
  draft: Parameters<TransferVault['openDraft']>[0] | undefined;
  unmappable: readonly string[] = [];
  answers: Answer[] = [];
  /** Calls that fail from now on, by name. */
  readonly broken = new Set<string>();
  #reached = 0;
  #isAborted = false;
  #complete = false;
  readonly #results: { summary: VaultResult; files: Map<string, string> }[] = [];

  openDraft(draft: Parameters<TransferVault['openDraft']>[0]) {
    this.draft = draft;
    return this.state().then((state) => ({ ...state, complete: this.#complete }));
  }

  async putFile(_: string, fileName: string, bytes: AsyncIterable<Uint8Array>) {
    this.#fail('putFile');
    if (this.#complete) throw new Error('the draft is complete');
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    this.files.set(fileName, text);
    return { rows: (await this.rows(fileName as TransferFileName)).length };
  }

  async completeDraft(_: string, unmappable: readonly string[] = []) {
    this.unmappable = unmappable;
    const totals = new LedgerTotals();
    for (const row of await this.rows('03_ledger.csv')) totals.add(row);
    const cases = (await this.rows('01_taxpayer.csv')).length;
    const draftDigest = createHash('sha256')
      .update(JSON.stringify([...this.files]))
      .digest('hex');
    this.#complete = true;
    this.#fail('completeDraft');
    return { draftDigest, cases, totals: totals.end() };
  }

  /** The package goes on to a state, through all before it. */
  reach(state: (typeof PATH)[number]): void {
    this.#reached = PATH.indexOf(state);
  }

  /** Whoever runs the vault gives the package up. */
  abort(): void {
    this.#isAborted = true;
  }

  state() {
    this.#fail('state');
    if (this.#isAborted) {
      const history = [
        { state: 'FROZEN', at: '2026-11-17T01:00:00Z' },
        { state: 'ABORTED', at: '2026-11-18T01:00:00Z' },
      ];
      return Promise.resolve({ state: 'ABORTED', history });
    }
    const history = PATH.slice(0, this.#reached + 1).map((state, at) => ({
      state,
      at: `2026-11-02T0${at}:30:00Z`,
    }));
    const packageId = this.#reached >= PATH.indexOf('ASSEMBLED') ? { packageId: this.packageId } : {};
    return Promise.resolve({ state: PATH[this.#reached] ?? 'FROZEN', history, ...packageId });
  }

  acceptance() {
    return Promise.resolve(this.answers);
  }

  sendDelta(_: string, message: PaymentDelta) {
    this.#fail('sendDelta');
    this.messages.push(message);
    return Promise.resolve();
  }

  /** The organization reports. */
  async report(
    rows: {
      states: readonly ResultRow['21_states.csv'][];
      collections: readonly ResultRow['22_collections.csv'][];
      dispositions?: readonly ResultRow['23_dispositions.csv'][];
      renewals?: readonly ResultRow['24_limitation.csv'][];
      contacts?: readonly ResultRow['25_contacts.csv'][];
    },
    final = false,
  ): Promise<string> {
    const resultId = randomUUID();
    const texts = new Map([
      ['21_states.csv', await csvText('21_states.csv', rows.states)],
      ['22_collections.csv', await csvText('22_collections.csv', rows.collections)],
    ]);
    const { dispositions, renewals, contacts } = rows;
    if (dispositions) texts.set('23_dispositions.csv', await csvText('23_dispositions.csv', dispositions));
    if (renewals) texts.set('24_limitation.csv', await csvText('24_limitation.csv', renewals));
    if (contacts) texts.set('25_contacts.csv', await csvText('25_contacts.csv', contacts));
    const seriesNo = this.#results.length + 1;
    const { packageId } = this;
    const receivedAt = '2026-12-07T01:00:00Z';
    const files = [...texts.keys()].map((name) => ({ name }));
    this.#results.push({
      summary: { resultId, packageId, seriesNo, final, receivedAt, files },
      files: texts,
    });
    return resultId;
  }

  /** The files of a report are erased. */
  erase(resultId: string): void {
    this.#results.find(({ summary }) => summary.resultId === resultId)?.files.clear();
  }

  /** A file of a report holds something else. */
  spoil(resultId: string, file: ResultFileName, text: string): void {
    this.#results.find(({ summary }) => summary.resultId === resultId)?.files.set(file, text);
  }

  results(after: string) {
    const from = this.#results.findIndex(({ summary }) => summary.resultId === after) + 1;
    return Promise.resolve(this.#results.slice(from, from + LISTED_MAX).map(({ summary }) => summary));
  }

  async *resultFile(resultId: string, fileName: string) {
    const found = this.#results.find(({ summary }) => summary.resultId === resultId);
    const text = found?.files.get(fileName);
    if (text === undefined) throw new KuramoriError('NOT_FOUND', 'There is no such file of a result.');
    yield Buffer.from(text, 'utf8');
  }

  reconciled(_: string, digest: string) {
    this.#fail('reconciled');
    this.reconciledDigests.push(digest);
    return Promise.resolve();
  }

  /** A file as the vault has it, read by its layout. */
  async rows<F extends TransferFileName>(file: F) {
    const bytes = (async function* (text: string) {
      yield Buffer.from(text, 'utf8');
    })(this.files.get(file) ?? '');
    const rows = [];
    for await (const row of readCsv(file, TRANSFER_LAYOUT[file], bytes)) rows.push(row);
    return rows;
  }

  #fail(call: string): void {
    if (this.broken.has(call)) throw new Error(`the vault does not answer ${call}`);
  }
}

async function csvText<F extends ResultFileName>(file: F, rows: readonly ResultRow[F][]): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of writeCsv(file, RESULT_LAYOUT[file], rows as never)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
