import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { loadNumbers, type NumbersLoaded } from '../exchange/load/loadNumbers.js';
import { systemClock } from '../kernel/clock.js';
import { isKuramoriError } from '../kernel/errors.js';
import { consoleHouse, LOAD_EXIT, startLoadProgress, type LoadHouse, type LoadTerminal } from './loads.js';

/**
 * `kuramori numbers load FILE`.
 * @param house where the records are and who loads
 */
export function registerNumbersCommand(
  program: Command,
  house: LoadHouse = consoleHouse(process.env),
  terminal: LoadTerminal = { out: process.stdout, setExitCode: (code) => (process.exitCode = code) },
): void {
  program
    .command('numbers')
    .description('references of individual numbers')
    .command('load <file>')
    .description(
      '一括登録の結果を取り込む (load the result file of kuramori vault register: references, never a number); ' +
        'a reference that is here is not changed',
    )
    .requiredOption('--as <staff>', '職員番号 (staff id of the person who loads)')
    .action((path: string, { as: staffId }: { readonly as: string }) => {
      const request = { kind: 'numbers', staffId, requestId: randomUUID(), clock: systemClock } as const;
      return house(request, async (environment) => {
        const progress = startLoadProgress(terminal.out);
        try {
          const { clock, requestId } = request;
          const options = { ...environment, clock, path, requestId, onProgress: progress.report };
          const loaded = await loadNumbers(options);
          progress.stop();
          write(terminal, linesOf(loaded));
          terminal.setExitCode(loaded.refusedLines.length > 0 ? LOAD_EXIT.setAside : LOAD_EXIT.loaded);
        } catch (error) {
          progress.stop();
          if (!isKuramoriError(error, 'FILE_REJECTED')) throw error;
          const { faults } = error.facts;
          write(terminal, [
            '取込拒否 refused',
            error.message,
            ...(Array.isArray(faults) ? faults.map(String) : []),
          ]);
          terminal.setExitCode(LOAD_EXIT.refused);
        }
      });
    });
}

function linesOf({ kept, unchanged, refused, refusedLines }: NumbersLoaded): readonly string[] {
  return [
    `kept       ${kept}`,
    `unchanged  ${unchanged}`,
    ...Object.entries(refused).map(([rule, lines]) => `refused    ${lines} (${rule})`),
    ...refusedLines.map(({ lineNo, rule }) => `line ${lineNo}: ${rule}`),
  ];
}

function write({ out }: LoadTerminal, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`);
}
