import { spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import {
  assemblyApprovalRequest,
  assemblyRequest,
  decideApprovalRequest,
  openApprovalRequest,
  releaseApprovalRequest,
  releaseRequest,
  stepUpRequest,
  transferSettingRequest,
  verifyPublishedKeys,
  type JsonObject,
  type PackageAssembly,
  type PackageRelease,
  type SignedOperation,
} from '../../../../src/client/index.js';
import { TRANSFER_ROUND_SECONDS_MAX } from '../../../../src/kernel/limits.js';
import { TRANSFER_FILE_NAMES } from '../../../../src/protocol/transfer/layout.js';
import { openVaultClient, type VaultClient } from '../../../../src/vault/client/client.js';
import { openTransferVault, type TransferVault } from '../../../../src/vault/client/transfer.js';
import { COMPILED } from '../../../support/compiled.js';
import { MUNICIPALITY, startVaultProcess, type VaultPerson } from '../../processes/vault.js';
import { startProcess, temporaryHome, type Running } from '../../processes/process.js';
import { DatabaseLine, type Moment } from './databaseLine.js';
import { houseOf, organizationIn, registerSender } from './line.js';
import { OrganizationLine } from './organizationLine.js';
import { basis, profile, recipientSetting, round } from './scene.js';
import { afterwards } from '../../../support/afterwards.js';

const MAIN = 'dist/src/cli/main.js';
/** No day of a test is outside a window. */
export const EVERY_MONTH = Array.from({ length: 12 }, (_, at) => at + 1);

/** How a command line ended. */
export interface Typed {
  readonly code: number | null;
  readonly said: string;
}

/**
 * A vault process that hands packages to an organization, and that can be killed and started again on what it left;
 * people who sign; and the command line as cron types it.
 */
export async function transferHouse() {
  const home = temporaryHome();
  const certificates = await houseOf(home);
  const organization = await organizationIn(home, certificates);
  const line = await OrganizationLine.open(organization.address);
  const databaseLine = await DatabaseLine.open(inject('adminUrl'));
  const { vaultClient, worker, gateway, caFile } = certificates;
  const folder = join(home, 'transfer');
  /** With which it asks organizations: files of its own, which a test may replace. */
  const show = (shown: typeof worker) => {
    copyFileSync(shown.keyFile, join(home, 'organization.key.pem'));
    copyFileSync(shown.certificateFile, join(home, 'organization.crt.pem'));
  };
  show(vaultClient);
  const settings = {
    KURAMORI_VAULT_TRANSFER_FOLDER: folder,
    // A round that the vault does by itself would come to the moment at which a typed one is to be killed.
    KURAMORI_VAULT_TRANSFER_ROUND_SECONDS: String(TRANSFER_ROUND_SECONDS_MAX),
    KURAMORI_VAULT_ORGANIZATION_KEY_FILE: join(home, 'organization.key.pem'),
    KURAMORI_VAULT_ORGANIZATION_CERTIFICATE_FILE: join(home, 'organization.crt.pem'),
    KURAMORI_VAULT_ORGANIZATION_CA_FILE: caFile,
    KURAMORI_VAULT_LOG_LEVEL: 'warn',
  };
  const vault = await startVaultProcess(home, settings, (url) => databaseLine.through(url));
  const { owner } = vault.databases;
  let running: Running = vault.running;
  let opened: { readonly vault: VaultClient; readonly transfers: TransferVault } | undefined;
  const as = ({ keyFile, certificateFile }: typeof worker) => ({
    url: running.address,
    ca: readFileSync(caFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    certificate: readFileSync(certificateFile, 'utf8'),
  });
  /** To the process that runs now. */
  const clients = () =>
    (opened ??= { vault: openVaultClient(as(gateway)), transfers: openTransferVault(as(worker)) });
  const kill = async () => {
    await running.kill();
    databaseLine.free();
    line.free();
    opened?.vault.close();
    opened?.transfers.close();
    opened = undefined;
  };
  // The one that runs last was started inside a test.
  afterwards(kill);
  /** Types a command line, and waits for its end. */
  const kuramori = (...args: readonly string[]): Promise<Typed> => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        ...COMPILED,
        PATH: process.env['PATH'],
        KURAMORI_HOME: home,
        KURAMORI_VAULT_SOCKET: vault.socket,
        KURAMORI_VAULT_URL: running.address,
        KURAMORI_VAULT_CLIENT_CA_FILE: caFile,
        KURAMORI_VAULT_CLIENT_KEY_FILE: worker.keyFile,
        KURAMORI_VAULT_CLIENT_CERTIFICATE_FILE: worker.certificateFile,
        ...records,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += String(piece)));
    return new Promise((resolve) => void child.once('close', (code) => resolve({ code, said })));
  };
  let records: Readonly<Record<string, string>> = {};
  const rows = async <T extends object>(query: string, value = ''): Promise<readonly T[]> => [
    ...(await owner.vault.run('test.rows', ({ raw }) =>
      value === '' ? raw.unsafe<T[]>(query) : raw.unsafe<T[]>(query, [value]),
    )),
  ];
  const people = await staffOf(vault, () => clients().vault);
  registerSender(home, MUNICIPALITY, (await vault.administer('transfer.keys')) as never);
  const { recipient, signingKey } = organization.keys;
  const known = { recipient, signingKey: createPublicKey(signingKey) };
  for (const setting of [
    recipientSetting(known, { url: line.url }),
    profile('standard', false, TRANSFER_FILE_NAMES),
    profile('short', false),
    basis('plain', false),
    round({ windows: EVERY_MONTH }),
  ])
    await people.enter(setting);
  return {
    home,
    vault,
    organization,
    line,
    people,
    kuramori,
    rows,
    transferVault: () => clients().transfers,
    /** Has the vault ask as another service from now on. */
    showsOrganization: (as: 'gateway' | 'vaultClient') => {
      show(certificates[as]);
      running.signal('SIGHUP');
    },
    /** The records database that commands work in. */
    withRecords: (url: string) => (records = { RECORDS_DATABASE_URL: url }),
    spool: () => readdirSync(join(folder, 'spool')),
    packages: () => readdirSync(join(folder, 'packages')),
    /** Packages that the organization holds. */
    held: () => readdirSync(join(home, 'organization', 'packages')),
    folder,
    /**
     * Kills the vault when it stands at a moment of what is done, and starts it again.
     * @returns what became of what was done
     */
    async killedAt<T>(
      moment: Moment | Promise<void>,
      work: () => Promise<T>,
    ): Promise<PromiseSettledResult<T>> {
      const stands = 'when' in moment ? databaseLine.standsAt(moment) : moment;
      const working = Promise.allSettled([work()]);
      const ended = await Promise.race([stands, working]);
      if (ended !== undefined) {
        const said = Buffer.concat([...running.said.output, ...running.said.error]).toString();
        throw new Error(`it ended before ${JSON.stringify(moment)}: ${JSON.stringify(ended)} ${said}`);
      }
      await kill();
      running = await startProcess({ argument: 'vault', environment: vault.environment });
      return (await working)[0];
    },
  };
}

