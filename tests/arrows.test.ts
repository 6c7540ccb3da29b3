import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

const root = mkdtempSync(join(tmpdir(), 'kuramori-arrows-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Files of an imagined project, each importing the given ones; what the project's own rules say of them. */
function violations(config: string, files: Record<string, readonly string[]>): [string, string][] {
  const folder = mkdtempSync(join(root, 'project-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      type: 'module',
      dependencies: { postgres: '*' },
      devDependencies: { 'fast-check': '*' },
    }),
  );
  for (const [file, imports] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(
      join(folder, file),
      `${imports.map((name) => `import '${name}';`).join('\n')}\nexport {};\n`,
    );
  }
  const tops = [...new Set(Object.keys(files).map((file) => file.split('/')[0]!))];
  const run = spawnSync(
    process.execPath,
    [
      resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...tops,
      '--config',
      resolve(config),
      '--output-type',
      'json',
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: Violation[] } };
  return summary.violations
    .map(({ from, rule }): [string, string] => [from, rule.name])
    .toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
}

const SOURCE = '.dependency-cruiser.cjs';
const BUILT = '.dependency-cruiser.built.cjs';
const PARTS = [
  'kernel',
  'config',
  'protocol',
  'audit',
  'access',
  'collection',
  'exchange',
  'gateway',
  'worker',
  'demonstration',
  'vault',
  'reference',
  'client',
  'cli',
];
const leaves = Object.fromEntries(PARTS.map((part) => [`src/${part}/leaf.ts`, [] as string[]]));

/** The design, section 3, written out a second time: what each part must not import. */
const FORBIDDEN: Record<string, readonly string[]> = {
  kernel: PARTS.filter((part) => part !== 'kernel'),
  config: PARTS.filter((part) => !['config', 'kernel'].includes(part)),
  protocol: PARTS.filter((part) => !['protocol', 'kernel'].includes(part)),
  audit: [
    'protocol',
    'access',
    'collection',
    'exchange',
    'gateway',
    'worker',
    'vault',
    'cli',
    'demonstration',
    'reference',
    'client',
  ],
  access: [
    'protocol',
    'collection',
    'exchange',
    'gateway',
    'worker',
    'vault',
    'cli',
    'demonstration',
    'reference',
    'client',
  ],
  collection: ['exchange', 'gateway', 'worker', 'vault', 'cli', 'demonstration', 'reference', 'client'],
  exchange: ['gateway', 'worker', 'vault', 'cli', 'demonstration', 'reference', 'client'],
  gateway: ['worker', 'vault', 'cli', 'demonstration', 'reference', 'client'],
  worker: ['gateway', 'vault', 'cli', 'demonstration', 'reference', 'client'],
  vault: [
    'access',
    'collection',
    'exchange',
    'gateway',
    'worker',
    'cli',
    'demonstration',
    'reference',
    'client',
  ],
  reference: PARTS.filter((part) => !['reference', 'config', 'protocol', 'kernel'].includes(part)),
  client: PARTS.filter((part) => !['client', 'kernel'].includes(part)),
};

test('each arrow against the direction of the design is reported, and no other', () => {
  const files: Record<string, readonly string[]> = { ...leaves };
  const expected = new Set<string>();
  for (const part of Object.keys(FORBIDDEN)) {
    for (const target of PARTS.filter((other) => other !== part)) {
      files[`src/${part}/to-${target}.ts`] = [`../${target}/leaf.js`];
      if (FORBIDDEN[part]!.includes(target)) expected.add(`src/${part}/to-${target}.ts`);
    }
  }
  expect(new Set(violations(SOURCE, files).map(([from]) => from))).toEqual(expected);
});

test('the vault is reached through its client only, and its tables belong to it', () => {
  expect(
    violations(SOURCE, {
      'src/vault/client/client.ts': [],
      'src/vault/number.ts': ['../../schema/vault/number.js', '../../schema/records/audit.js'],
      'src/vault/reads.ts': ['../../schema/records/levy.js'],
      'src/gateway/good.ts': ['../vault/client/client.js'],
      'src/gateway/bad.ts': ['../vault/number.js'],
      'src/collection/bad.ts': ['../../schema/vault/number.js'],
      'src/cli/good.ts': ['../vault/number.js'],
      'schema/vault/number.ts': [],
      'schema/records/audit.ts': [],
      'schema/records/levy.ts': [],
    }),
  ).toEqual([
    ['src/collection/bad.ts', 'vault-tables-of-the-vault'],
    ['src/gateway/bad.ts', 'layer-gateway'],
    ['src/gateway/bad.ts', 'vault-by-client-only'],
    ['src/vault/reads.ts', 'vault-reads-no-records'],
  ]);
});

test('tables, tests and development packages stay where they belong; a missing file is said', () => {
  expect(
    violations(SOURCE, {
      'schema/records/levy.ts': ['../../src/kernel/leaf.js'],
      'schema/records/audit.ts': [],
      'src/kernel/leaf.ts': [],
      'src/kernel/tables.ts': ['../../schema/records/levy.js'],
      'src/audit/own.ts': ['../../schema/records/audit.js'],
      'src/audit/other.ts': ['../../schema/records/levy.js'],
      'src/access/proves.ts': ['../../tests/leaf.js'],
      'src/access/plays.ts': ['fast-check'],
      'src/access/gone.ts': ['./nowhere.js'],
      'tests/leaf.ts': ['fast-check'],
    }),
  ).toEqual([
    ['schema/records/levy.ts', 'schema-imports-no-source'],
    ['src/access/gone.ts', 'resolvable'],
    ['src/access/plays.ts', 'no-development-package-at-run-time'],
    ['src/access/proves.ts', 'product-imports-no-tests'],
    ['src/audit/other.ts', 'audit-reads-its-own-tables'],
    ['src/kernel/tables.ts', 'kernel-and-config-know-no-tables'],
  ]);
});

test('in the built code the driver has one boundary and modules form no ring, save entities of the schema', () => {
  expect(
    violations(BUILT, {
      'dist/src/kernel/database/database.js': ['postgres'],
      'dist/src/collection/levy.js': ['postgres'],
      'dist/src/access/a.js': ['./b.js'],
      'dist/src/access/b.js': ['./a.js'],
      'dist/src/collection/a.graphql.js': ['./b.graphql.js'],
      'dist/src/collection/b.graphql.js': ['./a.graphql.js'],
    }),
  ).toEqual([
    ['dist/src/access/a.js', 'no-cycle'],
    ['dist/src/collection/levy.js', 'one-database-boundary'],
  ]);
});
