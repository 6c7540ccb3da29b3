import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An OpenID provider that runs as a process of its own on the loopback address. */
export interface RunningProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}

/** Starts it for one client that comes back to the address. */
export async function startProvider(redirectUri: string): Promise<RunningProvider> {
  const child = spawn(process.execPath, ['tests/access/support/provider.mjs', redirectUri], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const port = /^ready (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    return {
      issuer: `http://127.0.0.1:${port}`,
      stop: async () => {
        child.kill();
        await once(child, 'exit');
      },
    };
  }
  throw new Error('The provider did not start.');
}

/** A browser that follows the provider's redirects with its cookies until it is sent to another address. */
export async function walk(start: string, who: string): Promise<string> {
  const jar = new Map([['who', who]]);
  let location = start;
  const { origin } = new URL(start);
  for (let hop = 0; hop < 12; hop++) {
    if (!location.startsWith(origin)) return location;
    const answer = await fetch(location, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      jar.set(name, value);
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`The provider stopped with status ${answer.status}.`);
    location = new URL(next, location).href;
  }
  throw new Error('The provider redirects without end.');
}
