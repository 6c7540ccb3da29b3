import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import type { RegistrationAct } from '../../../src/client/index.js';
import { listenForAdministration } from '../../../src/vault/http/admin.js';
import { callAdministration, uploadToAdministration } from '../../../src/vault/http/adminClient.js';
import type { ChunkOutcome } from '../../../src/vault/registration/outcome.js';
import { registrationAdministration } from '../../../src/vault/registration/administration.js';
import { temporaryFolder } from '../keys/support/vault.js';
import type { TestService } from '../operation/support/vault.js';
import { afterwards } from '../../support/afterwards.js';

/** A file of registration in chunks, and what is asked for it. */
export function fileOf(chunks: readonly string[], count: number): RegistrationAct {
  const fileDigest = `sha256:${createHash('sha256').update(chunks.join('')).digest('hex')}`;
  return { op: 'register', said: { fileDigest, count, reason: '番号法施行に伴う一括登録' } };
}

/** The administrative socket of a vault in service. */
export async function openSocket(vault: TestService) {
  const socket = join(temporaryFolder(), 'run', 'vault.sock');
  const { handlers, uploads } = registrationAdministration(
    vault.context,
    () => void vault.context.seal.keyRing,
  );
  const listener = await listenForAdministration(socket, handlers, pino({ level: 'silent' }), uploads);
  afterwards(() => listener.close());
  const ask = (step: string, input: Record<string, unknown>) =>
    callAdministration(socket, `register.${step}`, input, 'hanako') as Promise<never>;
  const send = (step: string, query: Record<string, string>, chunk: string) =>
    uploadToAdministration(
      socket,
      `register.${step}`,
      query,
      Buffer.from(chunk),
      'hanako',
    ) as Promise<ChunkOutcome>;
  /** Begins, and shows the vault the file. @returns the job */
  const begun = async (personId: string, approvalId: string, chunks: readonly string[]): Promise<string> => {
    const { job } = await ask('begin', { personId, approvalId });
    for (const chunk of chunks) await send('read', { job }, chunk);
    return job;
  };
  const registered = async (job: string, chunks: readonly string[]): Promise<readonly ChunkOutcome[]> => {
    await ask('approve', { job });
    const outcomes: ChunkOutcome[] = [];
    for (const [at, chunk] of chunks.entries())
      outcomes.push(await send('chunk', { job, index: String(at) }, chunk));
    return outcomes;
  };
  return { socket, ask, send, begun, registered };
}
