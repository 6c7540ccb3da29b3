import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messagesOf, recordsOf } from '../../../../src/reference/intermediary/body.js';
import { look, receive } from '../../../../src/reference/intermediary/receive.js';
import { BODIES } from '../../../../src/reference/intermediary/seed.js';
import { enrol, opened, SENDER, type Opened } from '../support/exchange.js';
import { ownFolder } from '../support/folder.js';
import { accountLine, bodyOf } from '../support/linkage.js';

const folder = ownFolder();
const { municipality, registry } = BODIES;
/** The journals that an inquiry writes, in the order of its commits: received, permitted, provided, answered. */
const JOURNALS = ['network', registry.bodyCode, municipality.bodyCode] as const;

const journal = (data: string, name: string) => join(data, name, 'journal.jsonl');
const linesOf = (data: string, name: string) =>
  readFileSync(journal(data, name), 'utf8').split('\n').length - 1;

/** Cuts the last lines of a journal off, as if they had never been written. */
function cut(data: string, name: string, lines: number): void {
  const kept = readFileSync(journal(data, name), 'utf8').split('\n').slice(0, lines);
  writeFileSync(journal(data, name), kept.map((line) => `${line}\n`).join(''));
}

const providerOf = ({ exchange }: Opened) => exchange.bodies.get(registry.bodyCode)!;

describe('an inquiry whose server is killed after any of its commits', () => {
  test('is gone on with at the next start: the same answer, one provision, one record on each side', async () => {
    const data = join(folder, 'whole');
    const before = await opened(data);
    await enrol(before);
    await before.exchange.close();
    const begun = Object.fromEntries(JOURNALS.map((name) => [name, linesOf(data, name)]));

    const first = await opened(data);
    const envelope = SENDER.envelope('inquiry', accountLine());
    const answer = await receive(first.exchange, first.municipality, envelope);
    expect(bodyOf(answer, 'inquiry').outcome).toBe('OK');
    await first.exchange.close();

    /** What is left of each journal after 1, 2, 3 commits: the answer is the municipality's second. */
    const crashes = [
      { network: 0, provider: 0 },
      { network: 1, provider: 0 },
      { network: 1, provider: 1 },
    ];
    for (const [at, { network, provider }] of crashes.entries()) {
      const crashed = join(folder, `crashed-${at}`);
      cpSync(data, crashed, { recursive: true });
      cut(crashed, 'network', begun['network']! + network);
      cut(crashed, registry.bodyCode, begun[registry.bodyCode]! + provider);
      cut(crashed, municipality.bodyCode, begun[municipality.bodyCode]! + 1);
      const again = await opened(crashed);
      expect(await look(again.exchange, again.municipality, envelope.messageId)).toEqual(answer);
      expect(recordsOf(again.municipality).size).toBe(1);
      expect(recordsOf(providerOf(again)).size).toBe(1);
      await again.exchange.close();
    }
  });

  test('and before the first of them it never was', async () => {
    const data = join(folder, 'never');
    const open = await opened(data);
    await enrol(open);
    const envelope = SENDER.envelope('inquiry', accountLine());
    expect(await look(open.exchange, open.municipality, envelope.messageId)).toBeUndefined();
    await receive(open.exchange, open.municipality, { ...envelope, basis: 'altered' });
    expect(messagesOf(open.municipality).size).toBe(0);
    await open.exchange.close();
  });
});
