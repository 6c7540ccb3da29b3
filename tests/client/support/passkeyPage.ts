/**
 * What a front end does with an authenticator, run in a browser by tests/client/passkeyBrowser.test.ts beside the built
 * client. It says nothing to the test but by what it posts.
 */
import {
  newTerminalPasskey,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
  type Anchor,
  type OperationContext,
  type SignedOperation,
} from '../../../src/client/index.js';

/** What the page is given. */
export interface Given {
  readonly context: Omit<OperationContext, 'credentialId'>;
  readonly rpId: string;
  readonly number: string;
  readonly totp: string;
  readonly anchor: Anchor;
  /** The list of the vault's keys. */
  readonly signed: string;
}

/** What the vault answers. */
export interface Told {
  readonly outcome: string;
  readonly code?: string | undefined;
  readonly result: Readonly<Record<string, unknown>>;
}

/** What came of it. */
export interface Report {
  readonly agent: string;
  readonly opened: string;
  readonly again: Told;
  readonly elsewhere: string;
}

async function post<Answer>(path: string, value: unknown): Promise<Answer> {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(value) });
  return (await answer.json()) as Answer;
}

const operate = ({ assertion, body }: SignedOperation) => post<Told>('/operate', { assertion, body });

async function run(): Promise<Report> {
  const { context: said, rpId, number, totp, anchor, signed } = await post<Given>('/given', null);
  const { municipality, personId } = said;
  const vaultKeys = await verifyPublishedKeys(signed, anchor, { municipality });
  const holder = { rpId, rpName: 'みほん市', personId, displayName: '城島　涼' };
  const { passkey, authenticatorData } = await newTerminalPasskey(holder);
  const { credentialId } = await post<{ credentialId: string }>('/enrol', { authenticatorData });
  const context = { ...said, credentialId };

  const registered = await operate(await registerRequest(passkey, { ...context, number, vaultKeys }));
  const ref = registered.result['ref'] as string;
  const stepped = await operate(await stepUpRequest(passkey, { ...context, totp, vaultKeys }));
  const stepUp = stepped.result['stepUp'] as string;
  const reveal = await revealRequest(passkey, { ...context, ref, stepUp, anchor });
  const shown = await operate(reveal);
  const foreign = newTerminalPasskey({ ...holder, rpId: 'example.org' });
  return {
    agent: navigator.userAgent,
    opened: await reveal.open(shown.result['individualNumber'] as string),
    again: await operate(reveal),
    elsewhere: await foreign.then(
      () => 'made',
      (error: { code: string }) => error.code,
    ),
  };
}

await post('/report', await run().catch((error: unknown) => ({ error: (error as Error).stack })));
