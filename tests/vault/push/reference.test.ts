import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  decideProvisionRequest,
  deleteCopiesRequest,
  newPushRequestId,
  pendingProvisionsRequest,
  registerCopiesRequest,
  type OperationContext,
  type SignedOperation,
} from '../../../src/client/index.js';
import { houseCertificates } from '../../../src/cli/house/certificates.js';
import { readIntermediaryConfiguration } from '../../../src/config/intermediary.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { MESSAGE_KINDS } from '../../../src/protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../../src/protocol/intermediary/registeredAccount.js';
import type { FaultKind } from '../../../src/reference/intermediary/faults.js';
import { BODIES, LAYOUTS, TAX_INFORMATION } from '../../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../../src/reference/intermediary/seedPeople.js';
import { startIntermediary } from '../../../src/reference/intermediary/start.js';
import { IntermediaryHttp } from '../../../src/vault/intermediary/http.js';
import { openIntermediaryLink } from '../../../src/vault/intermediary/link.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import {
  intermediaryAdministration,
  type IntermediaryStatus,
} from '../../../src/vault/push/administration.js';
import { temporaryFolder } from '../keys/support/vault.js';
import type { ListOf } from '../../../src/protocol/intermediary/lists.js';
import { done } from '../operation/support/two.js';
import type { TestPerson } from '../operation/support/vault.js';
import { entriesOf } from '../transfer/support/log.js';
import { pushing } from './support/pushing.js';

const GIVER = 'P-3001';

/** The vault against the reference intermediary server, over its network. */
const home = temporaryFolder();
const { caFile, intermediary, vaultClient } = await houseCertificates(home, systemClock);
type GivingSaid = OperationContext & { readonly stepUp: string; readonly messageId: string };
const MINUTE = 60_000;

const { bodyCode, name, systemId } = BODIES.municipality;
const clerkOfTheVault = {
  bodyCode,
  personId: 'P-1029',
  unitCode: 'nozei',
  kinds: [...MESSAGE_KINDS],
  procedureCodes: [REGISTERED_ACCOUNT.procedureCode],
  validFrom: '2020-04-01',
  validTo: '2039-12-31',
};
const server = await startIntermediary({
  ...readIntermediaryConfiguration({
    KURAMORI_INTERMEDIARY_PORT: '0',
    KURAMORI_INTERMEDIARY_DATA: join(home, 'intermediary'),
    KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
    KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
    KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
    KURAMORI_INTERMEDIARY_LINKAGES: `vault=${bodyCode}`,
    KURAMORI_INTERMEDIARY_LOG_LEVEL: 'silent',
  }),
  staff: [clerkOfTheVault, { ...clerkOfTheVault, personId: GIVER }],
  testControl: true,
});
const settings = {
  url: server.address,
  key: readFileSync(vaultClient.keyFile, 'utf8'),
  certificate: readFileSync(vaultClient.certificateFile, 'utf8'),
  ca: readFileSync(caFile, 'utf8'),
  bodyCode,
  bodyName: name,
  systemId,
  layoutVersion: LAYOUTS.at(-1)!.version,
};
const control = new IntermediaryHttp(settings, 5_000);
const it = await pushing((ownKeys) => openIntermediaryLink(settings, ownKeys, 5_000));
const { vault, runner } = it;
afterAll(async () => {
  control.close();
  await runner.stop();
  await server.stop();
});

const steer = async (path: string, said: unknown) => {
  const body = Buffer.from(JSON.stringify(said));
  expect(await control.call({ method: 'PUT', path, body })).toMatchObject({ status: 200 });
};
const inStep = () => steer('/control/clock', { now: new Date(vault.clock.ms()).toISOString() });
const faults = (...kinds: FaultKind[]) =>
  steer('/control/faults', { faults: kinds.map((fault) => ({ fault })), outages: [] });
