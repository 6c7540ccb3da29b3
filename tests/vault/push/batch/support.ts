import { beforeEach } from 'vitest';
import type { EnvelopeOf } from '../../../../src/protocol/intermediary/message.js';
import type { VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { listBatches, type BatchRow } from '../../../../src/vault/push/batch/batch.store.js';
import { done } from '../../operation/support/two.js';
import type { InquireRefundAccountDetails } from '../../../../src/client/index.js';
import { pushing, type Pushing } from '../support/pushing.js';

export const MINUTE = 60_000;
/** In minutes. */
export const DAY = 24 * 60;
/** Long enough that what waits for others travels. */
export const GATHERED = 10;

interface Person {
  readonly ref: VaultRef;
  readonly unifiedAddresseeNo: string;
}

/** Some people and their refunds, whose accounts are asked for together. */
export interface Batching extends Pushing {
  readonly people: readonly Person[];
  /** Asks for one account for each of so many people. @returns names of the pushes */
  readonly batched: (
    count: number,
    details?: Partial<InquireRefundAccountDetails>,
  ) => Promise<readonly string[]>;
  /** Lets the vault carry out what is due after a time. */
  readonly after: (minutes: number) => Promise<void>;
  /** The newest batch. */
  readonly newest: () => Promise<BatchRow>;
  /** State and reason of the newest batch. */
  readonly standing: () => Promise<string>;
  /** The last line of each push’s journal. */
  readonly last: (ids: readonly string[]) => Promise<readonly string[]>;
  /** The batches that the other side was sent, oldest first. */
  readonly sentBatches: () => readonly EnvelopeOf<'inquiry.batch'>[];
  /** How often the newest batch had its effect. */
  readonly effectsOf: () => Promise<number>;
  /** The records (情報提供等記録) that were kept of some pushes. */
  readonly provisionRecords: (ids: readonly string[]) => Promise<readonly ProvisionRecord[]>;
}

interface ProvisionRecord {
  readonly id: string;
  readonly status: string;
}

const NUMBERS = ['123456789018', '135792468015', '202020202000'];

export async function batching(): Promise<Batching> {
  const it = await pushing();
  const people = await Promise.all(
    NUMBERS.map(async (number, at) => {
      const unifiedAddresseeNo = `00000000000000${at + 1}`;
      return { unifiedAddresseeNo, ref: await it.register(number, unifiedAddresseeNo) };
    }),
  );
  let refunds = 0;
  const newest = async () => (await listBatches(it.vault.context.database, 1))[0]!;
  return {
    ...it,
    people,
    batched: async (count, details = {}) => {
      const ids: string[] = [];
      for (const { ref, unifiedAddresseeNo } of people.slice(0, count)) {
        const refundId = `RF-${(refunds += 1)}`;
        const asked = await it.inquire(ref, unifiedAddresseeNo, refundId, { batch: true, ...details });
        done(asked.answer);
        ids.push(asked.pushRequestId);
      }
      return ids;
    },
    after: async (minutes) => {
      it.vault.clock.move(minutes * MINUTE);
      await it.runner.settled();
    },
    newest,
    standing: async () => {
      const { state, reason } = await newest();
      return `${state} ${reason}`;
    },
    last: (ids) => Promise.all(ids.map(async (id) => (await it.history(id)).at(-1) ?? '')),
    sentBatches: () =>
      it.peer.received.filter(
        (envelope): envelope is EnvelopeOf<'inquiry.batch'> => envelope.kind === 'inquiry.batch',
      ),
    effectsOf: async () => it.peer.effects.get((await newest()).batchId) ?? 0,
    provisionRecords: async (ids) => {
      const rows = await it.vault.databases.owner.vault.run(
        'test.records',
        ({ raw }) => raw<ProvisionRecord[]>`
        select record_id as id, result_status as status from vault.info_provision_record
        where push_request_id = any (${[...ids]}::text[]) order by record_id`,
      );
      return rows.map(({ id, status }) => ({ id, status }));
    },
  };
}

/** Before each test of a file the other side answers at once and loses nothing, whatever it did in the one before. */
export function answersAtOnce({ peer }: Pushing): void {
  beforeEach(() => {
    [peer.status, peer.reason, peer.spoilt, peer.areResultsReady] = [
      'DONE',
      undefined,
      (lines) => lines,
      true,
    ];
    peer.endings.clear();
    peer.faults.length = 0;
    [peer.silentQuestions, peer.lostResults] = [0, 0];
  });
}
