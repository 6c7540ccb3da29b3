import Fastify from 'fastify';
import mercurius, { type MercuriusLoaders } from 'mercurius';
import { findCases } from '../shared/cases.js';
import { findAddressees, findAddresseesByKana } from '../shared/ledger.js';
import { announce } from '../shared/serving.js';
import { loaders } from './loaders.js';
import { schema } from './schema.js';

interface PeopleArguments {
  readonly filter: { readonly kana: string };
  readonly first: number;
}

interface CasesArguments {
  readonly filter: { readonly officerId: string; readonly openOnly: boolean };
  readonly first: number;
  readonly after: string;
}

const resolvers = {
  Query: {
    addressee: async (_: unknown, { addresseeNo }: { readonly addresseeNo: string }) =>
      (await findAddressees([addresseeNo]))[0],
    addressees: async (_: unknown, { filter, first }: PeopleArguments) => ({
      nodes: await findAddresseesByKana(filter.kana, first),
    }),
    delinquencyCases: async (_: unknown, { filter, first, after }: CasesArguments) => ({
      nodes: await findCases({ ...filter, first, after }),
    }),
  },
};

/** Mercurius with its JIT after the first execution of a document, its loaders, and postgres.js. */
const app = Fastify();
await app.register(mercurius, {
  schema,
  resolvers,
  loaders: loaders as unknown as MercuriusLoaders,
  jit: 1,
});
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
announce(typeof address === 'object' && address !== null ? address.port : 0);