const after = async (minutes: number) => {
  vault.clock.move(minutes * MINUTE);
  await inStep();
  await runner.settled();
};
beforeEach(inStep);

/** Numbers by pattern, one for each person. */
const NUMBERS = ['123456789018', '135792468015', '202020202000', '111111111118', '222222222226'] as const;
let people = 0;
let refunds = 0;
const person = async (unifiedAddresseeNo: string) => ({
  unifiedAddresseeNo,
  ref: await it.register(NUMBERS[(people += 1) - 1] ?? '', unifiedAddresseeNo),
});
const registered = await person(PEOPLE.accountRegistered);
const withoutCode = await person(PEOPLE.codeNotAcquired);
const withoutAccount = await person(PEOPLE.accountNotRegistered);
const neverAcquired = await person('000000000009999');
const inquired = async ({ ref, unifiedAddresseeNo }: typeof registered, holderKana = 'クラモリ ハナコ') => {
  const refundId = `RF-${(refunds += 1)}`;
  const { pushRequestId, answer } = await it.inquire(ref, unifiedAddresseeNo, refundId, { holderKana });
  done(answer);
  await runner.settled();
  return { refundId, pushRequestId };
};
/** Asks for accounts by one message. */
const batched = async (of = [registered, withoutAccount, neverAcquired]) => {
  const ids: string[] = [];
  for (const { ref, unifiedAddresseeNo } of of) {
    const refundId = `RF-${(refunds += 1)}`;
    const said = { holderKana: 'クラモリ ハナコ', batch: true } as const;
    const { pushRequestId, answer } = await it.inquire(ref, unifiedAddresseeNo, refundId, said);
    done(answer);
    ids.push(pushRequestId);
  }
  return ids;
};
const last = async (pushRequestId: string) => (await it.history(pushRequestId)).at(-1);

