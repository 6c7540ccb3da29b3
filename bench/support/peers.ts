import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RELEASE_ROOT } from '../../src/kernel/paths.js';
import type { Child } from './children.js';
import { progress } from './figure.js';
import type { BenchHouse } from './house.js';

/** The other stacks; `bench/peers/README.md` says how each is set up. */
export const PEERS = ['mercurius', 'postgraphile', 'apollo'] as const;
export type PeerName = (typeof PEERS)[number];

/** A peer that runs. */
export interface Peer {
  readonly name: PeerName;
  readonly address: string;
  readonly child: Child;
}

const FOLDER = join(RELEASE_ROOT, 'bench', 'peers');
const NODE_MAJOR_MIN = 22;

let prepared: boolean | undefined;

/**
 * Starts the peers on a database of the house, as its owner, so that nobody checks anything. None when `BENCH_PEERS`
 * is `off` or they cannot be installed; the second is told on standard error.
 */
export async function startPeers(house: BenchHouse, database: string): Promise<readonly Peer[]> {
  prepared ??= process.env['BENCH_PEERS'] !== 'off' && preparePeers();
  if (!prepared) return [];
  return Promise.all(
    PEERS.map(async (name): Promise<Peer> => {
      const child = house.children.start(pathToFileURL(join(FOLDER, 'dist', name, 'server.js')), {
        environment: { RECORDS_DATABASE_URL: house.url(database, 'owner'), GRAPHILE_ENV: 'production' },
      });
      const { ready: address } = (await child.message()) as { ready: string };
      return { name, address, child };
    }),
  );
}

/** Installs the peers' packages where they are missing, and compiles the peers. */
function preparePeers(): boolean {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    progress(`The peers need Node ${NODE_MAJOR_MIN} or later: measuring without them.`);
    return false;
  }
  if (!existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) {
    progress(
      'Installing the peers beside which the gateway is measured (once; BENCH_PEERS=off does without) …',
    );
    if (!ran('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', FOLDER])) return false;
  }
  return ran('tsc', ['-p', FOLDER]);
}

function ran(program: string, args: readonly string[]): boolean {
  const path = `${join(RELEASE_ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const run = spawnSync(program, args, { env: { ...process.env, PATH: path }, encoding: 'utf8' });
  if (run.status === 0) return true;
  progress(`The peers are not ready, measuring without them: ${program} ${args[0]} failed.`);
  progress(run.error === undefined ? `${run.stdout}${run.stderr}` : String(run.error));
  return false;
}
