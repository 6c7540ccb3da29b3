/** Rules about what really runs: on `dist`, where imports of types alone are gone. Run `npm run build` first. */
module.exports = {
  forbidden: [
    {
      name: 'one-database-boundary',
      comment: 'The driver is used in src/kernel/database only: driver errors carry parameters (lessons 33).',
      severity: 'error',
      from: { path: '^dist/src/', pathNot: '^dist/src/kernel/database/' },
      to: { path: ['(^|/)node_modules/postgres/', '(^|/)node_modules/drizzle-orm/postgres-js/'] },
    },
    {
      name: 'no-cycle',
      comment:
        'Entities of the GraphQL schema name each other inside functions that run later; all else forms no ring.',
      severity: 'error',
      from: { path: '^dist/', pathNot: '[.]graphql[.]js$' },
      to: { circular: true, viaOnly: { pathNot: '[.]graphql[.]js$' } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
