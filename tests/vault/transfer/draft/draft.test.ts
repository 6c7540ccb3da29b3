import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TRANSFER_UPLOAD_IDLE_MS_MAX, TRANSFER_UPLOADS_MAX } from '../../../../src/kernel/limits.js';
import { writeCsv } from '../../../../src/protocol/transfer/csv.js';
import { LEDGER_FILE, TAXPAYER_FILE, TRANSFER_LAYOUT } from '../../../../src/protocol/transfer/layout.js';
import { completeDraft, openDraft } from '../../../../src/vault/transfer/draft/draft.js';
import { Uploads } from '../../../../src/vault/transfer/draft/uploads.js';
import { abortTransfer } from '../../../../src/vault/transfer/package/abort.js';
import { ledgerLine, taxpayer } from '../../../protocol/transfer/support.js';
import { datesOf } from '../../../../src/vault/transfer/due.js';
import {
  basis,
  caseNo,
  draftOf,
  ledgerCsv,
  putFile,
  round,
  taxpayerCsv,
  transferScene,
} from '../support/scene.js';

const scene = await transferScene();
const { transfers } = scene;
const { context, uploads } = transfers;
const BY = 'service:worker';

async function opened(own: Parameters<typeof draftOf>[0] = {}): Promise<string> {
  const draft = draftOf(own);
  await openDraft(context, draft, BY);
  return draft.draftId;
}

const complete = (packageId: string) => completeDraft(context, packageId, [], BY);
const ledgerOf = (...rows: ReturnType<typeof ledgerLine>[]) =>
  writeCsv(LEDGER_FILE, TRANSFER_LAYOUT[LEDGER_FILE], rows);

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