describe('against the reference intermediary server', () => {
  test('an account is obtained, and compared with the taxpayer', async () => {
    const { refundId, pushRequestId } = await inquired(registered);
    expect(await it.history(pushRequestId)).toEqual(['ACCEPTED ACCEPTED', 'SENDING TRANSMITTING', 'DONE OK']);
    const [row] = await vault.databases.owner.vault.run(
      'test.account',
      ({ raw }) => raw`select holder_matches from vault.refund_account where refund_id = ${refundId}`,
    );
    expect(row).toEqual({ holder_matches: true });
  });

  test('no registered account is no data, and ends well', async () => {
    expect(await last((await inquired(withoutAccount)).pushRequestId)).toBe('DONE NO_DATA');
  });

  test('without a code an inquiry is refused; once it is acquired, it is answered', async () => {
    const before = await inquired(withoutCode);
    expect(await last(before.pushRequestId)).toBe('REFUSED CODE_NOT_ACQUIRED');
    const { ref, unifiedAddresseeNo } = withoutCode;
    const { pushRequestId } = await it.acquire(ref, unifiedAddresseeNo);
    await runner.settled();
    expect(await last(pushRequestId)).toBe('PENDING WAITING');
    for (const minutes of [1, 2, 4, 8, 15]) await after(minutes);
    expect(await last(pushRequestId)).toBe('DONE OK');
    expect(await last((await inquired(withoutCode)).pushRequestId)).toBe('DONE OK');
  });

  test.each(['dropAfter', 'halfWritten', 'corrupt', 'duplicate', 'unavailable', 'dropBefore'] as const)(
    'a message that meets %s ends well',
    async (fault) => {
      await faults(fault);
      const { pushRequestId } = await inquired(registered);
      for (const minutes of [1, 2, 4]) await after(minutes);
      expect(await last(pushRequestId)).toBe('DONE OK');
      await faults();
    },
  );

  test('a batch is partly answered, each line by what became of it', async () => {
    const ids = await batched();
    await after(10);
    expect(await Promise.all(ids.map(last))).toEqual(ids.map(() => 'PENDING WAITING'));
    await after(1);
    expect(await Promise.all(ids.map(last))).toEqual([
      'DONE OK',
      'DONE NO_DATA',
      'REFUSED CODE_NOT_ACQUIRED',
    ]);
  });

  test.each(['missingLine', 'unknownLine', 'unknownStatus'] as const)(
    'a batch is set aside whole when its results meet %s',
    async (fault) => {
      const ids = await batched();
      await after(10);
      // The first question is met by a delay of nothing, the fetch of the results by the fault.
      await steer('/control/faults', { faults: [{ fault: 'delay', ms: 0 }, { fault }], outages: [] });
      await after(1);
      expect(await Promise.all(ids.map(last))).toEqual(ids.map(() => 'FAILED QUARANTINED'));
      await faults();
    },
  );

  test.each(['dropAfter', 'halfWritten', 'corrupt', 'duplicate', 'unavailable', 'dropBefore'] as const)(
    'a batch that meets %s ends well',
    async (fault) => {
      await faults(fault);
      const [id] = await batched([registered]);
      await after(10);
      for (const minutes of [1, 1, 2, 4]) await after(minutes);
      expect(await last(id ?? '')).toBe('DONE OK');
      await faults();
    },
  );

  test('a batch waits while the registry is out, and goes through once after it', async () => {
    await steer('/control/faults', { faults: [], outages: [REGISTERED_ACCOUNT.providerBodyCode] });
    const [id] = await batched([registered]);
    await after(10);
    for (const minutes of [1, 2]) await after(minutes);
    expect(await last(id ?? '')).toBe('PENDING WAITING');
    await faults();
    await after(4);
    expect(await last(id ?? '')).toBe('DONE OK');
  });

  test('a new signing key is made known by the old one before it is used', async () => {
    await startRotation(vault.context, 'intermediary');
    expect(await last((await inquired(registered)).pushRequestId)).toBe('DONE OK');
  });

  test('a new key of the server is fetched, and its answers are taken', async () => {
    const rotated = await control.call({
      method: 'POST',
      path: '/control/key-rotation',
      body: Buffer.from('{}'),
    });
    expect(rotated).toMatchObject({ status: 200 });
    expect(await last((await inquired(registered)).pushRequestId)).toBe('DONE OK');
  });
});

describe('the reference server as an operator sees it', () => {
  const handlers = intermediaryAdministration(vault.context);
  const asked = (command: string, input = {}) => handlers[command]!(input, 'keiri');

  test('speaks the protocol and the layout of the vault, and counts what it did', async () => {
    await inquired(registered);
    const status = (await asked('intermediary.status')) as IntermediaryStatus;
    expect(status).toMatchObject({ fits: true, ownLayoutVersion: settings.layoutVersion });
    expect(status.keys.map(({ keyId }) => keyId)).toContain('IK-1');
    expect(status.counts['inquiry/DONE']).toBeGreaterThan(0);
    expect(status.notices.map(({ noticeId }) => noticeId)).toEqual(['OSR-0002']);
  });

  test('has a record of each inquiry, which is the one of the vault', async () => {
    const { pushRequestId } = await inquired(registered);
    const [ours] = await vault.databases.owner.vault.run(
      'test.record',
      ({ raw }) => raw<{ permission: string }[]>`
      select permission_id as permission from vault.info_provision_record where push_request_id = ${pushRequestId}`,
    );
    const range = { from: '2026-11-01', to: '2026-12-31', personId: 'P-1029' };
    const { records } = (await asked('intermediary.records', range)) as ListOf<'provision-records'>;
    const theirs = records.find(({ permissionId }) => permissionId === ours?.permission);
    expect(theirs).toMatchObject({ side: 'INQUIRER', inquirerBodyCode: bodyCode, resultStatus: '01' });
    const after = records[0]!.recordId;
    const rest = (await asked('intermediary.records', { ...range, after })) as ListOf<'provision-records'>;
    expect(rest.records).toHaveLength(records.length - 1);
  });

  test('shows records to nobody whom it does not know', async () => {
    await vault.person('P-4040', ['push']);
    const range = { from: '2026-11-01', to: '2026-12-31', personId: 'P-4040' };
    await expect(asked('intermediary.records', range)).rejects.toMatchObject({ code: 'FORBIDDEN_PURPOSE' });
    const [refusal] = (await entriesOf(vault, 'Vault.provisionRecords')).slice(-1);
    expect(refusal).toMatchObject({ decision: 'refuse', reason: 'FORBIDDEN_PURPOSE' });
  });
});

