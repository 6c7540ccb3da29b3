import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readEntryFile } from './entryFile.js';
import { writeMedium } from './medium.js';
import type { AskVault } from './vaultKeys.js';

/** `kuramori vault transfer …`: what an operator does for transfers on the vault's host (移管; handbook 13). */
export function registerTransferCommands(vault: Command, ask: AskVault): void {
  const transfer = vault.command('transfer').description('移管: transfers to the collection organization');
  const show: Show = async (command, input = {}) => {
    const answer = await ask(`transfer.${command}`, input);
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  };
  registerSettings(transfer, show);
  registerPackages(transfer, ask, show);
  registerCarries(transfer, show);
  registerIncoming(transfer, show);
}

type Show = (command: string, input?: Readonly<Record<string, unknown>>) => Promise<void>;

function registerSettings(transfer: Command, show: Show): void {
  transfer
    .command('setting <file>')
    .description('enter a setting (JSON: kind, validFrom, value) that two people have decided')
    .requiredOption('--person <id>', 'who enters it: the person who asked for the approval')
    .requiredOption('--approval <id>', 'the approval of a second person')
    .action((file: string, { person, approval }: { person: string; approval: string }) =>
      show('setting', { setting: readEntryFile(file), personId: person, approvalId: approval }),
    );
  transfer
    .command('settings')
    .description('every setting with who decided it, the newest first')
    .action(() => show('settings'));
  transfer
    .command('revoke-key <fingerprint> <reason>')
    .description('失効: nothing is sealed to a key of a recipient any more, from now on')
    .action((fingerprint: string, reason: string) => show('revokeKey', { fingerprint, reason }));
  transfer
    .command('keys')
    .description('what an organization registers of us: transfer key, key for results, fingerprints')
    .action(() => show('keys'));
}

function registerPackages(transfer: Command, ask: AskVault, show: Show): void {
  transfer
    .command('state <packageId>')
    .description('where a transfer stands')
    .action((packageId: string) => show('state', { packageId }));
  transfer
    .command('convert <packageId>')
    .description(
      '変換: let the contractor’s program of the profile make the recipient’s layout, before completion',
    )
    .action((packageId: string) => show('convert', { packageId }));
  transfer
    .command('seal <packageId>')
    .description('封緘: build the container of an assembled package; the vault does it by itself, too')
    .action((packageId: string) => show('seal', { packageId }));
  transfer
    .command('write-medium <packageId> <folder>')
    .description(
      'write a released package onto a medium, read it back, and tell the digest for its carry record',
    )
    .action(async (packageId: string, folder: string) => {
      const sealed = (await ask('transfer.medium', { packageId })) as { folder: string; sha256: string };
      const readBackDigest = await writeMedium(sealed.folder, folder, sealed.sha256);
      process.stdout.write(`readBackDigest  ${readBackDigest}\n`);
    });
  transfer
    .command('abort <packageId> <reason>')
    .description('中止: give a transfer up before its delivery')
    .action((packageId: string, reason: string) => show('abort', { packageId, reason }));
  transfer
    .command('round')
    .description('do now what the vault does by itself: seal, hand over, fetch receipts and results, erase')
    .action(() => show('round'));
}

function registerCarries(transfer: Command, show: Show): void {
  transfer
    .command('carry <file>')
    .description('持ち運び記録: enter that a medium leaves (JSON); - for standard input')
    .action((file: string) => show('carry', readEntryFile(file)));
  transfer
    .command('carried <file>')
    .description('enter what became of a medium: arrived, returned, destroyed, sealBroken, lost')
    .action((file: string) => show('carried', readEntryFile(file)));
}

function registerIncoming(transfer: Command, show: Show): void {
  transfer
    .command('receipt <packageId> <kind> <file>')
    .description('take a receipt (DELIVERY, ACCEPTANCE or ERASURE) that came as a file')
    .action((packageId: string, kind: string, file: string) =>
      show('receipt', { packageId, kind, signed: textIn(file).trim() }),
    );
  transfer
    .command('erasure-request <packageId>')
    .description(
      '消去依頼: the signed request to erase, to be sent with a letter; by HTTPS the vault sends it itself',
    )
    .action((packageId: string) => show('erasureRequest', { packageId }));
  transfer
    .command('result <sender> <folder>')
    .description('take a result package from a medium; the folder must be one that the vault can read')
    .action((sender: string, folder: string) => show('result', { sender, folder }));
}

function textIn(file: string): string {
  return readFileSync(file === '-' ? 0 : file, 'utf8');
}
