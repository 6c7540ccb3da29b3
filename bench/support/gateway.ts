import { setTimeout as sleep } from 'node:timers/promises';
import { fromBase32, totpCode, totpStep } from '../../src/kernel/token/totp.js';
import type { ReadyMessage } from '../../src/cli/untilStopped.js';
import { readDemonstrationStaff } from '../../src/cli/house/credentials.js';
import { ensureStaff } from '../../src/cli/house/demonstration.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import type { MemoryAnswer, MemoryQuestion } from '../processes/memoryProbe.js';
import type { Child } from './children.js';
import type { BenchHouse } from './house.js';

/** A gateway in a process of its own, as `kuramori gateway` runs it. */
export interface BenchGateway {
  readonly address: string;
  /** An access token that has its full five minutes. */
  freshToken(): Promise<string>;
  stop(): Promise<void>;
}

/** What is different from `kuramori gateway` as it is. */
export interface GatewayOptions {
  /** Another program that starts a gateway, for a measurement of a part. */
  readonly module?: URL;
  /** Flags of Node itself. */
  readonly flags?: readonly string[];
  /** More of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Who the tokens are from, when gateways share sessions; its own address otherwise. */
  readonly issuer?: string;
}

/** A gateway process that nobody has signed in to. */
export interface GatewayProcess {
  readonly address: string;
  readonly issuer: string;
  readonly child: Child;
}

/** How somebody of the staff proves who they are. */
export interface StaffProof {
  readonly staffId: string;
  readonly password: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** What a sign-in or a renewal gives. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** The command line, whose `gateway` is measured. */
export const GATEWAY_PROGRAM = new URL('../../src/cli/main.js', import.meta.url);
const MEMORY_PROBE = new URL('../processes/memoryProbe.js', import.meta.url);

const TOTP_STEP_MS = 30_000;

/** Flags that let a process tell its memory. */
export const MEMORY_FLAGS: readonly string[] = ['--expose-gc', '--import', MEMORY_PROBE.href];

/** Starts the gateway on a database of the house and signs in the first person who holds a role. */
export async function startBenchGateway(
  house: BenchHouse,
  database: string,
  role: string,
  options: GatewayOptions = {},
): Promise<BenchGateway & GatewayProcess> {
  const started = await startGatewayProcess(house, database, options);
  const renew = await signedInAs(house, database, started.address, role);
  return { ...started, freshToken: renew, stop: () => started.child.stop() };
}

/** Starts the gateway on a database of the house, where the demonstration's staff is registered at the latest now. */
export async function startGatewayProcess(
  house: BenchHouse,
  database: string,
  options: GatewayOptions = {},
): Promise<GatewayProcess> {
  await registerStaff(house, database);
  const port = await freePort();
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`;
  const profile =
    house.profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${house.profileFolder}`];
  const child = house.children.start(options.module ?? GATEWAY_PROGRAM, {
    arguments: ['gateway'],
    flags: [...profile, ...(options.flags ?? [])],
    environment: { ...gatewayEnvironment(house, database, port, issuer), ...options.environment },
  });
  const { ready: address } = (await child.message()) as ReadyMessage;
  return { address, issuer, child };
}

/** The settings of a gateway on a database of the house. */
export function gatewayEnvironment(
  house: BenchHouse,
  database: string,
  port: number,
  issuer: string,
): Readonly<Record<string, string>> {
  return {
    RECORDS_DATABASE_URL: house.url(database, 'gateway'),
    KURAMORI_PORT: String(port),
    KURAMORI_ISSUER: issuer,
    KURAMORI_SIGNING_KEY_FILE: house.secrets.signingKeyFile,
    KURAMORI_PEPPER_FILE: house.secrets.pepperFile,
    KURAMORI_CREDENTIAL_KEY_FILE: house.secrets.credentialKeyFile,
    KURAMORI_DOCUMENTS: 'any',
    KURAMORI_LOG_LEVEL: 'warn',
  };
}

/** Bytes a process started with `MEMORY_FLAGS` holds. */
export async function memoryOf(child: Child, memory: MemoryQuestion['memory']): Promise<MemoryAnswer> {
  return (await child.ask({ memory } satisfies MemoryQuestion)) as MemoryAnswer;
}

/**
 * Signs in over HTTP. A code of the authenticator counts once; where this half minute's was used already, the next
 * one's is given, which is accepted early (handbook 15 §3: window of one step).
 * @param ahead steps that are known to be used up
 */
export async function signIn(
  address: string,
  proof: StaffProof,
  terminal?: string,
  ahead: 0 | 1 = 0,
): Promise<Tokens> {
  const { staffId, password, totpSecret } = proof;
  const attempt = (steps: number) => {
    const totp = totpCode(fromBase32(totpSecret), totpStep(Date.now()) + steps);
    return postJson(address, '/session', { staffId, password, totp }, terminal);
  };
  let answer = await attempt(ahead);
  if (answer.status === 401 && ahead === 0) answer = await attempt(1);
  if (answer.status === 401) {
    // Both are used up when this person signed in twice within the half minute.
    await sleep(TOTP_STEP_MS);
    answer = await attempt(1);
  }
  return tokensOf(answer);
}

/** Posts JSON to a route of the gateway. */
export function postJson(address: string, path: string, body: object, terminal?: string): Promise<Response> {
  return fetch(new URL(path, address), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(terminal === undefined ? {} : { 'kuramori-terminal': terminal }),
    },
    body: JSON.stringify(body),
  });
}

async function registerStaff(house: BenchHouse, database: string): Promise<void> {
  const owner = house.open(database, 'owner', 2);
  try {
    await ensureStaff(owner, house.staffHome(database), house.secrets);
  } finally {
    await owner.close();
  }
}

/** @returns what gives a token that has its full five minutes */
async function signedInAs(
  house: BenchHouse,
  database: string,
  address: string,
  role: string,
): Promise<() => Promise<string>> {
  const staff = readDemonstrationStaff(house.staffHome(database));
  const member = staff.find((candidate) => candidate.role === role);
  if (!member) throw new KuramoriError('NOT_FOUND', `The demonstration has nobody who is ${role}.`);
  let tokens = await signIn(address, member);
  return async () => {
    const { refreshToken } = tokens;
    tokens = await tokensOf(await postJson(address, '/session/refresh', { refreshToken }));
    return tokens.accessToken;
  };
}

async function tokensOf(answer: Response): Promise<Tokens> {
  if (!answer.ok)
    throw new KuramoriError('UNAUTHENTICATED', `The sign-in was refused with status ${answer.status}.`);
  return (await answer.json()) as Tokens;
}
