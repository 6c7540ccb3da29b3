import { ApolloServer } from '@apollo/server';
import { defineIntegrationTestSuite } from '@apollo/server-integration-testsuite';
import type { FastifyInstance } from 'fastify';
import { afterAll, describe } from 'vitest';
import { createHttp } from '../../../src/gateway/http/create.js';
import { registerGraphql } from '../../../src/gateway/http/graphqlRoute.js';

const open: FastifyInstance[] = [];
afterAll(() => Promise.all(open.map((app) => app.close())));

describe('Apollo’s integration suite against our HTTP layer', () => {
  defineIntegrationTestSuite(
    async (config, options) => {
      const app = createHttp();
      open.push(app);
      const server = new ApolloServer(config);
      await server.start();
      registerGraphql(app, server, {
        path: '/',
        context: () => options?.context?.() ?? Promise.resolve({}),
      });
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      return { server: server, url };
    },
    { serverIsStartedInBackground: false, noIncrementalDelivery: true },
  );
});
