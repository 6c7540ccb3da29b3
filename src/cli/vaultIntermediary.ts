import type { Command } from 'commander';
import type { ListOf } from '../protocol/intermediary/lists.js';
import type { IntermediaryStatus, ToldBatch } from '../vault/push/administration.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';

interface RecordFlags {
  readonly from: string;
  readonly to: string;
  readonly as: string;
  readonly after?: string;
  readonly json?: true;
}

/** `kuramori vault intermediary status | batches | records`. @param out where the commands write */
export function registerIntermediaryCommands(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  const intermediary = vault
    .command('intermediary')
    .description('中間サーバー: what the server says of itself, batches of ours, records of provision');
  const write = (lines: readonly string[]): void => void out.write(`${lines.join('\n')}\n`);
  intermediary
    .command('status')
    .description('接続確認: versions, signing keys, counts and notices of the server')
    .action(async () => write(statusLines((await ask('intermediary.status')) as IntermediaryStatus)));
  intermediary
    .command('batches')
    .description('一括照会: the newest batches, and how far they are')
    .action(async () => write(batchRows((await ask('intermediary.batches')) as readonly ToldBatch[])));
  intermediary
    .command('records')
    .description(
      '情報提供等記録: a page of what was inquired and provided, by days in Japan; the look itself is logged',
    )
    .requiredOption('--from <day>', 'from this day on, YYYY-MM-DD')
    .requiredOption('--to <day>', 'through this day')
    .requiredOption('--as <person>', 'on whose behalf; the server must know the person')
    .option('--after <record>', 'only records after this one: the next page')
    .option('--json', 'a JSON object on each line, with everything')
    .action(async ({ as: personId, json, ...range }: RecordFlags) => {
      const page = (await ask('intermediary.records', { personId, ...range })) as ListOf<'provision-records'>;
      const lines = json === true ? page.records.map((each) => JSON.stringify(each)) : recordRows(page);
      if (lines.length > 0) write(lines);
    });
}

function statusLines(status: IntermediaryStatus): readonly string[] {
  const { protocol, layoutVersions, ownLayoutVersion, fits, keys, counts, notices } = status;
  return [
    `protocol   ${protocol}`,
    `layouts    ${layoutVersions.join(' ')}; ours is ${ownLayoutVersion}`,
    `fits       ${fits ? 'yes' : 'no: the server does not take what the vault sends'}`,
    ...tableOf([['key', 'since'], ...keys.map(({ keyId, since }) => [keyId, since])]),
    ...tableOf([
      ['message/status', 'count'],
      ...Object.entries(counts).map(([name, count]) => [name, String(count)]),
    ]),
    ...notices.map(({ noticeId, from, to, text }) => `notice     ${noticeId} ${from} to ${to}: ${text}`),
  ];
}

function batchRows(batches: readonly ToldBatch[]): readonly string[] {
  return tableOf([
    ['batch', 'state', 'reason', 'lines', 'sent', 'formed', 'changed', 'next'],
    ...batches.map((batch) => [
      batch.batchId,
      batch.state,
      batch.reason,
      String(batch.lineCount),
      String(batch.attempt),
      batch.formedAt,
      batch.changedAt,
      batch.nextAttemptAt ?? '',
    ]),
  ]);
}

function recordRows({ records, next }: ListOf<'provision-records'>): readonly string[] {
  const rows = records.map((record) => [
    record.recordId,
    record.side,
    record.requestedAt,
    record.inquirerName,
    record.providerName,
    record.procedureCode,
    record.resultStatus,
    record.nonDisclosure ? 'yes' : '',
    record.keptThrough,
  ]);
  const heading = [
    'record',
    'side',
    'requested',
    'inquirer',
    'provider',
    'procedure',
    'status',
    'hidden',
    'kept to',
  ];
  return [...tableOf([heading, ...rows]), ...(next === undefined ? [] : [`more: --after ${next}`])];
}
