import { createServer } from 'node:net';
import { GATEWAY_SETTINGS } from '../../config/gateway.js';
import { readSettings } from '../../config/setting.js';
import { KuramoriError } from '../../kernel/errors.js';

/**
 * The TCP port the gateway will listen on, tried out first: filling the database takes a while, and is not to be in
 * vain.
 * @throws KuramoriError CONFIGURATION_INVALID when KURAMORI_HOST or KURAMORI_PORT is malformed or cannot be listened on
 */
export async function gatewayPort(environment: NodeJS.ProcessEnv): Promise<number> {
  const { host, port } = readSettings(
    { host: GATEWAY_SETTINGS.host, port: GATEWAY_SETTINGS.port },
    { KURAMORI_HOST: environment['KURAMORI_HOST'], KURAMORI_PORT: environment['KURAMORI_PORT'] },
  );
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) => reject(cannotListen(cause)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
  return port;
}

function cannotListen(cause: NodeJS.ErrnoException): KuramoriError {
  const sentence =
    cause.code === 'EADDRINUSE'
      ? 'The port is in use by another program. Stop that, or set KURAMORI_PORT to a free port.'
      : 'This account cannot listen on the address. Set KURAMORI_HOST to an address of this machine and ' +
        'KURAMORI_PORT to a port above 1023.';
  return new KuramoriError('CONFIGURATION_INVALID', sentence, {}, { cause });
}