describe('what is given to the reference server', () => {
  const operations = ['registerCopies', 'deleteCopies', 'decideProvision', 'listPendingProvisions'];
  const giving = async (make: (giver: TestPerson, said: GivingSaid) => Promise<SignedOperation>) => {
    const stepUp = await vault.stepUp(giver);
    await inStep();
    const messageId = newPushRequestId(vault.clock.ms);
    return vault.run(await make(giver, { ...giver.context, stepUp, messageId }));
  };
  let giver: TestPerson;
  beforeAll(async () => {
    giver = await vault.person(GIVER, operations);
    const { vault: owner } = vault.databases.owner;
    await owner.run(
      'test.on',
      ({ raw }) => raw`
      insert into vault.legal_basis (basis, purpose, valid_from, provision)
      values ('NUMBER-ACT-19-8', 'INFORMATION_PROVISION', '2026-04-01', '番号法第19条第8号')`,
    );
    await owner.run(
      'test.on',
      ({ raw }) => raw`
      insert into vault.provision_switch
        (is_on, basis, first_approval, second_approval, reason, switched_by, switched_at)
      values (true, 'NUMBER-ACT-19-8', 'AP-1', 'AP-2', '試行', 'P-1', now())`,
    );
  });

  test('copies take the place of lower versions, and are there to be deleted', async () => {
    const { ref, unifiedAddresseeNo } = registered;
    const copyOf = (version: number) => ({
      ref,
      recordId: 'C-1001',
      unifiedAddresseeNo,
      informationNameCode: TAX_INFORMATION.informationNameCode,
      version,
      publishedFrom: '2026-06-01',
      publishedTo: '2027-05-31',
      autoAnswerForbidden: false,
      nonDisclosure: false,
      items: { [TAX_INFORMATION.items.income]: '3200000' },
    });
    const registers = async (version: number) =>
      done(
        await giving(({ key }, said) => registerCopiesRequest(key, { ...said, copies: [copyOf(version)] })),
      );
    for (const [version, result] of [
      [2, 'REGISTERED'],
      [3, 'REGISTERED'],
      [2, 'VERSION_NOT_NEWER'],
      [3, 'DUPLICATE_RECORD'],
    ] as const)
      expect(await registers(version)).toMatchObject({
        state: 'DONE',
        copies: [{ recordId: 'C-1001', result }],
      });
    const deletes = async () =>
      done(
        await giving(({ key }, said) =>
          deleteCopiesRequest(key, { ...said, copies: [{ ref, recordId: 'C-1001' }] }),
        ),
      );
    expect(await deletes()).toMatchObject({ state: 'DONE', reason: 'OK' });
    expect(await deletes()).toMatchObject({ reason: 'PARTIAL', copies: [{ result: 'NOT_FOUND' }] });
  });

  test('nothing waits for a decision, and none is taken of what nobody asked', async () => {
    expect(done(await giving(({ key }, said) => pendingProvisionsRequest(key, said)))).toEqual({
      provisions: [],
    });
    const decision = { provisionId: 'PV-NONE', decision: 'REFUSE', reason: '該当なし' } as const;
    expect(
      done(await giving(({ key }, said) => decideProvisionRequest(key, { ...said, ...decision }))),
    ).toMatchObject({ state: 'REFUSED', reason: 'PROVISION_UNKNOWN' });
  });
});