describe('a draft', () => {
  test('is opened once; the same again changes nothing, another under its id is refused', async () => {
    const draft = draftOf();
    const first = await openDraft(context, draft, BY);
    expect(await openDraft(context, { ...draft }, BY)).toEqual(first);
    await expect(openDraft(context, { ...draft, roundNo: 4 }, BY)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test.each([
    ['recipient', { recipient: '111112' }],
    ['profile', { profile: 'unheardOf' }],
    ['basis', { basis: ['unheardOf'] }],
  ])('with a %s that nobody has decided is refused', async (_, own) => {
    await expect(opened(own)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has the totals of the worked example (handbook 13 §2)', async () => {
    const packageId = await opened();
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(1));
    const { cases, totals } = await complete(packageId);
    expect(cases).toBe(1);
    expect(totals).toMatchObject({
      lines: 2,
      assessed: 165_600n,
      paid: 30_000n,
      reduced: 5_600n,
      unpaid: 130_000n,
    });
  });

  test('whose files are sent again has the later ones, and another digest', async () => {
    const packageId = await opened();
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(2));
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(2));
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(1));
    const { draftDigest } = await complete(packageId);
    expect((await complete(packageId)).draftDigest).toBe(draftDigest);
    expect((await scene.draft()).draftDigest).not.toBe(draftDigest);
  });

  test('that is complete takes no file any more', async () => {
    const { packageId } = await scene.draft();
    const late = putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('needs each file of its profile', async () => {
    const packageId = await opened();
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(1));
    await putFile(transfers, packageId, '05_contacts.csv', text(contactsHeading()));
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
  });

  test('is given up by a service while nobody has approved it, and by an operator afterwards', async () => {
    const { packageId, draftDigest } = await scene.draft();
    const before = new Set(['FROZEN']);
    const change = { by: BY, reason: '取下げ' };
    await scene.assembled({ packageId, draftDigest });
    await expect(abortTransfer(context, packageId, change, before)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await abortTransfer(context, packageId, change);
    await abortTransfer(context, packageId, change, before);
    const open = await opened();
    await abortTransfer(context, open, change, before);
    await expect(putFile(transfers, open, TAXPAYER_FILE, taxpayerCsv(1))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('a file of a draft', () => {
  test.each([
    [
      'whose unpaid amount does not follow',
      LEDGER_FILE,
      () => ledgerOf({ ...ledgerLine(caseNo(1), 1, 5n), unpaid: 4n }),
    ],
    [
      'whose lines are out of order',
      LEDGER_FILE,
      () => ledgerOf(ledgerLine(caseNo(1), 2, 5n), ledgerLine(caseNo(1), 1, 5n)),
    ],
    [
      'whose cases are out of order',
      LEDGER_FILE,
      () => ledgerOf(ledgerLine(caseNo(2), 1, 5n), ledgerLine(caseNo(1), 1, 5n)),
    ],
    ['with another heading', TAXPAYER_FILE, () => text('a,b\n')],
    [
      'that is no UTF-8',
      TAXPAYER_FILE,
      async function* () {
        yield Buffer.from([0xff]);
      },
    ],
    ['that ends in the middle of a row', TAXPAYER_FILE, () => text(contactsHeading().slice(0, -1))],
  ])('%s is rejected', async (_, name, make) => {
    const packageId = await opened();
    await expect(putFile(transfers, packageId, name, make())).rejects.toMatchObject({
      code: 'FILE_REJECTED',
    });
  });

  test('that names a case which the package does not hold is rejected with the whole', async () => {
    const packageId = await opened();
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await putFile(transfers, packageId, LEDGER_FILE, ledgerOf(ledgerLine(caseNo(2), 1, 5n)));
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'FILE_REJECTED' });
  });

  test('comes part after part, without gaps', async () => {
    const packageId = await opened();
    const part = (at: number) => uploads.part(packageId, TAXPAYER_FILE, at, Buffer.from('caseNo'));
    await expect(part(1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await part(0);
    await expect(part(2)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(uploads.end(packageId, TAXPAYER_FILE, 2, BY)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(uploads.part(packageId, '../etc', 0, Buffer.from(''))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await uploads.close();
  });

  test('is not begun anew while a part of it is being written', async () => {
    const packageId = await opened();
    const disk = Promise.withResolvers<void>();
    const slowSpool = {
      begin: async () => {
        const file = await context.spool.begin();
        const write = file.write.bind(file);
        file.write = (bytes) => disk.promise.then(() => write(bytes));
        return file;
      },
    } as unknown as typeof context.spool;
    const slow = new Uploads({ ...context, spool: slowSpool });
    const begin = () => slow.part(packageId, TAXPAYER_FILE, 0, Buffer.from('caseNo'));
    const begun = begin();
    await expect(begin()).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(slow.end(packageId, TAXPAYER_FILE, 1, BY)).rejects.toMatchObject({ code: 'CONFLICT' });
    disk.resolve();
    await begun;
    const files = () => readdirSync(join(scene.folder, 'spool')).length;
    const before = files();
    await Promise.allSettled([begin(), begin(), begin()]);
    expect(files()).toBe(before);
    await slow.close();
    expect(files()).toBe(before - 1);
  });

  test('finds no room beside so many others, however many begin at once, until one has been idle', async () => {
    const files = Object.keys(TRANSFER_LAYOUT).slice(0, 4);
    const drafts = await Promise.all(Array.from({ length: TRANSFER_UPLOADS_MAX / 4 }, () => opened()));
    const begin = (packageId: string, name: string) =>
      uploads.part(packageId, name, 0, Buffer.from('caseNo'));
    await Promise.all(drafts.slice(1).flatMap((each) => files.map((name) => begin(each, name))));
    const more = [drafts[0]!, await opened()].flatMap((each) => files.map((name) => begin(each, name)));
    const begun = await Promise.allSettled(more);
    const refused = begun.filter((each) => each.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(
      Array.from({ length: 4 }, () => 'TOO_MANY_REQUESTS'),
    );
    scene.vault.clock.move(TRANSFER_UPLOAD_IDLE_MS_MAX);
    await begin(await opened(), TAXPAYER_FILE);
    await expect(
      uploads.part(drafts[1]!, TAXPAYER_FILE, 1, Buffer.from('addresseeNo')),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await uploads.close();
  });

  test('says nothing of what stands in it', async () => {
    const packageId = await opened();
    const row = { ...taxpayer(caseNo(1)), name: '秘密の名\u0007' };
    const make = async function* () {
      yield* taxpayerCsv(0);
      yield Buffer.from(`${row.caseNo},X,${row.name},,,,住所,,,\n`);
    };
    await expect(putFile(transfers, packageId, TAXPAYER_FILE, make())).rejects.toSatisfy(
      (error: Error) => !error.message.includes('秘密'),
    );
  });
});

function contactsHeading(): string {
  return `${Object.keys(TRANSFER_LAYOUT['05_contacts.csv']).join(',')}\n`;
}

describe('what happens while a draft is completed', () => {
  async function whole(): Promise<string> {
    const packageId = await opened();
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(1));
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(1));
    return packageId;
  }

  test('of two who complete it at once, both hear the same', async () => {
    const packageId = await whole();
    const [one, other] = await Promise.all([complete(packageId), complete(packageId)]);
    expect(one).toEqual(other);
  });

  test('a file that came after the counting voids it', async () => {
    const packageId = await whole();
    const { database } = context;
    const meanwhile: typeof database = {
      run: (statement, work) => database.run(statement, work),
      close: () => database.close(),
      transaction: async (name, work) => {
        if (name === 'vault.transfer.complete')
          await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(1));
        return database.transaction(name, work);
      },
    };
    const counting = completeDraft({ ...context, database: meanwhile }, packageId, [], BY);
    await expect(counting).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(complete(packageId)).resolves.toMatchObject({ cases: 1 });
  });
});

describe('settings of a draft', () => {
  test('name no basis of another recipient', async () => {
    const setting = basis('others', false) as { value: object };
    await scene.enter({ ...setting, value: { ...setting.value, recipient: '111112' } });
    await expect(opened({ basis: ['plain', 'others'] })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('may have a last day; without a round in force no day follows', async () => {
    await scene.enter({ ...round(), validTo: '2027-03-31' });
    const { packageId } = await scene.released('MEDIUM');
    const day = (at: string) => ({ step: 1, state: 'DELIVERED', at, by: 'vault', reason: '' }) as const;
    expect(await datesOf(context, packageId, [day('2026-11-22T05:00:00Z')])).toHaveProperty(
      'acceptanceDueOn',
    );
    const before = { ...context, clock: { now: () => context.clock.now().subtract({ hours: 24 * 400 }) } };
    expect(await datesOf(before, packageId, [day('2026-11-22T05:00:00Z')])).toEqual({});
  });
});
