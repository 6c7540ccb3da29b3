import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { makePgService } from 'postgraphile/adaptors/pg';
import { DATABASE_URL, POOL_CONNECTIONS_MAX } from '../shared/serving.js';
import { beforeCase, openCases, owedByCase } from './cases.js';
import { beginningWith, outstandingOfBalance } from './people.js';
import { smartTags, transactionIds } from './tags.js';

/** PostGraphile as its documentation sets it up, without subscriptions, the explorer and the watching of the schema. */
export const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [
    smartTags,
    transactionIds,
    openCases,
    beforeCase,
    owedByCase,
    beginningWith,
    outstandingOfBalance,
  ],
  pgServices: [
    makePgService({
      connectionString: DATABASE_URL,
      schemas: ['records'],
      poolConfig: { max: POOL_CONNECTIONS_MAX },
    }),
  ],
  grafast: { explain: false },
  grafserv: {
    graphiql: false,
    watch: false,
    websockets: false,
    outputDataAsString: true,
  },
};
