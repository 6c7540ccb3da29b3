import { Option, type Command } from 'commander';
import { AUDIT_KINDS } from '../audit/record.js';
import { JAPAN_TIME_ZONE, plainDate, Temporal } from '../kernel/dates.js';
import { isVaultOperation } from '../kernel/vaultOperations.js';
import type { ToldEntry, ToldLog } from '../vault/logAdministration.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';

const PAGE_SIZE = 50;

interface LogFlags {
  readonly person?: string;
  readonly operation?: string;
  readonly reference?: string;
  readonly purpose?: string;
  readonly case?: string;
  readonly kind?: string;
  readonly decision?: string;
  readonly raised?: true;
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
  readonly size: string;
  readonly json?: true;
}

/** `kuramori vault log`. @param out where the command writes */
export function registerLogCommand(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  vault
    .command('log')
    .description('監査: a page of the vault’s log, newest first; the look itself is an entry of it')
    .option('--person <id>', 'of a person, or operator:NAME, system, unknown')
    .option('--operation <name>', 'such as reveal, or a coordinate such as Vault.open')
    .option('--reference <ref>', '保管庫参照')
    .option('--purpose <name>', '利用目的')
    .option('--case <id>', '事案')
    .addOption(new Option('--kind <kind>', '操作種別').choices(AUDIT_KINDS))
    .addOption(new Option('--decision <decision>', '判定').choices(['allow', 'refuse']))
    .option('--raised', 'only what is raised (注意喚起)')
    .option('--from <day>', 'from this day in Japan on, or an instant')
    .option('--to <day>', 'through this day in Japan, or before an instant')
    .option('--before <sequence>', 'only entries before this number: the next page')
    .option('--size <entries>', 'entries of the page', String(PAGE_SIZE))
    .option('--json', 'a JSON object on each line, with everything')
    .action(async (flags: LogFlags) => {
      const page = (await ask('log.read', filterOf(flags))) as ToldLog;
      const lines = flags.json === true ? page.entries.map((each) => JSON.stringify(each)) : linesOf(page);
      if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
    });
}

function filterOf(flags: LogFlags): Readonly<Record<string, unknown>> {
  const { person, operation, reference, purpose, kind, decision, raised, from, to, before } = flags;
  const given = {
    actorId: person,
    coordinate: isVaultOperation(operation) ? `Vault.${operation}` : operation,
    subject: reference,
    purpose,
    caseRef: flags.case,
    kind,
    decision,
    raised,
    from: from === undefined ? undefined : startOf(from, 0),
    to: to === undefined ? undefined : startOf(to, 1),
    before,
    size: Number(flags.size),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The instant at which a day in Japan begins, so many days later; an instant stays as it is. */
function startOf(text: string, daysLater: number): string {
  if (!DAY.test(text)) return text;
  return plainDate(text).add({ days: daysLater }).toZonedDateTime(JAPAN_TIME_ZONE).toInstant().toString();
}

function linesOf({ entries, next }: ToldLog): string[] {
  const rows = [
    ['number', 'at (Japan)', 'who', 'what', 'decision', 'reason', 'rows', 'about'],
    ...entries.map(rowOf),
  ];
  return [...tableOf(rows), ...(next === undefined ? [] : [`more: --before ${next}`])];
}

function rowOf(entry: ToldEntry): string[] {
  const { sequence, at, actorId, coordinate, decision, reason, rows, raised, subjects, subjectCount } = entry;
  const [first = ''] = subjects;
  const about = subjectCount > 1 ? `${first} and ${subjectCount - 1} more` : first;
  const told = raised ? `${decision} !` : decision;
  return [sequence, timeInJapan(at), actorId, coordinate, told, reason ?? '', String(rows), about];
}

function timeInJapan(at: string): string {
  const local = Temporal.Instant.from(at).toZonedDateTimeISO(JAPAN_TIME_ZONE).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace('T', ' ');
}
