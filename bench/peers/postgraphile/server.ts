import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postgraphile } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/node';
import { announce } from '../shared/serving.js';
import { preset } from './preset.js';

/** PostGraphile over its own server for Node. */
const serv = postgraphile(preset).createServ(grafserv);
const server = createServer();
await serv.addTo(server);
await serv.ready();
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
