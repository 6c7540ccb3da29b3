/**
 * The arrows of the design, section 3: cli → gateway, worker → collection, exchange → access, audit → config, kernel.
 * A layer that is not in `mayImport` of another is forbidden to it, types included. Rules about what runs (cycles, the
 * database driver) look at the built code: .dependency-cruiser.built.cjs. Checked by `npm run check:arrows`;
 * tests/arrows.test.ts proves that forbidden imports are really reported.
 */
const mayImport = {
  kernel: [],
  config: ['kernel'],
  protocol: ['kernel'],
  audit: ['config', 'kernel'],
  access: ['audit', 'config', 'kernel'],
  collection: ['access', 'audit', 'config', 'protocol', 'kernel'],
  exchange: ['collection', 'access', 'audit', 'config', 'protocol', 'kernel'],
  gateway: ['collection', 'exchange', 'access', 'audit', 'config', 'protocol', 'kernel'],
  worker: ['collection', 'exchange', 'access', 'audit', 'config', 'protocol', 'kernel'],
  demonstration: ['collection', 'exchange', 'access', 'audit', 'config', 'protocol', 'kernel'],
  vault: ['audit', 'config', 'protocol', 'kernel'],
  reference: ['config', 'protocol', 'kernel'],
  client: ['kernel'],
};

const layers = Object.entries(mayImport).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  comment: `${layer} may import ${allowed.length === 0 ? 'no other part' : allowed.join(', ')} (design §3)`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: [`^src/(${[layer, ...allowed].join('|')})/`, '^src/vault/client/'] },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'vault-by-client-only',
      comment: 'Nobody but the vault and the command line reaches the vault, save through src/vault/client.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(vault|cli)/' },
      to: { path: '^src/vault/', pathNot: '^src/vault/client/' },
    },
    {
      name: 'vault-tables-of-the-vault',
      comment: 'schema/vault belongs to the vault alone.',
      severity: 'error',
      from: { path: '^(src|schema)/', pathNot: ['^src/vault/', '^schema/vault/'] },
      to: { path: '^schema/vault/' },
    },
    {
      name: 'vault-reads-no-records',
      comment:
        'The vault never reads the records database; the audit log, which both keep, is the one shared schema.',
      severity: 'error',
      from: { path: '^src/vault/' },
      to: { path: '^schema/records/', pathNot: '^schema/records/audit' },
    },
    {
      name: 'audit-reads-its-own-tables',
      comment: 'The audit log knows no table but its own, so that the vault can keep one too.',
      severity: 'error',
      from: { path: '^src/audit/' },
      to: { path: '^schema/', pathNot: '^schema/records/(audit|columns)' },
    },
    {
      name: 'kernel-and-config-know-no-tables',
      comment: 'What everything shares knows nothing of the domain.',
      severity: 'error',
      from: { path: '^src/(kernel|config|client|protocol)/' },
      to: { path: '^schema/' },
    },
    {
      name: 'nothing-imports-the-command-line',
      comment: 'src/cli is the top. Tests may start its embedded database.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|schema)/' },
      to: { path: '^(tests|bench|scripts)/' },
    },
    {
      name: 'schema-imports-no-source',
      severity: 'error',
      from: { path: '^schema/' },
      to: { path: '^src/' },
    },
    {
      name: 'no-development-package-at-run-time',
      comment: 'Move the package to dependencies, with its reason in docs/dependencies.md, or do without.',
      severity: 'error',
      from: { path: '^(src|schema)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // TypeScript 7 has no JavaScript API for the usual parser.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
