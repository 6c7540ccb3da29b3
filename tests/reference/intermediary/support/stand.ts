import { fork, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseCertificates, type CertificateFiles } from '../../../../src/cli/house/certificates.js';
import { systemClock, type Clock } from '../../../../src/kernel/clock.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import { BODIES } from '../../../../src/reference/intermediary/seed.js';
import { COMPILED } from '../../../support/compiled.js';
import { fastestFolder } from '../../../support/folder.js';
import { Linkage } from './linkage.js';
import {
  DROP_KEY,
  wireByFiles,
  wireTo,
  type Credentials,
  type EndingWire,
  type Received,
  type Wire,
} from './wire.js';

const MAIN = 'dist/src/cli/main.js';
const READY_MS_MAX = 20_000;
/** When the cases take place, unless they say otherwise. */
export const NOON = Temporal.Instant.from('2026-11-02T03:00:00Z');

/** Who may be shown at the door. */
export type Shown =
  | 'municipality'
  | 'neighbour'
  | 'stranger'
  | 'expired'
  | 'foreign'
  | 'nobody'
  | 'outdatedTls';

/** How its linkage servers reach it. */
export type TransportName = 'HTTP/2' | 'files';

/** A reference server as a process of its own, and two linkage servers that talk to it. */
export class Stand {
  readonly home: string;
  readonly transport: TransportName;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #now = NOON;
  readonly #credentials: Readonly<Record<Shown, Credentials>>;
  /** Everything the server has said. */
  readonly heard: string[] = [];
  readonly #wires = new Set<EndingWire>();
  readonly #control: Wire;
  address = '';
  municipality!: Linkage;
  neighbour!: Linkage;

  private constructor(
    home: string,
    transport: TransportName,
    environment: NodeJS.ProcessEnv,
    credentials: Readonly<Record<Shown, Credentials>>,
  ) {
    this.home = home;
    this.transport = transport;
    this.#environment = environment;
    this.#credentials = credentials;
    this.#control = this.#overHttp('municipality');
  }

  static async start(transport: TransportName = 'HTTP/2'): Promise<Stand> {
    const home = mkdtempSync(join(fastestFolder(), 'kuramori-intermediary-'));
    const ended = await houseCertificates(join(home, 'tls'), monthsAgo);
    const expired = shown(ended.caFile, ended.vaultClient);
    const certificates = await houseCertificates(join(home, 'tls'), systemClock);
    const { caFile, intermediary, vaultClient, worker, gateway } = certificates;
    const foreign = await houseCertificates(join(home, 'foreign'), systemClock);
    const municipality = shown(caFile, vaultClient);
    const dropKey = newDropKey(home);
    const stand = new Stand(
      home,
      transport,
      {
        KURAMORI_INTERMEDIARY_PORT: '0',
        KURAMORI_INTERMEDIARY_DATA: join(home, 'data'),
        KURAMORI_INTERMEDIARY_TLS_KEY_FILE: intermediary.keyFile,
        KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: intermediary.certificateFile,
        KURAMORI_INTERMEDIARY_TLS_CA_FILE: caFile,
        KURAMORI_INTERMEDIARY_LINKAGES: `vault=${BODIES.municipality.bodyCode},worker=${BODIES.neighbour.bodyCode}`,
        KURAMORI_INTERMEDIARY_DROPS: `vault=${dropOf(home, 'municipality')},worker=${dropOf(home, 'neighbour')}`,
        KURAMORI_INTERMEDIARY_DROP_KEY_FILE: dropKey,
        KURAMORI_INTERMEDIARY_LOG_LEVEL: 'silent',
      },
      {
        municipality,
        neighbour: shown(caFile, worker),
        stranger: shown(caFile, gateway),
        expired,
        foreign: { ...shown(foreign.caFile, foreign.vaultClient), ca: municipality.ca },
        nobody: { ca: municipality.ca },
        outdatedTls: { ...municipality, maxVersion: 'TLSv1.2' },
      },
    );
    await stand.#run();
    stand.municipality = stand.#linkage('municipality', 'P-1029');
    stand.neighbour = stand.#linkage('neighbour', 'P-2001');
    await stand.municipality.enrol();
    await stand.neighbour.enrol();
    return stand;
  }

  /** Speaks to the server as somebody; what it says is kept. */
  as(name: Shown): Wire {
    if (this.transport === 'HTTP/2') return this.#overHttp(name);
    const owner = name === 'neighbour' ? name : 'municipality';
    const wire = wireByFiles(dropOf(this.home, owner), this.#credentials[name], this.home);
    return this.#kept(() => wire);
  }

  #overHttp(name: Shown): Wire {
    let [wire, address]: [EndingWire | undefined, string] = [undefined, ''];
    return this.#kept(() => {
      // A server that was started again listens elsewhere.
      if (wire === undefined || address !== this.address) {
        wire?.end();
        [wire, address] = [wireTo(this.address, this.#credentials[name]), this.address];
      }
      return wire;
    });
  }

  #kept(current: () => EndingWire): Wire {
    return async (...request) => {
      const wire = current();
      this.#wires.add(wire);
      const received = await wire(...request);
      if (received.status !== 'broken') this.heard.push(received.text);
      return received;
    };
  }

  #linkage(name: 'municipality' | 'neighbour', personId: string): Linkage {
    return new Linkage(this.as(name), BODIES[name], personId, () => this.#now);
  }

  /** Kills the process without a word, and starts it again on the same data. */
  async killAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#run();
  }

  async stop(): Promise<void> {
    for (const wire of this.#wires) wire.end();
    await this.#end('SIGTERM');
    rmSync(this.home, { recursive: true, force: true });
  }

  /** @param now where the server's clock stands; and that of its senders, unless they are told apart */
  async setClock(now: Temporal.Instant): Promise<void> {
    this.#now = now;
    await this.control('clock', { now: now.toString() });
  }

  /** Faults for the next requests, and outages until the next plan. */
  setFaults(faults: readonly object[], outages: readonly string[] = []): Promise<Received> {
    return this.control('faults', { faults, outages });
  }

  control(path: 'clock' | 'faults', body: object): Promise<Received> {
    return this.#control('PUT', `/control/${path}`, body);
  }

  /** Has the server sign with another key from now on. */
  rotateKey(): Promise<Received> {
    return this.#control('POST', '/control/key-rotation');
  }

  async #run(): Promise<void> {
    const child = fork(MAIN, ['intermediary', '--test-control'], {
      env: { ...COMPILED, ...this.#environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    this.address = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready: ${said}`)), READY_MS_MAX);
      child.once('message', (message) => {
        clearTimeout(timer);
        resolve((message as { ready: string }).ready);
      });
      child.once('exit', () => reject(new Error(`ended: ${said}`)));
    });
    await this.control('clock', { now: this.#now.toString() });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}

/** Where a linkage server exchanges by files. */
export function dropOf(home: string, name: 'municipality' | 'neighbour'): string {
  return join(home, `drop-${name}`);
}

/** @returns the file with the private half; the public one lies beside it */
function newDropKey(home: string): string {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  writeFileSync(join(home, DROP_KEY), publicKey.export({ type: 'spki', format: 'pem' }));
  const file = join(home, 'drop.key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

/** Certificates of then have ended by now. */
const monthsAgo: Clock = { now: () => systemClock.now().subtract({ hours: 24 * 60 }) };

function shown(caFile: string, { keyFile, certificateFile }: CertificateFiles): Credentials {
  const read = (file: string) => readFileSync(file, 'utf8');
  return { ca: read(caFile), key: read(keyFile), cert: read(certificateFile) };
}
