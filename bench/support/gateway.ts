import { fromBase32, totpCode, totpStep } from '../../src/access/credential/totp.js';
import type { ReadyMessage } from '../../src/cli/gateway.js';
import { ensureStaff, readDemonstrationStaff } from '../../src/cli/house/demonstration.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { Child } from './children.js';
import type { BenchHouse } from './house.js';

/** A gateway in a process of its own, as `kuramori gateway` runs it. */
export interface BenchGateway {
  readonly address: string;
  /** An access token that has its full five minutes. */
  freshToken(): Promise<string>;
  stop(): Promise<void>;
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const MAIN = new URL('../../src/cli/main.js', import.meta.url);

/** Starts the gateway on a database of the house and signs in the first person who holds a role. */
export async function startBenchGateway(
  house: BenchHouse,
  database: string,
  role: string,
): Promise<BenchGateway> {
  const owner = house.open(database, 'owner', 2);
  try {
    await ensureStaff(owner, house.home, house.secrets);
  } finally {
    await owner.close();
  }
  const port = String(await freePort());
  const issuer = `http://127.0.0.1:${port}`;
  const flags =
    house.profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${house.profileFolder}`];
  const child = house.children.start(MAIN, {
    arguments: ['gateway'],
    flags,
    environment: {
      RECORDS_DATABASE_URL: house.url(database, 'gateway'),
      KURAMORI_PORT: port,
      KURAMORI_ISSUER: issuer,
      KURAMORI_SIGNING_KEY_FILE: house.secrets.signingKeyFile,
      KURAMORI_PEPPER_FILE: house.secrets.pepperFile,
      KURAMORI_CREDENTIAL_KEY_FILE: house.secrets.credentialKeyFile,
      KURAMORI_DOCUMENTS: 'any',
      KURAMORI_LOG_LEVEL: 'warn',
    },
  });
  const { ready: address } = (await child.message()) as ReadyMessage;
  return signedIn(house, child, address, role);
}

async function signedIn(
  house: BenchHouse,
  child: Child,
  address: string,
  role: string,
): Promise<BenchGateway> {
  const member = readDemonstrationStaff(house.home).find((candidate) => candidate.role === role);
  if (!member) throw new KuramoriError('NOT_FOUND', `The demonstration has nobody who is ${role}.`);
  const { staffId, password, totpSecret } = member;
  const totp = totpCode(fromBase32(totpSecret), totpStep(Date.now()));
  let tokens = await post(address, '/session', { staffId, password, totp });
  const freshToken = async () => {
    tokens = await post(address, '/session/refresh', { refreshToken: tokens.refreshToken });
    return tokens.accessToken;
  };
  return { address, freshToken, stop: () => child.stop() };
}

async function post(address: string, path: string, body: object): Promise<Tokens> {
  const answer = await fetch(new URL(path, address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok)
    throw new KuramoriError('UNAUTHENTICATED', `The sign-in was refused with status ${answer.status}.`);
  return (await answer.json()) as Tokens;
}