/** People who sign on terminals, against the process that runs now. */
async function staffOf(vault: Awaited<ReturnType<typeof startVaultProcess>>, client: () => VaultClient) {
  const officer = await vault.person('OFFICER-9', { role: 'unitOfficer' });
  const asking = await vault.person('OFFICER-8', { role: 'unitOfficer' });
  const handler = await vault.person('P-1029', { operations: ['packageAssemble', 'packageRelease'] });
  const { signed } = await client().publishedKeys();
  const vaultKeys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
  const stepUps = new Map<string, string>();
  let requests = 0;
  const operate = async ({ assertion, body }: SignedOperation) => {
    const { result } = await client().operate({ assertion, body, requestId: `R-${(requests += 1)}` });
    return result as Record<string, string>;
  };
  const stepUp = async (person: VaultPerson): Promise<string> => {
    const { personId, key, context } = person;
    const known = stepUps.get(personId);
    if (known !== undefined) return known;
    const request = await stepUpRequest(key, { ...context, totp: person.nextCode(), vaultKeys });
    const { stepUp: made = '' } = await operate(request);
    stepUps.set(personId, made);
    return made;
  };
  /** The officer approves what somebody asked for. */
  const approved = async (asked: Promise<SignedOperation>): Promise<string> => {
    const { approvalId = '' } = await operate(await asked);
    const { key, context } = officer;
    const { contentDigest = '' } = await operate(await openApprovalRequest(key, { ...context, approvalId }));
    const details = { ...context, stepUp: await stepUp(officer), approvalId, contentDigest };
    await operate(await decideApprovalRequest(key, { ...details, decision: 'approve' }));
    return approvalId;
  };
  const { key, context } = handler;
  return {
    operate,
    async enter(setting: JsonObject): Promise<void> {
      const reason = '機構の鍵を二人で確認した。';
      const request = transferSettingRequest(asking.key, { ...asking.context, setting, reason });
      const approvalId = await approved(request);
      await vault.administer('transfer.setting', { setting, personId: asking.personId, approvalId });
    },
    /** What the handler signs once the officer has approved it. */
    async assembly(assembly: PackageAssembly): Promise<() => Promise<SignedOperation>> {
      const asked = assemblyApprovalRequest(key, { ...context, assembly, reason: '移管' });
      const details = { ...context, assembly, approvals: [await approved(asked)] };
      return async () => assemblyRequest(key, { ...details, stepUp: await stepUp(handler) });
    },
    async release(release: PackageRelease): Promise<() => Promise<SignedOperation>> {
      const asked = releaseApprovalRequest(key, { ...context, release, reason: '搬出' });
      const details = { ...context, release, approvals: [await approved(asked)] };
      return async () => releaseRequest(key, { ...details, stepUp: await stepUp(handler) });
    },
  };
}
