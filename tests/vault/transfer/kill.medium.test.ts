import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LEDGER_FILE, TAXPAYER_FILE } from '../../../src/protocol/transfer/layout.js';
import { transferHouse, type Typed } from './support/house.js';
import { draftOf, ledgerCsv, taxpayerCsv } from './support/scene.js';

const house = await transferHouse();
const operator = (...args: readonly string[]) => house.kuramori('vault', 'transfer', ...args);
const medium = join(house.home, 'dvd');
mkdirSync(medium);

/** A package from its rows to the seal; nobody kills anything meanwhile. */
async function sealed(): Promise<{ packageId: string; draftDigest: string; ciphertextSha256: string }> {
  const draft = draftOf({ profile: 'short' });
  const { draftId: packageId } = draft;
  const client = house.transferVault();
  await client.openDraft(draft);
  await client.putFile(packageId, TAXPAYER_FILE, taxpayerCsv(2));
  await client.putFile(packageId, LEDGER_FILE, ledgerCsv(2));
  const { draftDigest } = await client.completeDraft(packageId);
  const sign = await house.people.assembly({ packageId, draftDigest });
  await house.people.operate(await sign());
  const { said } = await operator('seal', packageId);
  return { packageId, draftDigest, ciphertextSha256: (JSON.parse(said) as { sha256: string }).sha256 };
}

/** A command that is typed again after its vault was killed on either side of a commit. */
async function survives(statement: string, command: () => Promise<Typed>, value = ''): Promise<string> {
  for (const when of ['before', 'after'] as const) {
    const died = await house.killedAt({ statement, value, when }, command);
    expect(died).toMatchObject({ status: 'fulfilled' });
    expect(died.status === 'fulfilled' && died.value.code).not.toBe(0);
  }
  const done = await command();
  expect(done).toMatchObject({ code: 0 });
  return done.said;
}

/** A file that an operator enters. */
function entry(name: string, content: object | string): string {
  const file = join(house.home, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('a vault that is killed by SIGKILL', { timeout: 60_000 }, () => {
  test('while a medium is on its way has one carry record, one receipt, and each event once', async () => {
    const { packageId, draftDigest, ciphertextSha256 } = await sealed();
    const release = { packageId, draftDigest, ciphertextSha256, way: 'MEDIUM' } as const;
    await house.people.operate(await (await house.people.release(release))());
    expect(await operator('write-medium', packageId, medium)).toEqual({
      code: 0,
      said: `readBackDigest  ${ciphertextSha256}\n`,
    });
    const leaves = entry('carry.json', {
      packageId,
      mediumType: 'DVD_R',
      serialNo: 'DVD-1',
      label: '移管',
      sealNo: 'S-1',
      caseLockNo: 'L-1',
      writtenAt: '2026-11-22T04:00:00Z',
      writtenBy: 'P-1029',
      readBackDigest: ciphertextSha256,
      firstCarrier: 'P-1029',
      secondCarrier: 'OFFICER-1',
      purpose: '搬送',
      fromPlace: '市役所',
      toPlace: '機構',
      transport: '公用車',
      leftAt: '2026-11-22T05:00:00Z',
      expectedAt: '2026-11-22T07:00:00Z',
    });
    const said = await survives('insert into vault.transfer_carry (', () => operator('carry', leaves));
    const { carryId } = JSON.parse(said) as { carryId: string };
    expect(await house.rows('select carry_id as "carryId" from vault.transfer_carry')).toEqual([{ carryId }]);

    const arrived = entry('arrived.json', { carryId, kind: 'arrived', details: { receivedBy: '受付' } });
    await survives('insert into vault.transfer_carry_event', () => operator('carried', arrived));
    const other = entry('other.json', { carryId, kind: 'arrived', details: { receivedBy: '夜間受付' } });
    expect((await operator('carried', other)).said).toContain('CONFLICT');

    const carriage = {
      medium: 'DVD_R',
      mediumSerialNo: 'DVD-1',
      seal: 'INTACT',
      receivedBy: '受付',
    } as const;
    const folder = join(medium, `TRANSFER-${packageId}`);
    const receipt = entry('delivery.jws', await house.organization.takeFromMedium(folder, carriage));
    const taking = () => operator('receipt', packageId, 'DELIVERY', receipt);
    await survives('insert into vault.transfer_receipt', taking);
    expect(await house.rows('select kind from vault.transfer_receipt')).toEqual([{ kind: 'DELIVERY' }]);
    expect(house.held()).toEqual([packageId]);
    const events = await house.rows(`
      select coordinate, count(*)::integer as times from audit.entry
      where coordinate in ('Carry.leave', 'Carry.arrived', 'Transfer.delivery') and decision = 'allow'
      group by 1 order by 1`);
    expect(events).toEqual([
      { coordinate: 'Carry.arrived', times: 1 },
      { coordinate: 'Carry.leave', times: 1 },
      { coordinate: 'Transfer.delivery', times: 1 },
    ]);
  });

  test('while a transfer is given up, and while what is left of it is erased, leaves nothing behind', async () => {
    const { packageId } = await sealed();
    expect(house.packages()).toContain(`TRANSFER-${packageId}`);
    await survives(
      'insert into vault.transfer_state',
      () => operator('abort', packageId, '取下げ'),
      'ABORTED',
    );
    await survives('insert into vault.transfer_erasure', () => operator('round'));
    expect(house.packages()).not.toContain(`TRANSFER-${packageId}`);
    expect(house.spool()).toEqual([]);
    expect(await house.rows('select package_id as id from vault.transfer_erasure')).toEqual([
      { id: packageId },
    ]);
    const [next] = await house.rows<{ n: number }>(
      `select count(*)::integer as n from vault.transfer_state where state = 'ABORTED'`,
    );
    expect(next).toEqual({ n: 1 });
  });
});
