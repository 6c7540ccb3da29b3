import { describe, expect, test } from 'vitest';
import { parseOperation } from '../../src/kernel/token/operation.js';
import { startVaultProcess, type VaultPerson, type VaultProcess } from '../vault/processes/vault.js';
import { temporaryHome } from '../vault/processes/process.js';
import { Thief, type Carried } from '../vault/stolen/thief.js';
import { findChromium, openPageWithAuthenticator } from './support/browser.js';
import { compileClient } from './support/compiled.js';
import type { Given, Report, Told } from './support/passkeyPage.js';
import { NUMBER } from './support/people.js';
import { startSite, type Answers } from './support/site.js';

const chromium = findChromium();
if (chromium === undefined)
  process.stdout.write(
    'tests/client/passkeyBrowser.test.ts: skipped, because no Chromium is installed (apt: chromium)\n',
  );

const PAGE_MS_MAX = 60_000;
const RP_ID = 'localhost';

describe.skipIf(chromium === undefined)('an authenticator in a browser', () => {
  test(
    'makes a key that the vault’s register takes, and signs what the vault does',
    { timeout: 120_000 },
    async () => {
      const { report, carried, entries } = await runPage();
      expect(report).toMatchObject({ opened: NUMBER, elsewhere: 'UNAUTHENTICATED' });
      expect(report.agent).toContain('Chrome');
      expect(report.again).toMatchObject({ outcome: 'refused', code: 'REPLAY_DETECTED' });
      const said = carried.map(({ assertion }) => {
        const { by, claims } = parseOperation(assertion);
        return `${by} ${claims['op'] as string}`;
      });
      expect(said).toEqual(['webauthn register', 'webauthn stepUp', 'webauthn reveal', 'webauthn reveal']);
      const [key, both] = ['webauthn', 'webauthn+totp'];
      const done = [`Vault.register ${key}`, `Vault.stepUp ${key}`, `Vault.reveal ${both}`];
      expect(entries).toEqual(done.flatMap((entry) => [entry, entry]));
    },
  );
});

interface Ran {
  readonly report: Report;
  readonly carried: readonly Carried[];
  /** Coordinate and strength of what the vault did, each with its intent. */
  readonly entries: readonly string[];
}

/** Runs the page beside a vault that is a process of its own, and carries what it signs over mutual TLS. */
async function runPage(): Promise<Ran> {
  const compiled = compileClient('passkeyPage');
  const reported = Promise.withResolvers<Report>();
  const carried: Carried[] = [];
  const answers: Record<string, Answers[string]> = {
    '/report': (report) => {
      const { error } = report as { error?: string };
      if (error === undefined) reported.resolve(report as Report);
      else reported.reject(new Error(error));
    },
  };
  const site = await startSite({ built: compiled.folder, script: compiled.page, answers });
  // An address is no RP id; a name of this machine is, and a secure page without TLS.
  const origin = site.url.replace('127.0.0.1', RP_ID).replace(/\/$/, '');
  const vault = await startVaultProcess(temporaryHome(), {
    KURAMORI_VAULT_WEBAUTHN_RP_ID: RP_ID,
    KURAMORI_VAULT_WEBAUTHN_ORIGINS: origin,
  });
  const gateway = new Thief(vault);
  const person = await vault.person('P-1029');
  Object.assign(answers, answersOf(vault, gateway, person, carried));
  const page = await openPageWithAuthenticator(chromium!, `${origin}/`);
  const late = setTimeout(
    () => reported.reject(new Error(`the page reported nothing; it asked for ${site.asked.join(' ')}`)),
    PAGE_MS_MAX,
  );
  try {
    const report = await reported.promise;
    return { report, carried, entries: await entriesOf(vault) };
  } finally {
    clearTimeout(late);
    await page.close();
    await site.close();
    gateway.close();
    compiled.remove();
  }
}

function answersOf(vault: VaultProcess, gateway: Thief, person: VaultPerson, carried: Carried[]): Answers {
  const { credentialId: _ofTerminal, ...context } = person.context;
  const { personId, terminalId } = context;
  return {
    '/given': async (): Promise<Given> => {
      const { signed } = await gateway.publishedKeys();
      return { context, rpId: RP_ID, number: NUMBER, totp: person.nextCode(), anchor: vault.anchor, signed };
    },
    '/enrol': (made) => vault.administer('staff.credential', { personId, terminalId, ...(made as object) }),
    '/operate': async (signed): Promise<Told> => {
      carried.push(signed as Carried);
      const { outcome, code, result } = await gateway.deliver(signed as Carried);
      return { outcome, code, result };
    },
  };
}

async function entriesOf({ databases }: VaultProcess): Promise<string[]> {
  const rows = await databases.owner.vault.run(
    'tests.entries',
    ({ raw }) => raw<{ line: string }[]>`
    select concat_ws(' ', coordinate, context ->> 'strength') as line from audit.entry
    where kind = 'vaultOperation' order by sequence`,
  );
  return rows.map(({ line }) => line);
}
