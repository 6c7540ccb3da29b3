import type { Command } from 'commander';
import type { ToldOpening } from '../vault/breakGlass/administration.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';

/** `kuramori vault break-glass seal | list`. @param out where the commands write */
export function registerBreakGlassCommands(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  const write = (lines: readonly string[]): void => void out.write(`${lines.join('\n')}\n`);
  const glass = vault
    .command('break-glass')
    .description('緊急時利用: sealed credentials, and the openings that wait for their review');
  glass
    .command('seal')
    .description(
      'make the code of a new envelope, shown once: print it, seal it, and forget it; the seal before it opens ' +
        'nothing any more',
    )
    .argument('<id>', 'what the envelope is labelled with, BG-…')
    .requiredOption('--seal <number>', 'number of the seal')
    .requiredOption('--by <id>', 'the chief officer or the audit officer who answers for it')
    .action(async (breakGlassId: string, { seal, by }: { seal: string; by: string }) => {
      const { code } = (await ask('breakGlass.seal', { breakGlassId, sealNo: seal, by })) as { code: string };
      write([code]);
    });
  glass
    .command('list')
    .description('the openings that wait for their review, the oldest first')
    .action(async () => write(openingRows((await ask('breakGlass.list')) as readonly ToldOpening[])));
}

function openingRows(openings: readonly ToldOpening[]): string[] {
  if (openings.length === 0) return ['No opening waits for its review.'];
  return tableOf([
    ['opening', 'credential', 'seal', 'state', 'opened by', 'with', 'at', 'uses', 'review by'],
    ...openings.map((opening) => [
      opening.opening,
      opening.breakGlassId,
      opening.sealNo,
      opening.state,
      opening.openedBy,
      opening.secondedBy,
      opening.openedAt,
      String(opening.uses),
      opening.reviewBy,
    ]),
  ]);
}
