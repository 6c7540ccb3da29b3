import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { buildSchema } from 'type-graphql';
import { announce } from '../shared/serving.js';
import { Loaders, type Context } from './loaders.js';
import {
  AddresseeResolver,
  AllocationResolver,
  DelinquencyCaseResolver,
  LevyLineResolver,
} from './resolvers.js';

/** Apollo Server over Express with type-graphql, DataLoader and postgres.js. */
const schema = await buildSchema({
  resolvers: [AddresseeResolver, LevyLineResolver, AllocationResolver, DelinquencyCaseResolver],
  validate: false,
});
const apollo = new ApolloServer<Context>({
  schema,
  introspection: false,
  includeStacktraceInErrorResponses: false,
});
await apollo.start();
const app = express();
// What Express does for browsers costs a digest of every answer.
app.set('etag', false);
app.disable('x-powered-by');
app.use(
  '/graphql',
  express.json(),
  expressMiddleware(apollo, { context: async () => ({ loaders: new Loaders() }) }),
);
const server = createServer(app);
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
