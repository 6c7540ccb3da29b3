import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PEERS } from '../../bench/support/peers.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const ours = readJson('package.json') as Manifest;
const theirs = readJson('bench/peers/package.json') as Manifest;
const locked = (readJson('bench/peers/package-lock.json') as Lock).packages;

test('every package of the peers is pinned, and locked at the version that is pinned', () => {
  const pins = Object.entries({ ...theirs.dependencies, ...theirs.devDependencies });
  expect(pins.length).toBeGreaterThan(10);
  const loose = pins.filter(
    ([name, version]) =>
      !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) || locked[`node_modules/${name}`]?.version !== version,
  );
  expect(loose).toEqual([]);
});

test('what the peers and we both use is of one version: nobody is measured on an older driver', () => {
  const shared = Object.entries(theirs.dependencies).filter(
    ([name]) => ours.dependencies[name] !== undefined,
  );
  expect(shared.map(([name]) => name)).toEqual(
    expect.arrayContaining(['@apollo/server', 'fastify', 'graphql', 'postgres', 'type-graphql']),
  );
  expect(shared.filter(([name, version]) => ours.dependencies[name] !== version)).toEqual([]);
});

test('there is one copy of graphql among the peers', () => {
  expect(Object.keys(locked).filter((path) => path.endsWith('node_modules/graphql'))).toEqual([
    'node_modules/graphql',
  ]);
});

test('every peer has a server to be started', () => {
  for (const name of PEERS)
    expect(readFileSync(`bench/peers/${name}/server.ts`, 'utf8')).toContain('announce(');
});
