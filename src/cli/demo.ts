import { InvalidArgumentError, Option, type Command } from 'commander';
import { buildDemonstration, type DemonstrationSummary } from '../demonstration/build.js';
import { writeDemonstrationFiles } from '../demonstration/files/write.js';
import { PEOPLE_MIN } from '../demonstration/municipality.js';
import { plainDate, type IsoDate } from '../kernel/dates.js';
import { DEMONSTRATION_PEOPLE_MAX } from '../kernel/limits.js';
import { withRecords } from './house/records.js';

export const DEMONSTRATION_PEOPLE_DEFAULT = 2_000;
export const DEMONSTRATION_SEED_DEFAULT = 1;
/** The day that is today in the demonstration when none is named. */
export const DEMONSTRATION_DATE_DEFAULT: IsoDate = '2026-11-01';

const PROGRESS_PEOPLE = 5_000;

interface Chosen {
  readonly seed: number;
  readonly date: IsoDate;
}

/** `kuramori demo` and `kuramori demo files DIR`. */
export function registerDemoCommands(program: Command): void {
  const demo = program
    .command('demo')
    .description('fill an empty records database with the demonstration municipality, as its owner')
    .option(
      '--people <number>',
      `residents, ${PEOPLE_MIN} to ${DEMONSTRATION_PEOPLE_MAX}`,
      wholeNumber,
      DEMONSTRATION_PEOPLE_DEFAULT,
    )
    .addOption(seedOption())
    .addOption(dateOption())
    .action(async (chosen: Chosen & { readonly people: number }) => fill(chosen));
  demo
    .command('files')
    .description(
      'write an assessment file, two bank-day files and expected.json for the demonstration municipality',
    )
    .argument('<folder>', 'where the files go; made when missing')
    .action(async (folder: string, _: unknown, command: Command) =>
      writeFiles(folder, command.optsWithGlobals<Chosen>()),
    );
}

async function fill(chosen: Chosen & { readonly people: number }): Promise<void> {
  let shown = 0;
  const summary = await withRecords(process.env, 'owner', (database) =>
    buildDemonstration(database, {
      people: chosen.people,
      seed: chosen.seed,
      referenceDate: plainDate(chosen.date),
      onProgress: (residents) => {
        if (residents - shown < PROGRESS_PEOPLE) return;
        shown = residents;
        process.stdout.write(
          `${residents.toLocaleString('en')} of ${chosen.people.toLocaleString('en')} residents …\n`,
        );
      },
    }),
  );
  process.stdout.write(summaryText(summary));
}

async function writeFiles(folder: string, chosen: Chosen): Promise<void> {
  const options = { seed: chosen.seed, referenceDate: plainDate(chosen.date) };
  const expected = await withRecords(process.env, 'owner', (database) =>
    writeDemonstrationFiles(database, folder, options),
  );
  const names = [expected.levies, ...expected.receipts].map(
    ({ name, count }) => `${name} (${count} records)`,
  );
  process.stdout.write(`Written: ${[...names, 'expected.json'].join(', ')}\n`);
}

/** Rows by table, the largest first. */
function summaryText(summary: DemonstrationSummary): string {
  const lines = Object.entries(summary)
    .toSorted(([, a], [, b]) => b - a)
    .map(([table, rows]) => `${rows.toLocaleString('en').padStart(12)}  ${table}\n`);
  return `The demonstration municipality is filled:\n${lines.join('')}`;
}

function seedOption(): Option {
  return new Option('--seed <number>', 'the same seed makes the same municipality')
    .argParser(wholeNumber)
    .default(DEMONSTRATION_SEED_DEFAULT);
}

function dateOption(): Option {
  return new Option('--date <day>', 'the day that is today in the demonstration').default(
    DEMONSTRATION_DATE_DEFAULT,
  );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0.');
  return Number(text);
}
